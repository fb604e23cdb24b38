//! Several nodes that join at once, each from a donor of its own.

use std::collections::BTreeSet;

use crate::lab::{Lab, until};
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

/// Waits until all of a wave are in the cluster and have a donor, and kills the server of the last one, which
/// receives for ten seconds at least. While another joiner enters, a killed server could disturb the group.
///
/// Returns: the node whose server was killed.
fn kill_the_last(lab: &Lab, before: usize, wave: &[&str]) -> String {
    let entered = || -> Vec<String> {
        let since = transfers(lab).split_off(before).into_iter();
        since.filter_map(|(joiner, _)| joiner.filter(|joiner| wave.contains(&joiner.as_str()))).collect()
    };
    until("all of the wave are in", || wave.iter().all(|node| entered().iter().any(|it| it == node)));
    let last = entered().pop().expect("one of the wave");
    // systemd would start a killed server again, and it would come to the cluster by itself.
    lab.on(
        &last,
        "mkdir -p /run/systemd/system/mariadb.service.d && \
            printf '[Service]\\nRestart=no\\n' > /run/systemd/system/mariadb.service.d/no-restart.conf && \
            systemctl daemon-reload && systemctl kill -s KILL mariadb",
    );
    last
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
    let wave_of_three = ["db5", "db6", "db7"];
    let add = ["add-node", "db5", "db6", "db7", "--yes"];
    let mut killed = String::new();
    let ran = inventory.galactl_at(&add, "== Join, wave 1 of 1", || {
        killed = kill_the_last(&lab, first.len(), &wave_of_three);
    });
    let others: Vec<&str> = wave_of_three.into_iter().filter(|node| *node != killed).collect();
    ran.expect_code(1).says(&[
        "== Join, wave 1 of 1",
        &format!("ok {}/galera/join", others[0]),
        &format!("ok {}/galera/join", others[1]),
        &format!("FAILED {killed}/galera/join"),
        &format!("stopped at {killed}/galera/join"),
        &format!("left: not cut off, and done with this stage: {}", others.join(", ")),
        "left: not begun: Verify",
    ]);
    let wave = transfers(&lab).split_off(first.len());
    let joined: BTreeSet<_> = joins(&wave).iter().map(|(joiner, _)| *joiner).collect();
    // On a busy machine a member may fall out of the group for a moment. It comes back by itself, which looks
    // the same in the logs.
    let by_themselves = joined.iter().filter(|joiner| !wave_of_three.contains(joiner)).count();
    assert_eq!(joined.len() - by_themselves, 3, "{wave:?}");
    assert!((2..=3 + by_themselves).contains(&most_at_once(&wave)), "{wave:?}");
    for host in others {
        assert!(lab.sql(host, "SHOW STATUS LIKE 'wsrep_local_state_comment'").ends_with("Synced"), "{host}");
    }
    until("its unit has stopped", || {
        ["inactive", "failed"].contains(&lab.on(&killed, "systemctl is-active mariadb || true").as_str())
    });

    inventory.galactl(&add).expect_code(0).says(&[&format!("ok {killed}/galera/join")]);
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
