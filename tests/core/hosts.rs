//! A host is not a member: several members of an inventory may stand on one host.

use galactl::galera::observation::Observation;
use galactl::galera::{garbd, inventory};
use galactl::kernel::facts::{Fingerprint, Report, Seen};
use galactl::kernel::inventory::{Entry, Hosts, Member, SshFiles, SshTarget, settle_on_hosts};
use galactl::kernel::model::{Address, HostName, NodeName};
use galactl::kernel::plan::{HostAction, Step};

use crate::support::{arbitrator_host, fresh};

fn login(address: &str, port: Option<u16>, jump: Option<&str>) -> SshTarget {
    let address = address.parse().unwrap();
    SshTarget { address, user: "root".into(), port, key: None, jump: jump.map(str::to_owned), sudo: false }
}

/// An entry of an inventory, in any role.
struct Listed {
    name: NodeName,
    host: HostName,
    role: &'static str,
    ssh: SshTarget,
}

impl Member for Listed {
    fn name(&self) -> &NodeName {
        &self.name
    }

    fn host(&self) -> &HostName {
        &self.host
    }

    fn role(&self) -> &'static str {
        self.role
    }
}

impl Entry for Listed {
    fn address(&self) -> &Address {
        &self.ssh.address
    }

    fn ssh(&self) -> &SshTarget {
        &self.ssh
    }

    fn stand_on(&mut self, host: HostName) {
        self.host = host;
    }
}

fn entry(name: &str, role: &'static str, ssh: SshTarget) -> Listed {
    Listed { name: name.parse().unwrap(), host: "unknown".parse().unwrap(), role, ssh }
}

/// As an inventory does it.
fn settled<const N: usize>(mut entries: [Listed; N]) -> [Listed; N] {
    settle_on_hosts(entries.iter_mut().map(|it| it as &mut dyn Entry));
    entries
}

/// `db1` and `arb1` on one host, `db2` on another one.
fn three_on_two() -> Hosts {
    let (here, there) = (login("10.0.0.11", None, None), login("10.0.0.12", None, None));
    let entries = settled([
        entry("db1", inventory::ROLE, here.clone()),
        entry("db2", inventory::ROLE, there),
        entry("arb1", garbd::ROLE, here),
    ]);
    Hosts::new(SshFiles::default(), entries.iter().map(|it| it as &dyn Entry))
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
    let entries = [
        ("db1", None, None),
        ("exporter", None, None),
        ("other-port", Some(2222), None),
        ("other-jump", None, Some("gate")),
    ];
    let entries =
        settled(entries.map(|(name, port, jump)| entry(name, "any", login("10.0.0.11", port, jump))));
    let hosts: Vec<_> = entries.iter().map(|it| it.host.as_str()).collect();
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
    let here = || login("10.0.0.11", None, None);
    let entries = settled([entry("db1", inventory::ROLE, here()), entry("arb1", garbd::ROLE, here())]);
    let steps = entries.each_ref().map(|it| Step::new(it, enable(), "why"));
    assert_eq!(steps.map(|step: Step<HostAction>| step.id), ["db1/galera/enable", "db1/garbd/enable"]);
}
