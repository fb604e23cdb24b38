//! Prometheus' and Alertmanager's own programs, and files for `promtool test rules`.

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use galactl::galera::monitoring::Target;
use serde::{Deserialize, Serialize};
use serde_yaml::Value;

/// Where `make tools` puts them.
const TOOLS: &str = "/var/cache/galactl-tools";
/// Seconds between two samples.
const INTERVAL: u64 = 15;
/// Seconds, from which on a test is a long one.
const LONG: u64 = 1800;

/// Series by their names, with what they hold.
pub type Series = BTreeMap<String, Option<Values>>;

/// `4`, `0+750`, or samples as promtool has them: `1+0x8 0+0x100`.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Values {
    Whole(i64),
    Float(f64),
    Text(String),
}

#[derive(Serialize)]
struct TestFile {
    rule_files: [PathBuf; 1],
    evaluation_interval: String,
    tests: Vec<Test>,
}

#[derive(Serialize)]
pub struct Test {
    interval: String,
    input_series: Vec<Input>,
    alert_rule_test: Vec<Expected>,
}

#[derive(Serialize)]
struct Input {
    series: String,
    values: String,
}

#[derive(Serialize)]
pub struct Expected {
    pub eval_time: String,
    pub alertname: String,
    pub exp_alerts: Vec<Value>,
}

impl Values {
    fn samples(&self, count: u64) -> String {
        match self {
            Self::Whole(value) => format!("{value}+0x{count}"),
            Self::Float(value) => format!("{value}+0x{count}"),
            Self::Text(text) if text.contains(['x', ' ', '_']) => text.clone(),
            Self::Text(text) if text.contains(['+', '-']) => format!("{text}x{count}"),
            Self::Text(text) => format!("{text}+0x{count}"),
        }
    }
}

/// The series of one target, with the labels that Prometheus gives them.
pub fn of_target<'a>(
    target: &Target,
    series: impl IntoIterator<Item = (&'a String, &'a Values)>,
    until: u64,
) -> Vec<(String, String)> {
    let own = format!(
        "cluster=\"shop\",instance=\"{}\",job=\"{}\",node=\"{}\"",
        target.address,
        target.job.name(),
        target.node
    );
    let named = |(name, values): (&String, &Values)| {
        let name = match name.split_once('{') {
            Some((metric, labels)) => format!("{metric}{{{own},{labels}"),
            None => format!("{name}{{{own}}}"),
        };
        (name, values.samples(until / INTERVAL + 1))
    };
    series.into_iter().map(named).collect()
}

pub fn test(series: Vec<(String, String)>, expected: Vec<Expected>) -> Test {
    let input = |(series, values)| Input { series, values };
    Test {
        interval: format!("{INTERVAL}s"),
        input_series: series.into_iter().map(input).collect(),
        alert_rule_test: expected,
    }
}

/// Writes a file of tests of these rules. In long ones, rules are evaluated once a minute: that costs a quarter.
pub fn write_tests(path: &Path, rules: &Path, tests: Vec<Test>) {
    let ends = tests.iter().flat_map(|test| &test.alert_rule_test).map(|it| seconds(&it.eval_time));
    let interval = if ends.max().unwrap_or_default() > LONG { 60 } else { INTERVAL };
    let evaluation_interval = format!("{interval}s");
    let file = TestFile { rule_files: [rules.to_owned()], evaluation_interval, tests };
    std::fs::write(path, serde_yaml::to_string(&file).unwrap()).unwrap();
}

/// Seconds of `90s`, `10m`.
pub fn seconds(span: &str) -> u64 {
    let (number, unit) = span.split_at(span.len() - 1);
    let number: u64 = number.parse().unwrap_or_else(|_| panic!("{span}"));
    match unit {
        "s" => number,
        "m" => number * 60,
        _ => panic!("{span}: s or m"),
    }
}

/// Where `make tools` has put them.
pub fn tools() -> PathBuf {
    env::var_os("TOOLS").map_or_else(|| PathBuf::from(TOOLS), PathBuf::from)
}

/// One of the programs; fails with what to type where it is not there.
pub fn program(name: &str) -> Command {
    let path = env::var_os("PATH").unwrap_or_default();
    let found =
        [tools().join("bin")].into_iter().chain(env::split_paths(&path)).map(|folder| folder.join(name));
    let found = found.into_iter().find(|file| file.is_file());
    Command::new(
        found.unwrap_or_else(|| {
            panic!("{name} is neither in PATH nor where `make tools` puts it: make tools")
        }),
    )
}

/// Runs it, and gives what it printed when it is content.
pub fn content(mut command: Command) -> String {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}\n{said}");
    said.into_owned()
}
