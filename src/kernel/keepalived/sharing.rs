//! Who shares the address, and what was seen of each.

use super::VirtualAddress;
use super::facts::SharingFacts;
use crate::kernel::model::{Address, HostName, NodeName};

/// A proxy that shares the address.
#[derive(Debug, Clone, Copy)]
pub struct Sharer<'a> {
    pub name: &'a NodeName,
    pub host: &'a HostName,
    pub address: &'a Address,
    /// The program that passes connections on: its unit has this name. Where it does not run, the address goes elsewhere.
    pub program: &'static str,
    /// `None`: its host was not seen, or not asked.
    pub facts: Option<&'a SharingFacts>,
}

/// The address, and all that share it.
#[derive(Debug, Clone)]
pub struct Sharing<'a> {
    pub shared: VirtualAddress,
    /// In the order of the inventory.
    pub all: Vec<Sharer<'a>>,
    /// Missing packages are to be installed.
    pub install: bool,
    /// The command of galactl that sets it up, and puts it right.
    pub set_up: &'static str,
}

impl<'a> Sharing<'a> {
    /// The proxies whose hosts were seen, with their facts about the address.
    pub fn seen(&self) -> impl Iterator<Item = (&Sharer<'a>, &'a SharingFacts)> {
        self.all.iter().filter_map(|sharer| Some((sharer, sharer.facts?)))
    }

    /// Those that have the address now. One does, but for moments.
    pub fn holders(&self) -> Vec<&'a NodeName> {
        self.seen().filter(|(_, facts)| facts.holds).map(|(sharer, _)| sharer.name).collect()
    }
}
