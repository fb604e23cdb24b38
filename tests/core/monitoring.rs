//! Rules, targets and routes, judged by Prometheus' and Alertmanager's own programs. Each alert has a file of cases in
//! tests/fixtures/monitoring/alerts: series of a healthy cluster with what is different, and what then fires.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use galactl::galera::inventory::{self, Inventory};
use galactl::galera::monitoring::{
    Alert, Asking, Book, File, Job, alertmanager, alerts, files, rules, target_list, targets,
};
use serde::Deserialize;
use serde_yaml::{Mapping, Value};

use crate::support::promtool::{
    Expected, Series, Test, content, of_target, program, seconds, test, write_tests,
};

/// By job.
type Healthy = BTreeMap<String, Series>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    when: String,
    /// By job and node; `null` takes a series away.
    series: BTreeMap<String, BTreeMap<String, Series>>,
    /// When it is looked at: `10m`.
    at: String,
    /// Labels, and `summary`.
    #[serde(default)]
    fires: Vec<Mapping>,
}

fn fixture(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/monitoring");
    fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn parsed(text: &str) -> Inventory {
    inventory::parse(text.as_bytes()).unwrap_or_else(|notes| panic!("{notes:#?}")).0
}

fn shop() -> Inventory {
    parsed(&fixture("inventory.yaml"))
}

fn cases(alert: &Alert) -> Vec<Case> {
    let name = format!("alerts/{}.yaml", alert.name);
    serde_yaml::from_str(&fixture(&name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The rules of the file, each with its alert's name.
fn ruled(text: &str) -> Vec<(String, Value)> {
    let file: Value = serde_yaml::from_str(text).unwrap();
    let rules = file["groups"][0]["rules"].as_sequence().unwrap();
    rules.iter().map(|rule| (rule["alert"].as_str().unwrap().to_owned(), rule.clone())).collect()
}

/// All series of the healthy cluster with what the case changes.
fn series_of(healthy: &Healthy, case: &Case, inventory: &Inventory) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let mut used = 0;
    for target in target_list(inventory) {
        let mut series = healthy[target.job.name()].clone();
        let changed = case.series.get(target.job.name()).and_then(|nodes| nodes.get(target.node.as_str()));
        used += usize::from(changed.is_some());
        for (name, values) in changed.into_iter().flatten() {
            let was = series.insert(name.clone(), values.clone());
            assert!(values.is_some() || was.is_some(), "{}: {name} is not there anyway", case.when);
        }
        let left = series.iter().filter_map(|(name, values)| Some((name, values.as_ref()?)));
        all.extend(of_target(&target, left, seconds(&case.at)));
    }
    let named: usize = case.series.values().map(BTreeMap::len).sum();
    assert_eq!(used, named, "{}: a node that has no such exporter", case.when);
    all
}

/// What the case wants of promtool: labels that every alert has are filled in.
fn expected(alert: &Alert, case: &Case, inventory: &Inventory) -> Expected {
    let targets = target_list(inventory);
    let wanted = |fires: &Mapping| {
        let mut labels = fires.clone();
        let summary = labels.remove("summary").unwrap_or_else(|| panic!("{}: no summary", case.when));
        labels.insert("cluster".into(), "shop".into());
        let text = |label: &str| labels.get(label).and_then(Value::as_str);
        let target = targets
            .iter()
            .find(|it| text("job") == Some(it.job.name()) && text("node") == Some(it.node.as_str()));
        if let Some(target) = target.filter(|_| !labels.contains_key("instance")) {
            labels.insert("instance".into(), target.address.clone().into());
        }
        labels.retain(|_, value| !value.is_null());
        let mut annotations = Mapping::new();
        annotations.insert("summary".into(), summary);
        annotations.insert("runbook_url".into(), format!("docs/alerts/{}.md", alert.page()).into());
        let mut whole = Mapping::new();
        whole.insert("exp_labels".into(), labels.into());
        whole.insert("exp_annotations".into(), annotations.into());
        Value::from(whole)
    };
    Expected {
        eval_time: case.at.clone(),
        alertname: alert.name.to_owned(),
        exp_alerts: case.fires.iter().map(wanted).collect(),
    }
}

/// One file with the rules of this alert alone, and one with its tests.
fn write_alert(folder: &Path, alert: &Alert, all: &[(String, Value)], tests: Vec<Test>) -> PathBuf {
    let own: Vec<_> = all.iter().filter(|(name, _)| name == alert.name).map(|(_, rule)| rule).collect();
    let rules = folder.join(format!("{}.rules.yml", alert.name));
    let group = serde_yaml::to_string(&own).unwrap().replace('\n', "\n    ");
    fs::write(&rules, format!("groups:\n- name: one\n  rules:\n    {group}\n")).unwrap();
    let path = folder.join(format!("{}.test.yml", alert.name));
    write_tests(&path, &rules, tests);
    path
}

#[test]
fn each_alert_fires_when_it_should_and_is_silent_when_not() {
    let (inventory, folder) = (shop(), tempfile::tempdir().unwrap());
    let healthy: Healthy = serde_yaml::from_str(&fixture("healthy.yaml")).unwrap();
    let all = ruled(&rules(&inventory, &Book::Files));
    let mut promtool = program("promtool");
    promtool.args(["test", "rules"]);
    for alert in alerts() {
        let cases = cases(alert);
        let own = all.iter().filter(|(name, _)| name == alert.name);
        let used: BTreeSet<_> =
            own.flat_map(|(_, rule)| metrics(rule["expr"].as_str().unwrap_or_default())).collect();
        let tests = cases.iter().map(|case| {
            let mut series = series_of(&healthy, case, &inventory);
            series.retain(|(name, _)| used.contains(name.split('{').next().unwrap_or_default()));
            test(series, vec![expected(alert, case, &inventory)])
        });
        promtool.arg(write_alert(folder.path(), alert, &all, tests.collect()));
    }
    content(promtool);
}

#[test]
fn each_level_of_an_alert_has_a_case_and_one_in_which_it_is_silent() {
    for alert in alerts() {
        let cases = cases(alert);
        assert!(cases.iter().any(|case| case.fires.is_empty()), "{} always fires", alert.name);
        for level in alert.levels {
            let severity = level.severity.name();
            let fires = cases.iter().flat_map(|case| &case.fires).any(|it| it["severity"] == *severity);
            assert!(fires, "{} is never {severity}", alert.name);
        }
        let late = |case: &Case| alert.levels.iter().all(|level| seconds(&case.at) > level.seconds);
        assert!(cases.iter().all(late), "{}: a case ends before the alert could fire", alert.name);
    }
}

#[test]
fn nothing_fires_in_a_healthy_cluster_and_no_series_is_missing_there() {
    let (inventory, folder) = (shop(), tempfile::tempdir().unwrap());
    let healthy: Healthy = serde_yaml::from_str(&fixture("healthy.yaml")).unwrap();
    let text = rules(&inventory, &Book::Files);
    let known: BTreeSet<_> =
        healthy.values().flat_map(BTreeMap::keys).map(|name| name.split('{').next().unwrap()).collect();
    for (name, rule) in ruled(&text) {
        let used = metrics(rule["expr"].as_str().unwrap());
        assert!(!used.is_empty() && used.is_subset(&known), "{name}: {used:?}");
    }
    let whole = Case { when: "healthy".into(), series: BTreeMap::new(), at: "70m".into(), fires: vec![] };
    let silent = alerts().map(|alert| expected(alert, &whole, &inventory)).collect();
    let (rules_file, tests) = (folder.path().join("rules.yml"), folder.path().join("test.yml"));
    fs::write(&rules_file, text).unwrap();
    write_tests(&tests, &rules_file, vec![test(series_of(&healthy, &whole, &inventory), silent)]);
    let mut promtool = program("promtool");
    promtool.args(["test", "rules"]).arg(tests);
    content(promtool);
}

/// The names before each `{` of an expression.
fn metrics(expression: &str) -> BTreeSet<&str> {
    let part_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let before = expression.match_indices('{').map(|(at, _)| &expression[..at]);
    before.map(|text| &text[text.rfind(|c| !part_of_name(c)).map_or(0, |at| at + 1)..]).collect()
}

/// Names that MariaDB takes, and that mean something to YAML, PromQL, Go's templates or a shell.
const NAMES: [&str; 5] =
    ["shop", "it's \"a\" #1; \\ $(x)", "{{ .x }}", "größe: [a, *b]", "x\"} or vector(1) #"];

/// Clusters with other names and other members.
fn clusters() -> Vec<Inventory> {
    let few = "nodes:\n  - {name: db1, address: 10.0.0.11}\n";
    let named = NAMES.map(|name| {
        let name = serde_json::to_string(name).unwrap();
        format!("version: 1\ncluster: {{name: {name}}}\naccept: [even-votes]\n{few}")
    });
    let strange = fixture("inventory.yaml") + "host: {datadir: /srv/a.b/d}\n";
    let texts = named.into_iter().chain([fixture("inventory.yaml"), strange]);
    texts.map(|text| parsed(&text)).collect()
}

fn written(folder: &Path, inventory: &Inventory) -> Vec<PathBuf> {
    let write = |file: File| {
        let path = folder.join(file.name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, file.text).unwrap();
        path
    };
    files(inventory, &Book::Files, None).into_iter().map(write).collect()
}

#[test]
fn prometheus_and_alertmanager_take_the_files_of_any_cluster() {
    let folder = tempfile::tempdir().unwrap();
    let (mut check_rules, mut check_config, mut amtool) =
        (program("promtool"), program("promtool"), program("amtool"));
    check_rules.args(["check", "rules"]);
    check_config.args(["check", "config"]);
    amtool.arg("check-config");
    for (at, inventory) in clusters().iter().enumerate() {
        let folder = folder.path().join(at.to_string());
        fs::create_dir(&folder).unwrap();
        let [rules, _, scrape, alertmanager, _, _] = written(&folder, inventory).try_into().unwrap();
        check_rules.arg(rules);
        check_config.arg(scrape);
        amtool.arg(alertmanager);
    }
    content(check_rules);
    let said = content(check_config);
    assert!(!said.contains("WARNING"), "{said}");
    content(amtool);
}

#[test]
fn every_target_stands_in_the_file_once_and_a_host_once() {
    insta::assert_snapshot!("targets", targets(&shop()));
}

#[test]
fn all_files_of_a_cluster() {
    let asking = Asking {
        program: "/usr/bin/galactl".into(),
        inventory: "/etc/galactl/shop.yaml".into(),
        templates: None,
    };
    let book = Book::Published("https://docs.example/galactl/".into());
    let text: Vec<_> = files(&shop(), &book, Some(&asking))
        .into_iter()
        .map(|file| format!("##### {}\n{}", file.name, file.text))
        .collect();
    insta::assert_snapshot!("files", text.join("\n"));
}

#[test]
fn without_haproxy_there_is_no_rule_about_it() {
    let text = fixture("inventory.yaml");
    let (before, _) = text.split_once("proxies:").unwrap();
    let inventory = parsed(&before.replace("endpoint: {writes: single}\n", ""));
    let text = rules(&inventory, &Book::Files);
    assert!(!text.contains("haproxy") && !text.contains("Proxy"), "{text}");
    assert!(target_list(&inventory).iter().all(|target| target.job != Job::Haproxy));
}

#[test]
fn limits_are_those_of_the_inventory() {
    let limits = "thresholds: {flow_control: {warn: 0.2, critical: 0.6}, receive_queue: {warn: 7, critical: 9}, send_queue: {warn: 11, critical: 13}, ist_window: 4711}\n";
    let text = rules(&parsed(&(fixture("inventory.yaml") + limits)), &Book::Files);
    for limit in [">= 0.2", ">= 0.6", ">= 7", ">= 9", ">= 11", ">= 13", "< 4711"] {
        assert!(text.contains(limit), "{limit}\n{text}");
    }
}

#[test]
fn an_inhibition_names_alerts_that_exist() {
    let known: BTreeSet<_> = alerts().map(|alert| alert.name.to_owned()).collect();
    let config: Value = serde_yaml::from_str(&alertmanager(&shop(), None)).unwrap();
    let mut named = 0;
    for rule in config["inhibit_rules"].as_sequence().unwrap() {
        for side in ["source_matchers", "target_matchers"] {
            let matchers = rule[side].as_sequence().unwrap().iter().filter_map(Value::as_str);
            for matcher in matchers.filter(|it| it.starts_with("alertname")) {
                let names = matcher.split('"').nth(1).unwrap().split('|');
                for name in names {
                    assert!(known.contains(name), "{name}");
                    named += 1;
                }
            }
        }
    }
    assert!(named > 10, "{named}");
}

#[test]
fn a_webhook_is_the_receiver() {
    let config: Value =
        serde_yaml::from_str(&alertmanager(&shop(), Some("https://a.example/#x: y"))).unwrap();
    assert_eq!(config["receivers"][0]["webhook_configs"][0]["url"], "https://a.example/#x: y");
}

fn book(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(folder)
}

#[test]
fn each_alert_has_its_page_and_its_cases_and_there_are_no_others() {
    let stems = |folder: PathBuf| -> BTreeSet<String> {
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        files.map(|file| file.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
    };
    let pages: BTreeSet<_> = alerts().map(Alert::page).collect();
    assert_eq!(stems(book("alerts")), pages);
    let names: BTreeSet<_> = alerts().map(|alert| alert.name.to_owned()).collect();
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/monitoring/alerts");
    assert_eq!(stems(cases), names);
}

/// Its name, what it means, and commands of galactl that galactl takes.
#[test]
fn a_page_says_how_to_look_and_what_to_do() {
    for alert in alerts() {
        let text = fs::read_to_string(book("alerts").join(alert.page() + ".md")).unwrap();
        assert!(text.starts_with(&format!("# {}\n", alert.name)), "{}", alert.name);
        let (_, look) = text.split_once("## Look\n").unwrap();
        let (look, todo) = look.split_once("## Do\n").unwrap();
        assert!(look.lines().any(|line| line.starts_with("galactl ")), "{}", alert.name);
        let commands = look.lines().chain(todo.lines()).filter(|line| line.starts_with("galactl "));
        for line in commands {
            let parsed = galactl::cli::command().try_get_matches_from(line.split(' '));
            assert!(parsed.is_ok(), "{}: {line}\n{}", alert.name, parsed.unwrap_err());
        }
    }
}

/// The scenes of tests/lab/alerts_fired write the tables.
#[test]
fn each_level_of_an_alert_has_fired_on_hosts_or_the_page_says_why_not() {
    let page = fs::read_to_string(book("concepts/alerts-fired.md")).unwrap();
    let (tables, others) = page.split_once("## Not made on hosts\n").unwrap();
    for alert in alerts() {
        for level in alert.levels {
            let severity = level.severity.name();
            let has_fired = tables.contains(&format!("| {} | {severity} |", alert.name));
            let has_reason = others.contains(&format!("- {}, {severity}: ", alert.name));
            assert!(has_fired != has_reason, "{}, {severity}: {has_fired} {has_reason}", alert.name);
        }
    }
}
