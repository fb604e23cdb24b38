//! The inventory of a mesh.
//!
//! bytes → `document` (YAML with places) → `sections` (shapes, `raw`) → `resolve` (defaults applied, every value valid
//! by type) → `lint` (what is legal but unwise).

mod lint;
mod merges;
mod note_codes;
mod one_host;
mod raw;
mod resolve;
mod sections;
pub mod settings;

use std::collections::BTreeSet;

use super::model::{DatabaseName, Merge, Method, Pattern, Strategy};
use crate::kernel::inventory::document::Document;
use crate::kernel::inventory::entries::{self, listed};
use crate::kernel::inventory::note::{self, Note};
use crate::kernel::inventory::{
    Entry, Hosts, RawEntry, Settings, SshFiles, SshTarget, engine, entry, parsing,
};
use crate::kernel::lint::Acceptance;
use crate::kernel::model::{Address, ClusterName, HostName, NodeName, SecretRef};
use crate::postgresql::{Major, Network};

pub use note_codes::NOTE_CODES;
pub use one_host::Role;

/// What an inventory calls the engine.
pub const ENGINE: &str = "postgresql-mesh";
/// The name of a node's role, in ids of steps and fingerprints.
pub const ROLE: &str = "mesh";

/// An entry with its role, and where it stands in the inventory: `nodes[2]`.
pub type Listed<'a> = entries::Listed<'a, Role>;

/// A mesh as its inventory describes it, with every default applied.
#[derive(Debug, Clone)]
pub struct Inventory {
    pub cluster: ClusterName,
    /// Packages that are missing are to be installed.
    pub install: bool,
    /// The node whose data become those of all; one of `nodes`.
    pub seed: NodeName,
    pub method: Method,
    pub ssh: SshFiles,
    /// `None`: what the hosts' Debian release has.
    pub version: Option<Major>,
    pub port: u16,
    /// Who may connect as a client, beside those that pg_hba.conf lets in already.
    pub clients: Vec<Network>,
    pub conflicts: Conflicts,
    /// Each node takes every so-many-th number of a sequence.
    pub sequence_step: u16,
    pub mesh_password: SecretRef,
    /// Codes of warnings that are not shown again.
    pub accepted: BTreeSet<String>,
    /// Findings of `lint` that are not shown.
    pub lint_accepts: Vec<Acceptance>,
    /// At least one; names are unique.
    pub databases: Vec<Database>,
    /// At least one; names and addresses unique.
    pub nodes: Vec<Node>,
}

/// What becomes of a row that two nodes change at the same time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflicts {
    pub strategy: Strategy,
    /// The column of the primary key that says whose a row is; `None`: it belongs to nobody.
    pub column: Option<String>,
}

/// A database that all nodes have.
#[derive(Debug, Clone)]
pub struct Database {
    pub name: DatabaseName,
    /// Empty: all tables.
    pub tables: Vec<Pattern>,
    pub except: Vec<Pattern>,
    /// One for each table that is sent, where conflicts are settled so; empty otherwise.
    pub merges: Vec<Merge>,
}

impl Database {
    /// The inventory wants this table on all nodes.
    pub fn has(&self, schema: &str, table: &str) -> bool {
        self.lists(schema, table) && !self.excepts(schema, table)
    }

    /// It is one of those that are to be on all nodes, unless it is left out.
    pub fn lists(&self, schema: &str, table: &str) -> bool {
        self.tables.is_empty() || self.tables.iter().any(|pattern| pattern.fits(schema, table))
    }

    /// It is left out.
    pub fn excepts(&self, schema: &str, table: &str) -> bool {
        self.except.iter().any(|pattern| pattern.fits(schema, table))
    }
}

/// A node.
#[derive(Debug, Clone)]
pub struct Node {
    pub name: NodeName,
    pub address: Address,
    pub host: HostName,
    pub ssh: SshTarget,
    /// Which of its numbers a sequence gives here; `None`: the first that is free.
    pub number: Option<u16>,
    /// The region whose rows are written here.
    pub region: Option<String>,
    pub settings: Settings,
}

entry!(Node, ROLE);

impl Inventory {
    pub fn node(&self, name: &NodeName) -> Option<&Node> {
        self.nodes.iter().find(|node| &node.name == name)
    }

    /// The nodes but this one.
    pub fn others<'a>(&'a self, name: &'a NodeName) -> impl Iterator<Item = &'a Node> {
        self.nodes.iter().filter(move |node| &node.name != name)
    }

    /// The same mesh without these nodes.
    pub fn without(&self, names: &[NodeName]) -> Self {
        let mut rest = self.clone();
        rest.nodes.retain(|node| !names.contains(&node.name));
        if let Some(first) = rest.nodes.first().filter(|_| names.contains(&self.seed)) {
            rest.seed = first.name.clone();
        }
        rest
    }

    pub fn entries(&self) -> Vec<Listed<'_>> {
        listed(raw::RawNode::LIST, Role::Node, &self.nodes)
    }

    pub fn hosts(&self) -> Hosts {
        Hosts::new(self.ssh.clone(), self.nodes.iter().map(|it| it as &dyn Entry))
    }

    /// The owner accepts the warnings of this code: they are not shown.
    pub fn accepts(&self, code: &str) -> bool {
        self.accepted.contains(code)
    }
}

/// Reads an inventory. Errors come all together and located; `Ok` carries warnings and hints.
pub fn parse(bytes: &[u8]) -> Result<(Inventory, Vec<Note>), Vec<Note>> {
    parse_and(bytes, |_| Vec::new())
}

/// [`parse`], with the notes that `more` makes about the values as they are written.
pub fn parse_and(
    bytes: &[u8],
    more: impl FnOnce(&serde_yaml::Value) -> Vec<Note>,
) -> Result<(Inventory, Vec<Note>), Vec<Note>> {
    parsing::parse(bytes, read, |inventory: &Inventory| &inventory.accepted, more)
}

/// Goes on after an error, as long as later errors are not mere consequences of it.
fn read(document: &Document) -> (Option<Inventory>, Vec<Note>) {
    // Whoever leaves the key out reads an inventory of the engine that has none.
    if let Some(note) = engine::check(&document.value, ENGINE, crate::ENGINES) {
        return (None, vec![note]);
    }
    let (raw, mut notes) = sections::read(&document.value);
    let Some(raw) = raw else { return (None, notes) };
    let all_read = notes.is_empty();
    let (inventory, wrong) = resolve::resolve(&raw);
    notes.extend(wrong);
    if let Some(inventory) = inventory.as_ref().filter(|_| all_read) {
        notes.extend(lint::lint(inventory, &raw));
    }
    if note::any_error(&notes) {
        notes.retain(|note| note.severity == note::Severity::Error);
    }
    (inventory, notes)
}

/// The JSON Schema of an inventory, for editors.
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(raw::RawInventory)
}
