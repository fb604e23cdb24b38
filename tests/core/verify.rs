//! One thing out of line gives one finding, and a whole cluster none.

use std::collections::BTreeMap;

use galactl::galera::facts::{ClusterStatus, Live};
use galactl::galera::judge::whole::{Expectation, judge};
use galactl::kernel::model::NodeName;

use crate::support::host::live;
use crate::support::{Component, name, uuid};

fn expected(nodes: usize, most_members: usize) -> Expectation {
    Expectation { cluster: "shop".into(), nodes: (0..nodes).map(name).collect(), most_members }
}

/// A cluster of this many nodes as it should be.
fn whole(nodes: usize) -> BTreeMap<NodeName, Live> {
    let component = Component::of(nodes);
    (0..nodes).map(|index| (name(index), live(name(index).as_str(), &component))).collect()
}

fn findings(views: &BTreeMap<NodeName, Live>) -> Vec<String> {
    judge(&expected(3, 3), views).iter().map(ToString::to_string).collect()
}

/// The findings after one change on one node.
fn after(node: usize, change: impl Fn(&mut Live)) -> Vec<String> {
    let mut views = whole(3);
    change(views.get_mut(&name(node)).unwrap());
    findings(&views)
}

#[test]
fn a_whole_cluster_has_no_findings() {
    for nodes in 1..=7 {
        assert_eq!(judge(&expected(nodes, nodes), &whole(nodes)), []);
    }
}

#[test]
fn each_deviation_gives_its_finding() {
    type Change = fn(&mut Live);
    let table: [(Change, &str); 11] = [
        (|live| live.local_state = "Donor/Desynced".into(), "db2: its state is Donor/Desynced, not Synced"),
        (|live| live.ready = false, "db2: wsrep_ready is OFF"),
        (|live| live.connected = false, "db2: wsrep_connected is OFF"),
        (|live| live.cluster_name = "archive".into(), "db2: its cluster is `archive`"),
        (|live| live.node_name = "db9".into(), "db2: it calls itself `db9`"),
        (|live| live.cluster_size = 2, "db2: wsrep_cluster_size is 2, expected 3"),
        (|live| live.cluster_size = 4, "db2: wsrep_cluster_size is 4, expected 3"),
        (|live| live.state_uuid = Some(uuid(9)), "db2: its state UUID is another one"),
        (|live| live.conf_id = 9, "db2: its view is 9, another one's 3"),
        (
            |live| live.members = vec!["10.0.0.11".into(), "10.0.0.12".into()],
            "db2: its members are 10.0.0.11, 10.0.0.12, another one's 10.0.0.11, 10.0.0.12, 10.0.0.13",
        ),
        (
            |live| live.cluster_status = ClusterStatus::NonPrimary,
            "db2: wsrep_cluster_status is NonPrimary, not Primary",
        ),
    ];
    for (change, finding) in table {
        assert_eq!(after(1, change), [finding]);
    }
}

#[test]
fn a_standalone_server_is_told_as_one() {
    let found = after(2, |live| live.wsrep_on = false);
    assert_eq!(found.first().map(String::as_str), Some("db3: wsrep_on is OFF"));
    assert!(found.iter().all(|line| line.starts_with("db3: ")), "{found:?}");
}

#[test]
fn a_node_without_a_state_uuid_is_found_even_if_it_is_the_first() {
    assert!(after(0, |live| live.state_uuid = None).contains(&"db1: it has no state UUID".to_owned()));
    let mut nobody = whole(3);
    for live in nobody.values_mut() {
        live.state_uuid = None;
    }
    assert_eq!(findings(&nobody).len(), 3);
}

#[test]
fn a_missing_node_is_named() {
    let mut views = whole(3);
    views.remove(&name(0));
    assert_eq!(findings(&views), ["db1: it gives no answer"]);
    assert_eq!(findings(&BTreeMap::new()).len(), 3);
}

#[test]
fn two_primaries_of_one_history_are_two_clusters() {
    // Both were bootstrapped from copies of one data directory: UUID, size and status agree.
    let mut views = whole(2);
    for (index, live) in views.values_mut().enumerate() {
        live.cluster_size = 2;
        live.conf_id = 40 + index as u64;
    }
    let found = judge(&expected(2, 2), &views);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].to_string(), "db2: its view is 41, another one's 40");
}

#[test]
fn two_primaries_with_the_same_view_number_are_told_by_their_members() {
    let mut views = whole(2);
    for (index, live) in views.values_mut().enumerate() {
        live.members = vec![format!("10.0.0.{}", 11 + index), "10.0.0.99".into()];
    }
    assert_eq!(judge(&expected(2, 2), &views).len(), 1);
}

#[test]
fn a_list_of_members_that_is_not_told_proves_nothing() {
    for index in 0..3 {
        let mut views = whole(3);
        views.get_mut(&name(index)).unwrap().members.clear();
        assert_eq!(judge(&expected(3, 3), &views), [], "{index}");
        views.get_mut(&name((index + 1) % 3)).unwrap().members.pop();
        assert_eq!(judge(&expected(3, 3), &views).len(), 1, "{index}");
    }
}

#[test]
fn arbitrators_may_be_there_or_not() {
    for size in [2, 3] {
        let mut views = whole(2);
        for live in views.values_mut() {
            live.cluster_size = size;
        }
        assert_eq!(judge(&expected(2, 3), &views), []);
    }
    let mut views = whole(2);
    for live in views.values_mut() {
        live.cluster_size = 4;
    }
    let found = judge(&expected(2, 3), &views);
    assert_eq!(found[0].to_string(), "db1: wsrep_cluster_size is 4, expected 2 to 3");
}

#[test]
fn findings_come_in_the_order_of_the_expectation() {
    let found = judge(&Expectation { nodes: vec![name(2), name(0)], ..expected(3, 3) }, &BTreeMap::new());
    let order: Vec<_> = found.iter().map(|finding| finding.node.clone().unwrap()).collect();
    assert_eq!(order, [name(2), name(0)]);
}
