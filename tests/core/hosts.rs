//! A host is not a member: several members of an inventory may stand on one host.

use galactl::galera::observation::Observation;
use galactl::galera::{garbd, inventory};
use galactl::kernel::facts::{Fingerprint, Report, Seen};
use galactl::kernel::inventory::{Hosts, Member, Placement, SshFiles, SshTarget, host_names};
use galactl::kernel::model::{HostName, NodeName};
use galactl::kernel::plan::{HostAction, Step};

use crate::support::{arbitrator_host, fresh};

fn login(address: &str, port: Option<u16>, jump: Option<&str>) -> SshTarget {
    let address = address.parse().unwrap();
    SshTarget { address, user: "root".into(), port, key: None, jump: jump.map(str::to_owned), sudo: false }
}

fn member(name: &str, role: &'static str) -> Placement {
    Placement { member: name.parse().unwrap(), host: "db1".parse().unwrap(), role }
}

/// `db1` and `arb1` on one host, `db2` on another one.
fn three_on_two() -> Hosts {
    let (node, other) = (member("db1", inventory::ROLE), member("arb1", garbd::ROLE));
    let apart = Placement { host: "db2".parse().unwrap(), ..member("db2", inventory::ROLE) };
    let (here, there) = (login("10.0.0.11", None, None), login("10.0.0.12", None, None));
    let members: [(&dyn Member, &SshTarget); 3] = [(&node, &here), (&apart, &there), (&other, &here)];
    Hosts::new(SshFiles::default(), members)
}

fn observation() -> Observation {
    let mut observation = Observation::default();
    observation.nodes.insert("db1".parse().unwrap(), Seen::Facts(Box::new(fresh())));
    observation.arbitrators.insert("arb1".parse().unwrap(), Seen::Facts(Box::new(arbitrator_host())));
    observation
}

/// Of `db1`, the host.
fn fingerprint(observation: &Observation) -> Option<Fingerprint> {
    observation.fingerprint(&three_on_two(), &"db1".parse().unwrap())
}

/// What is connected and locked is each machine of [`Hosts`].
#[test]
fn a_host_with_two_members_is_one_machine() {
    let hosts = three_on_two();
    let machines: Vec<_> = hosts.iter().map(|machine| machine.name.as_str()).collect();
    assert_eq!(machines, ["db1", "db2"]);
    let db1: HostName = "db1".parse().unwrap();
    let members: Vec<_> = hosts.on(&db1).map(|it| (it.member.as_str(), it.role)).collect();
    assert_eq!(members, [("db1", inventory::ROLE), ("arb1", garbd::ROLE)]);
    assert!(members.iter().all(|(member, _)| hosts.of(&member.parse().unwrap()) == Some(&db1)));
}

#[test]
fn one_way_to_log_in_is_one_host() {
    let names = ["db1", "exporter", "other-port", "other-jump"].map(|name| name.parse::<NodeName>().unwrap());
    let ways = [(None, None), (None, None), (Some(2222), None), (None, Some("gate"))];
    let ways = ways.map(|(port, jump)| login("10.0.0.11", port, jump));
    let hosts = host_names(names.iter().zip(&ways));
    let hosts: Vec<_> = hosts.iter().map(HostName::as_str).collect();
    assert_eq!(hosts, ["db1", "db1", "other-port", "other-jump"]);
}

#[test]
fn a_host_has_one_fingerprint_with_the_machine_once() {
    let json = serde_json::to_value(fingerprint(&observation()).unwrap()).unwrap();
    let parts: Vec<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(parts, [inventory::ROLE, garbd::ROLE, "machine"]);
}

#[test]
fn a_host_with_a_member_that_was_not_seen_has_no_fingerprint() {
    let mut observation = observation();
    observation.arbitrators.insert("arb1".parse().unwrap(), Seen::Unreachable("no answer".into()));
    assert_eq!(fingerprint(&observation), None);
}

#[test]
fn what_has_changed_on_a_host_with_two_members_is_said_with_its_role() {
    let before = fingerprint(&observation()).unwrap();
    let mut observation = observation();
    let mut host = arbitrator_host();
    host.unit.active = "active".into();
    observation.arbitrators.insert("arb1".parse().unwrap(), Seen::Facts(Box::new(host)));
    let changed = before.differences(&fingerprint(&observation).unwrap());
    let facts: Vec<_> = changed.iter().map(|difference| difference.fact.as_str()).collect();
    assert_eq!(facts, ["garbd: state", "garbd: unit"]);
}

/// The machine is looked at together with the first member only.
#[test]
fn the_second_look_at_a_host_takes_the_machine_from_the_first() {
    let first = "@machine\n|machine_id=facade\n@unit\n|LoadState=loaded\n@end\n";
    let first = Report::parse(first).unwrap();
    let second = Report::parse("@unit\n|LoadState=masked\n@end\n").unwrap().with_machine_of(&first);
    assert_eq!(second.text("machine"), "machine_id=facade\n");
    assert_eq!(second.text("unit"), "LoadState=masked\n");
}

#[test]
fn the_same_work_for_two_members_of_a_host_has_two_ids() {
    let enable = || HostAction::EnableUnit { unit: "any".parse().unwrap() };
    let steps = [inventory::ROLE, garbd::ROLE].map(|role| Step::new(&member("x", role), enable(), "why"));
    assert_eq!(steps.map(|step: Step<HostAction>| step.id), ["db1/galera/enable", "db1/garbd/enable"]);
}
