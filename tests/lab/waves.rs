//! Several nodes that join at once, each from a donor of its own.

use std::collections::BTreeSet;

use crate::lab::Lab;
use crate::outage::{TABLE, Writer};
use crate::run::Inventory;

/// What the cluster has agreed on of state transfers, in order, as a member logs it: who joins from
/// whom, and with no joiner whose transfer is over.
fn transfers(lab: &Lab) -> Vec<(Option<String>, String)> {
    let said = lab.on(
        "db1",
        "journalctl -u mariadb -o cat | sed -n \
            -e 's/.*Member [^(]*(\\([^)]*\\)) requested state transfer.*Selected [^(]*(\\([^)]*\\))(SYNCED) as donor.*/\\1 \\2/p' \
            -e 's/.* (\\([^)]*\\)): State transfer to .*/- \\1/p'",
    );
    let pairs = said.lines().filter_map(|line| line.split_once(' '));
    pairs.map(|(joiner, donor)| (Some(joiner.to_owned()).filter(|it| it != "-"), donor.to_owned())).collect()
}

fn joins(transfers: &[(Option<String>, String)]) -> BTreeSet<(&str, &str)> {
    transfers.iter().filter_map(|(joiner, donor)| Some((joiner.as_deref()?, donor.as_str()))).collect()
}

/// How many gave at the same time, at most; nobody to two at once.
fn most_at_once(transfers: &[(Option<String>, String)]) -> usize {
    let (mut giving, mut most) = (BTreeSet::new(), 0);
    for (joiner, donor) in transfers {
        match joiner {
            Some(_) => assert!(giving.insert(donor), "{donor} gives to two: {transfers:?}"),
            None => drop(giving.remove(donor)),
        }
        most = most.max(giving.len());
    }
    most
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
    // Its donor is busy for ten seconds at least.
    inventory.sst = "method: mariabackup";
    inventory.rest = "join: waves".into();
    for site in [1, 3] {
        inventory.nodes[site].1 = SECOND.into();
    }
    let ran = inventory.bootstrap();
    let marks = ran.stderr.lines().filter(|line| line.contains("Z == ") || line.contains("Z -> "));
    let lines: Vec<&str> = marks.collect();
    let at = lines.iter().position(|line| line.ends_with("== Join, wave 2 of 2")).expect("a second wave");
    assert!(lines[at + 1..=at + 2].iter().all(|line| line.contains("/join")), "{lines:?}");
    let first = transfers(&lab);
    assert_eq!(joins(&first), BTreeSet::from([("db2", "db1"), ("db3", "db1"), ("db4", "db2")]));
    assert_eq!(most_at_once(&first), 2, "{first:?}");

    // At most three donors of four: a member is there for clients.
    lab.sql("db1", TABLE);
    let mut writer = Writer::start(&lab, "db1", 1000);
    for (name, site) in [("db5", ""), ("db6", SECOND), ("db7", "")] {
        inventory.nodes.push((name.into(), site.into()));
    }
    let add = ["add-node", "db5", "db6", "db7", "--yes"];
    inventory.galactl_at(&add, "-> db7/galera/join", || cut_down(&lab, "db7")).expect_code(1).says(&[
        "== Join, wave 1 of 1",
        "ok db5/galera/join",
        "ok db6/galera/join",
        "FAILED db7/galera/join",
        "stopped at db7/galera/join",
        "left: not cut off, and done with this stage: db5, db6",
        "left: not begun: Verify",
    ]);
    let wave = transfers(&lab).split_off(first.len());
    let joined: BTreeSet<_> = joins(&wave).iter().map(|(joiner, _)| *joiner).collect();
    // On a busy machine a member may fall out of the group for a moment. It comes back by itself, which looks
    // the same in the logs.
    let by_themselves = joined.iter().filter(|joiner| !["db5", "db6", "db7"].contains(joiner)).count();
    assert_eq!(joined.len() - by_themselves, 3, "{wave:?}");
    assert!((2..=3 + by_themselves).contains(&most_at_once(&wave)), "{wave:?}");
    for host in ["db5", "db6"] {
        assert!(lab.sql(host, "SHOW STATUS LIKE 'wsrep_local_state_comment'").ends_with("Synced"), "{host}");
    }
    assert_eq!(lab.on("db7", "systemctl is-active mariadb || true"), "inactive");

    inventory.galactl(&add).expect_code(0).says(&["ok db7/galera/join"]);
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

/// A joiner is in the view and has no donor yet, because the only member gives to another one.
const WAITS: &str = ".. db3/galera/join: in the view, waiting for a donor";

#[test]
#[ignore = "boots real hosts"]
fn joins_overlap_while_a_cluster_is_founded_and_one_that_dies_takes_nobody_along() {
    let hosts = ["db1", "db2", "db3", "db4"];
    let lab = Lab::up("t-founding", &hosts);
    let mut inventory = Inventory::of(&lab, &hosts);
    // The donor sleeps for ten seconds before it sends.
    inventory.sst = "method: mariabackup";
    lab.keep(&hosts);

    let ran = inventory.bootstrap();
    let at = |what: &str| ran.stderr.find(what).unwrap_or_else(|| panic!("{what:?}:\n{}", ran.stderr));
    assert!(at(WAITS) < at("ok db2/galera/join"), "{}", ran.stderr);
    inventory.assert_whole();
    let told = transfers(&lab);
    assert_eq!(joins(&told).iter().map(|(joiner, _)| *joiner).collect::<Vec<_>>(), ["db2", "db3", "db4"]);
    most_at_once(&told);
    assert_eq!(entered(&lab), ["db2", "db3", "db4"]);
    lab.reset(&hosts);

    // The one whose turn it is dies while the others wait for its donor.
    let kill = || drop(lab.on("db2", "systemctl kill -s KILL mariadb"));
    inventory.galactl_at(&["bootstrap", "--yes"], WAITS, kill).expect_code(1).says(&[
        "FAILED db2/galera/join",
        "ok db3/galera/join",
        "ok db4/galera/join",
        "left: not cut off, and done with this stage: db3, db4",
        "left: not begun: Verify",
    ]);
    assert_eq!(lab.on("db2", "systemctl is-active mariadb || true"), "inactive");
    inventory.bootstrap();
    inventory.assert_whole();
    lab.reset(&hosts);

    // What is under way comes to its end, and nobody else is started.
    let ran = inventory.galactl_interrupted(&["bootstrap", "--yes"], ".. db2/galera/join: activating");
    ran.expect_code(130).says(&["ok db2/galera/join", "db4/galera/join", "stopped before it was started"]);
    assert_eq!(lab.on("db4", "systemctl is-active mariadb || true"), "inactive");
    inventory.bootstrap();
    inventory.assert_whole();
}

/// The other nodes in the order in which a member saw them in its views.
fn entered(lab: &Lab) -> Vec<String> {
    let said = lab
        .on("db1", "journalctl -u mariadb -o cat | sed -n 's/^\\t[0-9]*: [0-9a-f-]*, \\(db[0-9]*\\)$/\\1/p'");
    let mut names: Vec<String> = Vec::new();
    for name in said.lines().filter(|name| *name != "db1") {
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names
}
