//! A node dies while another one joins, and both members are written to.

use std::collections::BTreeSet;

use super::{Writer, assert_equal, hosts, open_shop, release, sql};
use crate::lab::{Lab, until};
use crate::run::Inventory;

const NODES: [&str; 3] = ["pg1", "pg2", "pg3"];
const MEMBERS: [&str; 2] = ["pg1", "pg2"];
const ADD: [&str; 3] = ["add-node", "pg3", "--yes"];

/// What dies.
enum Victim {
    /// The program that copies, on the joiner.
    Copy,
    /// A node's server.
    Server(&'static str),
    /// The joiner's host, which comes back at once: galactl waits for a host for a minute.
    Power,
}

/// As which step of the join, and who. pg1 is the one that is copied. During the copy, it is known to run.
const MOMENTS: [(&str, Victim); 8] = [
    ("copy", Victim::Copy),
    ("copy", Victim::Server("pg1")),
    ("copy", Victim::Server("pg2")),
    ("copy", Victim::Power),
    ("follow", Victim::Server("pg1")),
    ("feed", Victim::Server("pg3")),
    ("feed", Victim::Server("pg2")),
    ("admit", Victim::Power),
];

/// A copy takes some seconds on any machine.
const SLOW_COPY: &str = r#"cd /usr/lib/postgresql/*/bin
mv pg_basebackup pg_basebackup.own
printf '#!/bin/sh\nexec "$0.own" --max-rate=4096 "$@"\n' > pg_basebackup
chmod 755 pg_basebackup"#;

const QUICK_COPY: &str =
    "cd /usr/lib/postgresql/*/bin; [ ! -e pg_basebackup.own ] || mv pg_basebackup.own pg_basebackup";

impl Victim {
    fn dies(&self, lab: &Lab) {
        match self {
            Self::Copy => drop(lab.on("pg3", "pkill -KILL pg_basebackup")),
            Self::Server(node) => lab.fault("crash", node),
            Self::Power => {
                lab.fault("poweroff", "pg3");
                lab.fault("poweron", "pg3");
            }
        }
    }

    /// The command says what is to be done first, and that is done.
    fn comes_back(&self, lab: &Lab, inventory: &Inventory<'_>) {
        match self {
            Self::Copy | Self::Server("pg3") | Self::Power => {}
            Self::Server(node) => {
                let refused = format!("refused[not-running] {node}");
                inventory.galactl(&ADD).expect_code(3).says(&[&refused, "systemctl start postgresql@"]);
                lab.on(node, "systemctl start postgresql@$(ls /etc/postgresql)-main");
            }
        }
    }
}

/// The program that an earlier run began is gone, and its files go before the next one begins.
fn copy_runs(lab: &Lab) {
    let begun = "pgrep pg_basebackup && ls /var/lib/postgresql/*/main.copy/backup_label";
    until("data comes to the copy", || lab.try_on("pg3", begun).0);
}

/// Each run is also the one that goes on after the moment before.
#[test]
#[ignore = "boots real hosts"]
fn whoever_dies_in_a_join_it_is_made_by_what_galactl_says() {
    let lab = hosts("t-mesh-dies", &release("trixie"), &NODES);
    open_shop(&lab, "pg1");
    let of = |nodes: &[&str]| {
        let mut inventory = Inventory::of_mesh(&lab, nodes);
        inventory.rest = "databases: [{name: shop, except: [public.carts]}]".into();
        inventory
    };
    of(&MEMBERS).bootstrap();
    lab.on("pg3", SLOW_COPY);
    let inventory = of(&NODES);
    let write = || MEMBERS.map(|node| Writer::start(&lab, node, false));
    let (mut writers, mut acknowledged) = (Vec::from(write()), BTreeSet::new());
    for (step, victim) in &MOMENTS {
        let at = format!("-> pg3/mesh/{step}");
        let ran = match *step {
            "copy" => inventory.galactl_at(&ADD, &at, || {
                copy_runs(&lab);
                victim.dies(&lab);
            }),
            _ => {
                lab.on("pg3", QUICK_COPY);
                inventory.galactl_held(&ADD, &at, || victim.dies(&lab))
            }
        };
        println!("{step}: {} {}", ran.code, ran.stderr);
        assert_ne!(ran.code, 0, "{step}");
        ran.says(&["same command"]);
        victim.comes_back(&lab, &inventory);
        // A server that was killed has ended its client.
        acknowledged.extend(writers.drain(..).flat_map(Writer::stop));
        writers.extend(write());
    }
    inventory.galactl(&ADD).expect_code(0);
    acknowledged.extend(writers.into_iter().flat_map(Writer::stop));
    println!("{} acknowledged rows", acknowledged.len());
    inventory.settles();
    assert_equal(&lab, &NODES, &acknowledged);
    inventory.galactl(&["compare"]).expect_code(0);
    for node in NODES {
        assert_eq!(sql(&lab, node, "SELECT count(*) FROM pg_replication_slots"), "2", "{node}");
    }
}
