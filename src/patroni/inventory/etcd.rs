//! Which machines have a member of etcd, or where somebody else's etcd is.

use std::collections::BTreeSet;

use super::raw::RawEtcd;
use super::{Etcd, EtcdMember, Node};
use crate::kernel::inventory::Values;
use crate::kernel::inventory::note::Note;
use crate::kernel::inventory::text::shown;
use crate::kernel::inventory::wording::suggest;
use crate::kernel::model::Address;
use crate::patroni::model::Endpoint;

/// So many data nodes have etcd where the inventory does not say which: one of three may be lost. The number does not
/// grow with the cluster: each write waits for a majority, and a member that comes or goes is a change to be planned.
const USUAL_MEMBERS: usize = 3;

/// Entries and what is written about etcd. `nodes` and `hosts` are all entries that there are.
pub struct Written<'a> {
    pub section: Option<&'a RawEtcd>,
    pub nodes: &'a [Node],
    pub hosts: &'a [EtcdMember],
}

impl Written<'_> {
    /// Errors are noted in `values`; `None` where there are any.
    pub fn resolve(&self, values: &mut Values) -> Option<Etcd> {
        let none = RawEtcd::default();
        let section = self.section.unwrap_or(&none);
        let before = values.notes.len();
        let etcd = match (&section.members, &section.endpoints) {
            (Some(_), Some(_)) => {
                let message = "`members` and `endpoints` are two ways to say where etcd is";
                values.notes.push(Note::error("etcd", "etcd", message).at_key().hint(
                    "keep `members` for an etcd that galactl sets up, `endpoints` for one that is there",
                ));
                return None;
            }
            (None, Some(endpoints)) => Etcd::Existing(self.existing(endpoints, values)),
            (Some(names), None) => Etcd::Members(self.named(names, values)),
            (None, None) => Etcd::Members(self.usual()),
        };
        let path = match (&section.members, self.hosts) {
            (Some(_), _) => "etcd.members",
            (None, []) => "nodes",
            (None, _) => "etcd_hosts",
        };
        if values.notes.len() == before {
            check(&etcd, path, values);
        }
        (values.notes.len() == before).then_some(etcd)
    }

    fn usual(&self) -> Vec<EtcdMember> {
        if !self.hosts.is_empty() {
            return self.hosts.to_vec();
        }
        let many = if self.nodes.len() < USUAL_MEMBERS { 1 } else { USUAL_MEMBERS };
        self.nodes.iter().take(many).map(member).collect()
    }

    fn named(&self, names: &[String], values: &mut Values) -> Vec<EtcdMember> {
        let all: Vec<_> = self.nodes.iter().map(member).chain(self.hosts.iter().cloned()).collect();
        let known: Vec<_> = all.iter().map(|it| it.name.as_str()).collect();
        let mut members: Vec<EtcdMember> = Vec::new();
        for (index, name) in names.iter().enumerate() {
            let path = format!("etcd.members[{index}]");
            match all.iter().find(|it| it.name.as_str() == name) {
                None => {
                    let message = format!("`{}` is no entry of `nodes` or `etcd_hosts`", shown(name));
                    values.notes.push(Note::error("etcd-member", path, message).hint(suggest(name, &known)));
                }
                Some(found) if members.iter().any(|it| it.name == found.name) => {
                    let message = format!("`{name}` stands here twice");
                    values.notes.push(Note::error("etcd-member", path, message).hint("name it once"));
                }
                Some(found) => members.push(found.clone()),
            }
        }
        for (index, host) in self.hosts.iter().enumerate() {
            if !names.iter().any(|name| host.name.as_str() == name) {
                let message = format!("{} is to have etcd alone, and is none of `etcd.members`", host.name);
                let note = Note::error("etcd-unused", format!("etcd_hosts[{index}].name"), message);
                values.notes.push(note.hint("name it there, or remove the entry"));
            }
        }
        members
    }

    fn existing(&self, written: &[String], values: &mut Values) -> Vec<Endpoint> {
        let mut endpoints = Vec::new();
        let mut seen = BTreeSet::new();
        for (index, text) in written.iter().enumerate() {
            let path = format!("etcd.endpoints[{index}]");
            let Some(endpoint) = values.parse::<Endpoint>(text, &path) else { continue };
            if !seen.insert(endpoint.clone()) {
                let message = format!("{endpoint} stands here twice");
                values.notes.push(Note::error("etcd", path, message).hint("write it once"));
            }
            endpoints.push(endpoint);
        }
        if written.is_empty() {
            let note = Note::error("etcd", "etcd.endpoints", "no endpoint is named");
            values
                .notes
                .push(note.at_key().hint("write one or more, as `[10.0.0.1:2379]`, or remove the line"));
        }
        if !self.hosts.is_empty() {
            let message = "there is an etcd already, and these machines are to have one";
            let note = Note::error("etcd-unused", "etcd_hosts", message);
            values.notes.push(note.at_key().hint("remove `etcd_hosts`, or `etcd.endpoints`"));
        }
        endpoints
    }
}

/// The member of etcd on a data node.
pub fn member(node: &Node) -> EtcdMember {
    EtcdMember {
        name: node.name.clone(),
        address: node.address.clone(),
        host: node.host.clone(),
        ssh: node.ssh.clone(),
    }
}

/// `path`: what names the members.
fn check(etcd: &Etcd, path: &str, values: &mut Values) {
    let Etcd::Members(members) = etcd else { return };
    if members.len().is_multiple_of(2) {
        let message = format!("etcd has {} members, and needs an odd number of them", members.len());
        values.notes.push(Note::error("etcd-members", path, message).at_key().hint(
            "take one away, or add one: with an even number, no more members may fail than with one fewer",
        ));
    }
    for member in members {
        if let Address::Host(name) = &member.address {
            let message = format!(
                "{} has etcd, which listens at IP addresses only, and `{name}` is a name",
                member.name
            );
            let note = Note::error("etcd-address", path, message).at_key();
            values.notes.push(note.hint(format!("write the IP address of {}", member.name)));
        }
    }
}
