//! How long a plan takes without any host, and how that grows with the number of nodes.

#![allow(clippy::print_stdout, reason = "a benchmark prints its result")]
#![allow(clippy::cast_precision_loss, reason = "shown with one decimal")]

use std::time::{Duration, Instant};

use galactl::galera::config::Renderer;
use galactl::galera::inventory;
use galactl::galera::plan;
use galactl::kernel::plan as kernel_plan;

const ROUNDS: usize = 7;

fn main() {
    println!("## Planning without hosts\n");
    println!(
        "`plan --offline`, from the inventory's text to the plan as text and JSON. Target: 1,000 nodes under 1 s, linear.\n"
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
    let renderer = Renderer::new(None).expect("the built-in template");
    let plan = plan::bootstrap_offline(&inventory, &renderer).expect("a plan");
    let shown = kernel_plan::text(&plan).len() + serde_json::to_string(&plan).expect("JSON").len();
    assert!(shown > 0 && plan.steps().count() > inventory.nodes.len());
    started.elapsed()
}

fn inventory_text(nodes: i32) -> String {
    let nodes: Vec<_> = (0..nodes)
        .map(|n| {
            format!("  - name: db{n}\n    address: 10.{}.{}.{}\n", n / 62500, n / 250 % 250, n % 250 + 1)
        })
        .collect();
    format!("version: 1\ncluster:\n  name: large\nnodes:\n{}", nodes.concat())
}
