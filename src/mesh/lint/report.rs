//! All that the rules have found.

use super::rules;
use super::subject::Subject;
use crate::kernel::lint::{Acceptance, Finding, Looked, Report, Source, Unread};
use crate::kernel::model::NodeName;
use crate::mesh::facts::Schema;

/// Who was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub node: NodeName,
    /// Of its server.
    pub version: Option<String>,
    /// Of the inventory.
    pub nodes: usize,
    pub member: bool,
}

/// Asks every rule. `subjects`: each database on this node, with what only lint asks. `of_members`: what the members' tables
/// have told when they were held against each other. `unread`: databases that did not tell.
pub fn lint(
    asked: Asked,
    subjects: &[Subject<'_>],
    of_members: Vec<Finding>,
    unread: Vec<Unread>,
    accepted: &[Acceptance],
) -> Report {
    let mut findings: Vec<_> = subjects.iter().flat_map(|it| rules::check(*it)).chain(of_members).collect();
    findings.dedup();
    let more = || subjects.iter().filter_map(|it| it.more);
    let programs =
        |it: &Schema| it.programs.len() + it.tables.iter().map(|it| it.triggers.len()).sum::<usize>();
    let looked = Looked {
        source: Source::Server(asked.node),
        version: asked.version,
        product: "PostgreSQL",
        whole: "mesh",
        nodes: asked.nodes as u64,
        member: asked.member,
        tables: subjects.iter().map(|it| it.told.tables.len()).sum(),
        programs: more().map(programs).sum(),
        sequences: subjects.iter().map(|it| it.told.sequences.len()).sum(),
    };
    Report { unread, ..Report::of(looked, findings, accepted) }
}
