//! How long a plan takes without any host, and how that grows with the number of nodes.

#![allow(clippy::print_stdout, reason = "a benchmark prints its result")]
#![allow(clippy::cast_precision_loss, reason = "shown with one decimal")]

use std::time::{Duration, Instant};

use galactl::config::Renderer;
use galactl::facts::{Observation, Report, Seen};
use galactl::inventory::{self, Inventory};
use galactl::model::{SecretName, Secrets};
use galactl::plan::{self, Basis};

const REPORT: &str = "@os\n|ID=debian\n|VERSION_ID=12\n@server\n|mariadbd  Ver 10.11.19-MariaDB\n@unit\n|LoadState=loaded\n|ActiveState=inactive\n|UnitFileState=enabled\n@tools\n|mariabackup\n|mbstream\n|socat\n@providers\n|/usr/lib/galera/libgalera_smm.so\n@paths\n|datadir=/var/lib/mysql\n|socket=/run/mysqld/mysqld.sock\n|free=900000000000\n|bytes=1000000\n|initialised=yes\n@directories\n|1000\tmysql\n@end\n";
const ROUNDS: usize = 7;

fn main() {
    println!("## Planning without hosts\n");
    println!(
        "Inventory text → plan → its text and JSON, all nodes fresh. Target: 1,000 nodes under 1 s, linear.\n"
    );
    println!("| nodes | median | per node | against half as many |");
    println!("| --- | --- | --- | --- |");
    let mut before: Option<f64> = None;
    for nodes in [250, 500, 1000, 2000] {
        let seconds = median(nodes).as_secs_f64();
        let growth = before.map_or_else(|| "–".to_owned(), |half| format!("{:.2}×", seconds / half));
        println!(
            "| {nodes} | {:.0} ms | {:.0} µs | {growth} |",
            seconds * 1e3,
            seconds * 1e6 / f64::from(nodes)
        );
        before = Some(seconds);
    }
    println!();
}

fn median(nodes: i32) -> Duration {
    let text = inventory_text(nodes);
    let mut times: Vec<_> = (0..ROUNDS).map(|_| once(&text)).collect();
    times.sort();
    times[ROUNDS / 2]
}

fn once(text: &str) -> Duration {
    let started = Instant::now();
    let (inventory, _) = inventory::parse(text.as_bytes()).expect("a valid inventory");
    let observation = fresh(&inventory);
    let renderer = Renderer::new(None).expect("the built-in template");
    let basis = Basis { inventory: &inventory, observation: &observation, renderer: &renderer };
    let plan = plan::bootstrap(&basis).expect("a plan");
    let shown = plan::text(&plan).len() + serde_json::to_string(&plan).expect("JSON").len();
    assert!(shown > 0 && plan.steps().count() > inventory.nodes.len());
    started.elapsed()
}

fn fresh(inventory: &Inventory) -> Observation {
    let mut secrets = Secrets::default();
    secrets.insert(SecretName::SstPassword, "secret".into());
    let facts = Report::parse(REPORT).and_then(|report| report.facts(&secrets)).expect("facts");
    let seen = inventory.nodes.iter().map(|node| (node.name.clone(), Seen::Facts(Box::new(facts.clone()))));
    Observation { nodes: seen.collect(), ..Observation::default() }
}

fn inventory_text(nodes: i32) -> String {
    let nodes: Vec<_> = (0..nodes)
        .map(|n| {
            format!("  - name: db{n}\n    address: 10.{}.{}.{}\n", n / 62500, n / 250 % 250, n % 250 + 1)
        })
        .collect();
    format!("version: 1\ncluster:\n  name: large\nnodes:\n{}", nodes.concat())
}
