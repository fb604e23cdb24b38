//! What fired while a scene made its faults. The scene notes when each fault began and when it was mended; at the end,
//! Prometheus tells what fired at each second of it.

use std::collections::BTreeSet;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

use crate::lab::{Lab, until_at_last};

/// Seconds after the end of a fault in which it may still make something fire: rates look back for five minutes, and a
/// node that comes back catches up.
const AFTERWARDS: u64 = 360;

/// An alert that a fault makes fire: its name, its severity and its node. The node is empty where the alert is of the
/// whole cluster, and `*` where it is any.
#[derive(Debug, Clone, Copy)]
pub struct Fires(pub &'static str, pub &'static str, pub &'static str);

/// Seconds at which an alert fired, by the clock of this machine. `node` is empty for an alert of the whole cluster.
struct Series {
    name: String,
    severity: String,
    node: String,
    planned: bool,
    seconds: Vec<u64>,
}

impl Fires {
    fn is(self, series: &Series) -> bool {
        self.0 == series.name && self.1 == series.severity && (self.2 == "*" || self.2 == series.node)
    }
}

/// A fault that the scene has made.
struct Fault {
    what: &'static str,
    fires: &'static [Fires],
    /// What it may make fire as well, on its way or on the way back.
    allows: &'static [Fires],
    began: u64,
    mended: Option<u64>,
    ended: Option<u64>,
}

/// Everything from a moment on.
pub struct Log<'a> {
    lab: &'a Lab,
    began: u64,
    faults: Vec<Fault>,
}

/// A fault of a log.
#[derive(Debug, Clone, Copy)]
pub struct Made(usize);

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

impl<'a> Log<'a> {
    pub fn begin(lab: &'a Lab) -> Self {
        Self { lab, began: now(), faults: Vec::new() }
    }

    /// Makes a fault.
    pub fn make(
        &mut self,
        what: &'static str,
        fires: &'static [Fires],
        allows: &'static [Fires],
        make: impl FnOnce(),
    ) -> Made {
        self.faults.push(Fault { what, fires, allows, began: now(), mended: None, ended: None });
        make();
        Made(self.faults.len() - 1)
    }

    /// Waits until all that the fault is to fire does so at the same time.
    #[track_caller]
    pub fn await_firing(&self, fault: Made) {
        let fault = &self.faults[fault.0];
        until_at_last(&format!("{}: {:?} fire", fault.what, fault.fires), || {
            let firing = firing(self.lab);
            fault.fires.iter().all(|it| firing.iter().any(|series| it.is(series)))
        });
        println!("{}: fires", fault.what);
    }

    /// Mends a fault.
    pub fn mend(&mut self, fault: Made, mend: impl FnOnce()) {
        self.faults[fault.0].mended = Some(now());
        mend();
    }

    /// Waits until nothing fires any more that the fault made fire.
    #[track_caller]
    pub fn await_end(&mut self, fault: Made) {
        let fault = &mut self.faults[fault.0];
        until_at_last(&format!("{}: {:?} have ended", fault.what, fault.fires), || {
            !firing(self.lab).iter().any(|series| fault.fires.iter().any(|it| it.is(series)))
        });
        fault.ended = Some(now());
        println!("{}: has ended", fault.what);
    }

    /// A line of the book's table for each alert of each fault.
    pub fn rows(&self) -> String {
        let all = self.history();
        self.faults.iter().flat_map(|fault| fault.rows(&all)).collect()
    }

    /// Nothing has fired that none of the faults can cause.
    #[track_caller]
    pub fn assert_nothing_else(&self) {
        let mut others = BTreeSet::new();
        for series in self.history() {
            let unexpected = |at: &&u64| !self.faults.iter().any(|fault| fault.explains(&series, **at));
            if let Some(at) = series.seconds.iter().find(unexpected) {
                others.insert(format!("{} of {:?} after {} s", series.name, series.node, at - self.began));
            }
        }
        assert!(others.is_empty(), "no fault can cause this: {others:#?}");
    }

    /// Nothing has fired but what planned work may cause, and galactl silences.
    #[track_caller]
    pub fn assert_planned_alone(&self) {
        let others = self.history();
        let others: Vec<_> = others.iter().filter(|it| !it.planned).map(|it| &it.name).collect();
        assert!(others.is_empty(), "fired: {others:?}");
    }

    /// Waits until nothing is about to fire.
    #[track_caller]
    pub fn await_rest(&self) {
        until_at_last("nothing is pending", || ask(self.lab, "instant", "pending").is_empty());
    }

    fn history(&self) -> Vec<Series> {
        let range = format!("range --start={} --end={} --step=1s", self.began, now());
        ask(self.lab, &range, "firing")
    }
}

impl Fault {
    /// One for each alert and severity: from the first node on which it fires to the last one on which it ends.
    fn rows(&self, all: &[Series]) -> Vec<String> {
        let mut kinds: Vec<_> = self.fires.iter().map(|it| (it.0, it.1)).collect();
        kinds.dedup();
        let row = |(number, (name, severity)): (usize, &(&str, &str))| {
            let what = if number == 0 { self.what } else { "" };
            let is = |series: &&Series| series.name == *name && self.fires.iter().any(|it| it.is(series));
            let within = self.began..=self.ended.unwrap_or(u64::MAX);
            let seconds =
                all.iter().filter(is).filter(|it| it.severity == *severity).flat_map(|it| &it.seconds);
            let seconds: Vec<_> = seconds.filter(|at| within.contains(at)).collect();
            let (first, last) = (seconds.iter().min(), seconds.iter().max());
            let fires = first.map(|first| *first - self.began);
            let ends = self.mended.zip(last).map(|(mended, last)| (*last + 1).saturating_sub(mended));
            let [fires, ends] = [fires, ends].map(|it| it.map_or_else(|| "-".into(), |it| it.to_string()));
            format!("| {what} | {name} | {severity} | {fires} | {ends} |\n")
        };
        kinds.iter().enumerate().map(row).collect()
    }

    fn explains(&self, series: &Series, at: u64) -> bool {
        let until = self.ended.map_or(u64::MAX, |ended| ended + AFTERWARDS);
        (self.began..=until).contains(&at) && self.fires.iter().chain(self.allows).any(|it| it.is(series))
    }
}

/// What fires now.
fn firing(lab: &Lab) -> Vec<Series> {
    ask(lab, "instant", "firing")
}

/// The alerts in a state, as Prometheus on mon1 tells it. `how`: promtool's kind of query, and its options.
fn ask(lab: &Lab, how: &str, state: &str) -> Vec<Series> {
    let query =
        format!("promtool query -o json {how} http://127.0.0.1:9090 'ALERTS{{alertstate=\"{state}\"}}'");
    let said = lab.on("mon1", &query);
    let series: Vec<Value> = serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"));
    series.iter().map(read).collect()
}

fn read(series: &Value) -> Series {
    let label = |name: &str| series["metric"][name].as_str().unwrap_or_default().to_owned();
    Series {
        name: label("alertname"),
        severity: label("severity"),
        node: label("node"),
        planned: label("maintenance") == "expected",
        seconds: series["values"].as_array().into_iter().flatten().filter_map(|it| it[0].as_u64()).collect(),
    }
}
