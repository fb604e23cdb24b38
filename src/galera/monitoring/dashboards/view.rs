//! The panels of one cluster, with its expressions in them.

use serde::Serialize;

use super::panel::{Kind, Page, Panel, Unit};
use super::{cluster, node, proxy};
use crate::galera::inventory::Inventory;
use crate::galera::monitoring::job::Job;
use crate::galera::monitoring::scope::Scope;

/// A page of this cluster.
#[derive(Debug, Clone, Serialize)]
pub struct PageView {
    pub name: &'static str,
    pub title: &'static str,
    /// The members that the page is about.
    pub rows: Vec<String>,
    /// Those of which one can be chosen; empty: the page is about all.
    pub members: Vec<String>,
    pub panels: Vec<PanelView>,
}

#[derive(Debug, Clone, Serialize)]
pub struct PanelView {
    pub title: &'static str,
    pub doc: &'static str,
    pub kind: Kind,
    pub unit: Unit,
    /// Where it is bad, and where it is very bad.
    pub limits: Option<[f64; 2]>,
    pub lines: Vec<LineView>,
}

#[derive(Debug, Clone, Serialize)]
pub struct LineView {
    pub legend: &'static str,
    pub query: String,
}

/// The pages, without panels that have nothing to show in this cluster, and without pages that have no panels.
pub fn pages(inventory: &Inventory) -> Vec<PageView> {
    let scope = Scope::new(inventory);
    let members = |job: Job| {
        scope
            .targets()
            .into_iter()
            .filter(|it| it.job == job)
            .map(|it| it.node.to_string())
            .collect::<Vec<_>>()
    };
    let all = [
        (cluster::PAGE, Job::Mysqld, false),
        (node::PAGE, Job::Node, true),
        (proxy::PAGE, Job::Haproxy, true),
    ];
    let view = |(page, job, can_choose): (Page, Job, bool)| PageView {
        name: page.name,
        title: page.title,
        rows: members(job),
        members: if can_choose { members(job) } else { Vec::new() },
        panels: page.panels.iter().filter_map(|panel| panel_view(&scope, panel)).collect(),
    };
    all.into_iter().map(view).filter(|page| !page.panels.is_empty()).collect()
}

fn panel_view(scope: &Scope<'_>, panel: &Panel) -> Option<PanelView> {
    let lines: Vec<_> = panel
        .lines
        .iter()
        .filter_map(|line| Some(LineView { legend: line.legend, query: (line.expression)(scope)? }))
        .collect();
    (!lines.is_empty()).then(|| PanelView {
        title: panel.title,
        doc: panel.doc,
        kind: panel.kind,
        unit: panel.unit,
        limits: panel.limits.map(|of| of(scope)).map(|it| [it.warn, it.critical]),
        lines,
    })
}
