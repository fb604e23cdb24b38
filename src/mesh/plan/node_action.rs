//! Everything that galactl can do to a node: data only.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Rows;
use crate::kernel::model::NodeName;
use crate::kernel::model::words::{count, names};
use crate::kernel::plan::{Action, PutFile};
use crate::mesh::model::{DatabaseName, Merge};
use crate::postgresql::{Lsn, Major};

/// The nodes that get the last changes of one that leaves, in one database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Heirs {
    pub database: DatabaseName,
    pub members: Vec<NodeName>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum NodeAction {
    /// Let Debian's tools make the cluster `main`, which the package has not made. Only while there is none.
    CreateCluster { version: Major },
    /// Let postgresql.conf read galactl's file in its last line, and put these lines before all others of pg_hba.conf. A
    /// server that runs reads both again.
    Configure { version: Major, access: Vec<String> },
    /// Start the server, or restart it, and see that it has the settings that a mesh needs.
    Serve { version: Major, restart: bool },
    /// Make the account with which nodes read each other's changes, or give it the inventory's password.
    Account,
    /// Make this node the first of the mesh in a database, which is made where it is not there: galactl's own table, what is
    /// sent, and sequences that leave room for the others. The node enters itself last.
    Open {
        database: DatabaseName,
        number: u16,
        tables: Vec<SentTable>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        merges: Vec<Merge>,
    },
    /// Put users' merge functions in, in place of those that are there. All or nothing.
    Merge { database: DatabaseName, merges: Vec<Merge> },
    /// Let `others` read again at once from this node, and this node from them.
    Resume { others: Vec<NodeName> },
    /// Let every member keep its changes for this node from now on, and wait until `source` has what the others had before.
    /// What a join that was cut off has left at the members goes first.
    Reserve { version: Major, source: NodeName, members: Vec<NodeName> },
    /// Copy the whole server of `source`. What is there goes: only while nobody's data are on it.
    Copy { version: Major, source: NodeName },
    /// Read the changes of every member, from where the copy ends.
    Follow { version: Major, source: NodeName, members: Vec<NodeName>, number: u16 },
    /// Let every member read this node's changes.
    Feed { members: Vec<NodeName> },
    /// Let clients in, and enter the node into galactl's table.
    Admit { version: Major, access: Vec<String>, number: u16 },
    /// Let no client in any more, and end their sessions.
    ShutOut { version: Major, access: Vec<String>, databases: Vec<DatabaseName> },
    /// Wait until each of these has all that was committed here in its database.
    Deliver { heirs: Vec<Heirs> },
    /// Read from no other node any more.
    StopReading { databases: Vec<DatabaseName> },
    /// On this node: read from `node` no more, keep no WAL for it, and forget that it is a member.
    Forget { node: NodeName, databases: Vec<DatabaseName> },
    /// Take everything of the mesh out of this server: slots, what is sent, galactl's schema, the account's login. Its data stay.
    Leave { version: Major, access: Vec<String>, databases: Vec<DatabaseName> },
    /// See that none of `members` has a subscription, a slot, an origin or a row of one of `nodes`.
    VerifyGone { nodes: Vec<NodeName>, members: Vec<NodeName>, databases: Vec<DatabaseName> },
    /// Leave out a transaction of `provider`, while it still is what was shown: its commit begins at `commit` and ends at `end`
    /// in the provider's WAL, and `digest` is that of all its changes.
    Skip {
        database: DatabaseName,
        provider: NodeName,
        slot: String,
        xid: u64,
        commit: Lsn,
        end: Lsn,
        digest: String,
    },
    /// See that each of `nodes` reads from every other one.
    VerifyLinks { nodes: Vec<NodeName> },
    /// Write a row on each of `nodes`, and read it on all others.
    VerifyRows { nodes: Vec<NodeName> },
    /// Make rows those of another node, each only while it is what it was. All or nothing, and no other node gets it.
    Repair { number: usize, rows: Rows },
    /// Carry out a statement of the user's, or change what is sent of a table. `alone`: not in a transaction.
    Ddl { number: usize, what: String, database: DatabaseName, statements: String, alone: bool },
    /// Wait until every reader has what the node has written so far.
    AwaitSent { number: usize, database: DatabaseName },
    /// See that these tables are the same on all nodes.
    CompareTables { tables: Vec<String> },
}

/// A table whose changes are sent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct SentTable {
    pub schema: String,
    pub name: String,
}

/// Without line breaks, and what is longer than a screen is cut; the plan's file has all of it.
fn in_a_line(statements: &str) -> String {
    const LONGEST: usize = 400;
    let text = statements.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(LONGEST) {
        None => text,
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

impl Action for NodeAction {
    fn slug(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::CreateCluster { .. } => "create-cluster",
            Self::Configure { .. } => "configure",
            Self::Serve { restart: false, .. } => "start",
            Self::Serve { restart: true, .. } => "restart",
            Self::Account => "account",
            Self::Open { database, .. } => return Cow::Owned(format!("open-{database}")),
            Self::Merge { database, .. } => return Cow::Owned(format!("merge-{database}")),
            Self::Resume { .. } => "resume",
            Self::Reserve { .. } => "reserve",
            Self::Copy { .. } => "copy",
            Self::Follow { .. } => "follow",
            Self::Feed { .. } => "feed",
            Self::Admit { .. } => "admit",
            Self::Skip { provider, .. } => return Cow::Owned(format!("skip-{provider}")),
            Self::ShutOut { .. } => "shut-out",
            Self::Deliver { .. } => "deliver",
            Self::StopReading { .. } => "stop-reading",
            Self::Forget { node, .. } => return Cow::Owned(format!("forget-{node}")),
            Self::Leave { .. } => "leave",
            Self::VerifyGone { .. } => "verify-gone",
            Self::VerifyLinks { .. } => "verify-links",
            Self::VerifyRows { .. } => "verify-rows",
            Self::Repair { number, .. } => return Cow::Owned(format!("repair-{number}")),
            Self::CompareTables { .. } => "compare",
            Self::Ddl { number, what, .. } => return Cow::Owned(format!("ddl-{number}-{what}")),
            Self::AwaitSent { number, .. } => return Cow::Owned(format!("ddl-{number}-sent")),
        })
    }

    fn summary(&self) -> String {
        match self {
            Self::CreateCluster { version } => format!("make the cluster {version}/main"),
            Self::Configure { access, .. } => {
                format!(
                    "let postgresql.conf read galactl.conf, and put {} lines first in pg_hba.conf",
                    access.len()
                )
            }
            Self::Serve { restart, .. } => {
                let verb = if *restart { "restart" } else { "start" };
                format!("{verb} the server, and see that its settings are in effect")
            }
            Self::Account => "give the account galactl_mesh its password".into(),
            Self::Open { database, number, tables, merges } => {
                let tables = match tables.as_slice() {
                    [] => "no table yet".to_owned(),
                    all => format!(
                        "send {}",
                        names(
                            &all.iter().map(|it| format!("{}.{}", it.schema, it.name)).collect::<Vec<_>>(),
                            "and"
                        )
                    ),
                };
                let merged = match merges.as_slice() {
                    [] => String::new(),
                    all => format!("; {}", merged(all)),
                };
                format!(
                    "make it the first node in database {database}, with number {number}: {tables}{merged}"
                )
            }
            Self::Merge { database, merges } => format!("in database {database}, {}", merged(merges)),
            Self::Resume { others } => {
                format!("let {} read from it again at once, and it from them", names(others, "and"))
            }
            Self::Reserve { source, members, .. } => {
                format!(
                    "let {} keep changes for it, and wait until {source} has those of the others",
                    names(members, "and")
                )
            }
            Self::Copy { source, .. } => format!("copy the whole server of {source}"),
            Self::Follow { members, number, .. } => {
                format!(
                    "read the changes of {} from where the copy ends, with number {number}",
                    names(members, "and")
                )
            }
            Self::Feed { members } => format!("let {} read its changes", names(members, "and")),
            Self::Admit { .. } => "let clients in".into(),
            Self::Skip { database, provider, xid, end, .. } => {
                format!("go on behind transaction {xid} of {provider} in database {database}, at {end}")
            }
            Self::ShutOut { .. } => "let no client in, and end their sessions".into(),
            Self::Deliver { heirs } => {
                let each = |it: &Heirs| match heirs.len() {
                    1 => names(&it.members, "and"),
                    _ => format!("{} (database {})", names(&it.members, "and"), it.database),
                };
                let all: Vec<_> = heirs.iter().map(each).collect();
                format!("wait until all that was committed here is on {}", all.join("; "))
            }
            Self::StopReading { .. } => "read from no other node any more".into(),
            Self::Forget { node, .. } => {
                format!("drop the subscription to {node}, the slot for it, and its row")
            }
            Self::Leave { .. } => {
                "drop its slots, what it sends, and galactl's schema, and close galactl's account".into()
            }
            Self::VerifyGone { nodes, members, .. } => format!(
                "see that no subscription, slot, origin or row of {} is left on {}",
                names(nodes, "and"),
                names(members, "and")
            ),
            Self::VerifyLinks { nodes } => format!("see that {} read from each other", names(nodes, "and")),
            Self::Repair { rows, .. } => {
                let changed = count(rows.rows.len(), "row");
                format!("write {changed} of {}.{}.{}", rows.database, rows.schema, rows.table)
            }
            Self::Ddl { database, statements, .. } => {
                format!("in database {database}: {}", in_a_line(statements))
            }
            Self::AwaitSent { .. } => "wait until all others have what it has written".into(),
            Self::CompareTables { tables } => format!("compare {} on all nodes", names(tables, "and")),
            Self::VerifyRows { nodes } => {
                format!("write a row on each of {}, and read it on all others", names(nodes, "and"))
            }
        }
    }

    fn file(&self) -> Option<&PutFile> {
        None
    }
}

/// What is done for these functions, with all of their texts.
fn merged(merges: &[Merge]) -> String {
    let told = merges.iter().map(|it| format!("{} by: {}", it.full_name(), it.function.trim()));
    format!("merge rows of {}", told.collect::<Vec<_>>().join("; of "))
}
