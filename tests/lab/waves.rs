//! Several nodes that join at once, each from a donor of its own.

use std::collections::BTreeSet;

use crate::lab::Lab;
use crate::outage::{TABLE, Writer};
use crate::run::Inventory;

/// Joiner and donor of every state transfer that the cluster has agreed on, as a member logs them.
fn transfers(lab: &Lab) -> Vec<(String, String)> {
    let said = lab.on(
        "db1",
        "journalctl -u mariadb -o cat | sed -n 's/.*Member [^(]*(\\([^)]*\\)) requested state transfer.*Selected [^(]*(\\([^)]*\\))(SYNCED) as donor.*/\\1 \\2/p'",
    );
    said.lines().filter_map(|line| line.split_once(' ')).map(|(a, b)| (a.into(), b.into())).collect()
}

/// A node of the second site.
const SECOND: &str = "    segment: 1\n";

/// Kills the joiner's server once it has a donor.
fn cut_down(lab: &Lab, host: &str) {
    lab.on(
        host,
        "until journalctl -u mariadb -o cat | grep -q 'Requesting state transfer: success'; do sleep 0.1; done; systemctl kill -s KILL mariadb",
    );
}

#[test]
#[ignore = "boots real hosts"]
fn two_sites_grow_in_waves_and_a_joiner_that_fails_takes_nobody_along() {
    let lab = Lab::up("t-waves", &["db1", "db2", "db3", "db4", "db5", "db6", "db7"]);
    let mut inventory = Inventory::of(&lab, &["db1", "db2", "db3", "db4"]);
    inventory.rest = "join: waves".into();
    for site in [1, 3] {
        inventory.nodes[site].1 = SECOND.into();
    }
    let ran = inventory.bootstrap();
    // Several lines come between the beginnings of two joins, unless they begin together.
    let began = |text: &str| {
        text.lines()
            .filter(|line| line.contains("Z == ") || line.contains("Z -> "))
            .map(str::to_owned)
            .collect()
    };
    let lines: Vec<String> = began(&ran.stderr);
    let at = lines.iter().position(|line| line.ends_with("== Join, wave 2 of 2")).expect("a second wave");
    assert!(lines[at + 1].contains("/join") && lines[at + 2].contains("/join"), "{lines:?}");
    let pair = |joiner: &str, donor: &str| (joiner.to_owned(), donor.to_owned());
    let mut first = transfers(&lab);
    first.sort();
    assert_eq!(first, [pair("db2", "db1"), pair("db3", "db1"), pair("db4", "db2")]);

    // Three donors of four: the fourth member is there for clients.
    lab.sql("db1", TABLE);
    let mut writer = Writer::start(&lab, "db1", 1000);
    for (name, site) in [("db5", ""), ("db6", SECOND), ("db7", "")] {
        inventory.nodes.push((name.into(), site.into()));
    }
    let add = ["add-node", "db5", "db6", "db7", "--yes"];
    inventory.galactl_at(&add, "-> db7/join", || cut_down(&lab, "db7")).expect_code(1).says(&[
        "== Join, wave 1 of 1",
        "ok db5/join",
        "ok db6/join",
        "FAILED db7/join",
        "stopped at db7/join",
        "left: not cut off, and done with this stage: db5, db6",
        "left: not begun: Verify",
    ]);
    let wave = transfers(&lab).split_off(first.len());
    let joined: BTreeSet<_> = wave.iter().map(|(joiner, _)| joiner.as_str()).collect();
    assert_eq!(joined, BTreeSet::from(["db5", "db6", "db7"]), "{wave:?}");
    let donors: BTreeSet<_> = wave.iter().map(|(_, donor)| donor.as_str()).collect();
    assert_eq!(donors.len(), 3, "{wave:?}");
    assert!(donors.contains("db1") && donors.contains("db3"), "{wave:?}");
    for host in ["db5", "db6"] {
        assert!(lab.sql(host, "SHOW STATUS LIKE 'wsrep_local_state_comment'").ends_with("Synced"), "{host}");
    }
    assert_eq!(lab.on("db7", "systemctl is-active mariadb || true"), "inactive");

    inventory.galactl(&add).expect_code(0).says(&["ok db7/join"]);
    assert!(writer.is_writing(), "a commit failed while nodes joined");
    lab.on("db1", "kill $(pgrep -x mariadb)");
    let acknowledged = writer.acknowledged("db1");
    assert!(!acknowledged.is_empty());
    inventory.assert_whole();
    for (host, _) in &inventory.nodes {
        let rows = lab.sql(host, "SELECT id, word FROM shop.t");
        let rows: BTreeSet<&str> = rows.lines().collect();
        let lost = acknowledged.iter().filter(|row| !rows.contains(row.as_str())).count();
        assert_eq!(lost, 0, "of {} rows on {host}", acknowledged.len());
    }
}
