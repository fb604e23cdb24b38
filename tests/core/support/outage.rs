//! Cases of tests/outages: a directory each, with the evidence of every node as raw files.
//!
//! A node's files are what stands on its host under that name (grastate.dat, gvwstate.dat), or the
//! lines of a section that the scripts in src/observe print (start, founding, passed, outside_run, leftovers,
//! databases; unit, paths and variables over what is usual). `recover.log` is what the server printed
//! with `--wsrep-recover`; `no_data` and `trouble` are why it was not run. `unreachable` is instead of
//! all of them.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use galactl::galera::facts::{HostFacts, Recovered};
use galactl::galera::observation::Observation;
use galactl::galera::recovery::{Evidence, Verdict, decide, force};
use galactl::kernel::facts::{Report, Seen};
use galactl::kernel::model::{NodeName, Secrets};
use serde::Deserialize;

use super::cluster::address;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Described {
    /// Where it was seen: another tool's bug, or our own hosts.
    pub source: String,
    pub story: String,
    /// In the inventory's order.
    pub nodes: Vec<NodeName>,
    /// A node that the user names.
    pub seed: Option<NodeName>,
    pub expected: Expected,
    /// Nodes from which a new cluster may be started without loss; none where nothing may be.
    #[serde(default)]
    pub acceptable: Vec<NodeName>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// The outcome and its nodes, such as `start db2`.
    pub verdict: String,
    /// Kinds of doubt, with the node where there is one.
    #[serde(default)]
    pub doubts: Vec<String>,
    /// What becomes of each node, in their order.
    #[serde(default)]
    pub fates: Vec<String>,
}

#[derive(Debug, Clone)]
pub struct Case {
    pub name: String,
    pub told: Described,
    pub observation: Observation,
}

impl Case {
    pub fn verdict(&self) -> Verdict {
        match &self.told.seed {
            Some(seed) => force(&self.evidence(), seed),
            None => decide(&self.evidence()),
        }
    }

    pub fn evidence(&self) -> Evidence<'_> {
        Evidence { order: &self.told.nodes, observation: &self.observation }
    }
}

pub fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outages")
}

/// All cases, by name.
pub fn all() -> Vec<Case> {
    let mut names: Vec<_> =
        fs::read_dir(directory()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    names.iter().map(|name| case(name.to_str().unwrap())).collect()
}

pub fn case(name: &str) -> Case {
    let directory = directory().join(name);
    let text = fs::read_to_string(directory.join("case.yaml")).unwrap_or_else(|why| panic!("{name}: {why}"));
    let told: Described = serde_yaml::from_str(&text).unwrap_or_else(|why| panic!("{name}: {why}"));
    let mut observation = Observation { recovered: Some(BTreeMap::new()), ..Observation::default() };
    for (index, node) in told.nodes.iter().enumerate() {
        let files = Files(directory.join(node.as_str()));
        let (seen, recovered) = files.look(index);
        observation.nodes.insert(node.clone(), seen);
        if let (Some(all), Some(recovered)) = (&mut observation.recovered, recovered) {
            all.insert(node.clone(), recovered);
        }
    }
    Case { name: name.to_owned(), told, observation }
}

/// One node's files.
struct Files(PathBuf);

impl Files {
    fn text(&self, name: &str) -> Option<String> {
        let bytes = fs::read(self.0.join(name)).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn look(&self, index: usize) -> (Seen<HostFacts>, Option<Recovered>) {
        assert!(self.0.is_dir(), "{} is missing", self.0.display());
        if let Some(why) = self.text("unreachable") {
            return (Seen::Unreachable(why.trim().into()), None);
        }
        let report = Report::parse(&self.observed(index)).unwrap();
        let facts = HostFacts::read(&report, &Secrets::default()).unwrap();
        let asked = ["recover.log", "no_data", "trouble"].iter().any(|name| self.0.join(name).exists());
        assert!(asked != facts.server_runs(), "{}: asked {asked}", self.0.display());
        let recovered = asked.then(|| Recovered::read(&Report::parse(&self.recovered()).unwrap()));
        (Seen::Facts(Box::new(facts)), recovered)
    }

    /// As observe.sh prints it.
    fn observed(&self, index: usize) -> String {
        let mut out = String::from("Linux, and a banner\n");
        let mut put = |name: &str, text: &str| section(&mut out, name, text);
        put("os", "ID=debian\nVERSION_ID=\"12\"");
        let at = address(index);
        put("machine", &format!("arch=x86_64\nmachine_id=c0ffee{index}\naddress={at}\nsystemd=252"));
        for name in ["founding", "passed", "start", "outside_run"] {
            self.text(name).inspect(|text| put(name, text));
        }
        put("packages", "galera-4\tinstalled\t26.4.23\nmariadb-server\tinstalled\t1:10.11.19");
        put("server", "mariadbd  Ver 10.11.19-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64");
        let status = self.text("status.tsv");
        let up = status.is_some() || self.text("status.error").is_some();
        let unit = over(if up { RUNS } else { STOPPED }, self.text("unit"));
        put("processes", self.text("processes").as_deref().unwrap_or(if up { "4711" } else { "" }));
        put("unit", &unit);
        put("tools", "mariadb\nmariadbd\nmariabackup\nmbstream\nrsync\nsocat\nss");
        put("providers", "/usr/lib/galera/libgalera_smm.so");
        if let Some(status) = status {
            put("status", &status);
            put("variables", &over(VARIABLES, self.text("variables")));
        }
        self.text("status.error").inspect(|text| put("status_error", text));
        let empty = self.text("no_data").is_some_and(|why| why.contains("no system tables"));
        let paths = if empty { EMPTY } else { FILLED };
        put("paths", &over(paths, self.text("paths")));
        let mut directories = String::from(if empty { "" } else { "4571754\tmysql\n409904\tsys\n" });
        for name in self.text("databases").unwrap_or_default().lines() {
            let _ = writeln!(directories, "8192\t{name}");
        }
        put("directories", &directories);
        put("sst_leftovers", &self.text("leftovers").unwrap_or_default());
        match self.text("grastate.dat") {
            Some(text) if text.is_empty() => put("grastate_empty", "yes"),
            Some(text) => put("grastate", &text),
            None => {}
        }
        self.text("gvwstate.dat").inspect(|text| put("gvwstate", text));
        put("end", "");
        out
    }

    /// As recover.sh prints it.
    fn recovered(&self) -> String {
        let mut out = String::new();
        section(&mut out, "last_write", self.text("last_write").as_deref().unwrap_or("3600"));
        for (file, name) in [("recover.log", "said"), ("no_data", "no_data"), ("trouble", "trouble")] {
            self.text(file).inspect(|text| section(&mut out, name, text));
        }
        section(&mut out, "end", "");
        out
    }
}

const STOPPED: &str = "LoadState=loaded\nActiveState=inactive\nSubState=dead\nUnitFileState=enabled\nResult=success\nNRestarts=0\nMainPID=0";
const RUNS: &str = "LoadState=loaded\nActiveState=active\nSubState=running\nUnitFileState=enabled\nResult=success\nNRestarts=0\nMainPID=4711";
const VARIABLES: &str = "version\t10.11.19-MariaDB-0+deb12u1\nwsrep_cluster_name\tshop\nwsrep_on\tON";
const FILLED: &str = "datadir=/var/lib/mysql\nsocket=/run/mysqld/mysqld.sock\nfree=6242480128\nbytes=119467401\ncache=536872216\ninitialised=yes";
const EMPTY: &str = "datadir=/var/lib/mysql\nsocket=/run/mysqld/mysqld.sock\nfree=6242480128\nbytes=4096";

/// Lines that replace usual ones: the last of a name counts.
fn over(usual: &str, lines: Option<String>) -> String {
    format!("{usual}\n{}", lines.unwrap_or_default())
}

fn section(out: &mut String, name: &str, text: &str) {
    let _ = write!(out, "\n@{name}\n");
    for line in text.lines() {
        let _ = writeln!(out, "|{line}");
    }
}
