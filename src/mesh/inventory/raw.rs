//! The inventory as it is written: shapes only, no defaults and no meaning.
//!
//! The doc comments are the descriptions in `galactl schema`.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::kernel::inventory::raw::{RawSecret, RawSettings, RawSsh, Scalar};
use crate::kernel::inventory::raw_entry;
use crate::kernel::lint::RawLint;
use crate::mesh::model::{Method, Strategy};

/// A galactl inventory: PostgreSQL servers that all take writes, described whole.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "MeshInventory")]
pub struct RawInventory {
    /// The version of this format. Always 1.
    #[schemars(range(min = 1, max = 1))]
    #[expect(dead_code, reason = "told to the schema; checked before the rest is read")]
    pub version: u32,
    /// What runs on the hosts: `postgresql-mesh`, which is PostgreSQL with logical replication between all nodes.
    #[schemars(with = "Engine")]
    #[expect(dead_code, reason = "told to the schema; checked before the rest is read")]
    pub engine: (),
    pub cluster: RawCluster,
    /// What carries the changes: `pglogical` or `native`. `spock` and `bdr` are rendered, and never run. Default:
    /// `pglogical`.
    pub method: Option<Method>,
    /// How to reach the hosts. Each entry can override it.
    pub ssh: Option<RawSsh>,
    /// What all PostgreSQL servers have in common.
    pub postgresql: Option<RawPostgresql>,
    /// Networks from which clients may connect, such as `10.0.0.0/24`, with a password (SCRAM). They are added to what
    /// pg_hba.conf says already. Default: none.
    pub clients: Option<Vec<String>>,
    /// What becomes of a row that two nodes change at the same time. Default: `last-update-wins`.
    pub conflicts: Option<RawConflicts>,
    /// How sequences are kept apart.
    pub sequences: Option<RawSequences>,
    /// Where the password comes from with which nodes read each other's changes.
    pub secrets: Option<RawSecrets>,
    /// Codes of warnings that you know of and accept: no command says them again.
    pub accept: Option<Vec<String>>,
    /// What `galactl lint` asks of the databases.
    pub lint: Option<RawLint>,
    /// The databases that the nodes have in common.
    #[schemars(with = "Vec<RawDatabase>")]
    pub databases: Vec<RawDatabase>,
    /// The nodes.
    pub nodes: Vec<RawNode>,
    /// All entries and what they share could be read, so they can be held against each other.
    #[schemars(skip)]
    pub complete: bool,
}

/// What an inventory of this engine calls it.
#[derive(JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[allow(dead_code, reason = "exists for the schema only")]
enum Engine {
    PostgresqlMesh,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawCluster {
    /// What you call the mesh. Its nodes keep the name, so that none of them is taken for one of another mesh.
    pub name: String,
    /// Install the packages where they are missing (Debian). Default: `false`.
    pub install: Option<bool>,
    /// The node whose data become those of all. It means nothing once the mesh is there. Default: the first node.
    pub seed: Option<String>,
}

impl RawCluster {
    /// Stands in for a section that could not be read, so that the other sections are checked too.
    pub fn unread() -> Self {
        Self { name: "unread".into(), install: None, seed: None }
    }
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawPostgresql {
    /// The major version: 15 (Debian 12) or 17 (Debian 13). Default: that of the hosts' Debian release.
    #[schemars(with = "Option<u16>")]
    pub version: Option<Scalar>,
    /// The port for clients and the other nodes. Default: 5432.
    pub port: Option<u16>,
    /// Settings for every server, as in `postgresql.conf`.
    pub settings: Option<RawSettings>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawConflicts {
    /// `last-update-wins`, `region` or `custom`. Default: `last-update-wins`.
    pub strategy: Option<Strategy>,
    /// The column of the primary key that says to which region a row belongs (strategy `region`). Default: `region`.
    pub column: Option<String>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawSequences {
    /// Each node takes every so-many-th number, so the mesh can have as many nodes. Default: 16.
    #[schemars(with = "Option<u16>")]
    pub step: Option<Scalar>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawSecrets {
    /// The password of `galactl_mesh`: `{env: NAME}`, `{file: PATH}`, `{command: [PROGRAM, ARG]}` or `{generate: true}`.
    /// Default: `{generate: true}`.
    pub mesh: Option<RawSecret>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawDatabase {
    /// Its name: lower-case letters, digits and `_`.
    pub name: String,
    /// Which tables are sent, as `schema.table` with `*` for any letters. Default: all of them.
    pub tables: Option<Vec<String>>,
    /// Which of these are not. Default: none.
    pub except: Option<Vec<String>>,
    /// How one row is made of two (strategy `custom`): for each table that is sent, one function.
    pub merges: Option<Vec<RawMerge>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawMerge {
    /// The table, as `schema.table`.
    pub table: String,
    /// The body of a function in PL/pgSQL, from `BEGIN` or `DECLARE` to `END`. Its parameters `mine` and `theirs` are rows of the
    /// table with one key, and it returns such a row.
    pub function: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawNode {
    /// Its place in the list as written, where some of the others could not be read.
    #[serde(skip)]
    pub index: usize,
    /// What the mesh and galactl's command line call the node: lower-case letters, digits and `_`.
    pub name: String,
    /// The address at which the other nodes reach it.
    pub address: String,
    /// The address at which galactl reaches it. Default: the address.
    pub ssh_address: Option<String>,
    /// Overrides of the ssh section, but not of its files. Default: as `ssh`.
    pub ssh: Option<RawSsh>,
    /// Which of its numbers a sequence gives here: 1 to `sequences.step`, another one on each node. Default: the first
    /// that is free, once for all.
    #[schemars(with = "Option<u16>")]
    pub number: Option<Scalar>,
    /// The region whose rows are written here (strategy `region`). Default: none.
    pub region: Option<String>,
    /// What differs from the other servers.
    pub postgresql: Option<RawOwnPostgresql>,
}

raw_entry!(RawNode, "nodes");

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawOwnPostgresql {
    /// Settings for this server alone. Default: as `postgresql.settings`.
    pub settings: Option<RawSettings>,
}
