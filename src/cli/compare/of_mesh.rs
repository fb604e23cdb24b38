//! `galactl compare` for a mesh of PostgreSQL servers.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Args, end, too_few};
use crate::cli::course::{Course, PlanFormat};
use crate::cli::engine::{Engine as _, Mesh};
use crate::cli::inputs::Inputs;
use crate::cli::on_hosts::on_hosts;
use crate::cli::{change, look};
use crate::exit::{CommandError, End};
use crate::kernel::compare::{LeftOut, Report};
use crate::kernel::judge::PLACE;
use crate::kernel::model::{NodeName, Secrets};
use crate::kernel::transport::{Fleet, Host};
use crate::mesh::compare::asked::{Nodes, limits};
use crate::mesh::judge::Basis;
use crate::mesh::observation::Observation;
use crate::mesh::plan;
use crate::mesh::plan::Wanted;
use crate::ui::Format;

pub fn run(args: &Args, inputs: Inputs<Mesh>) -> Result<End, CommandError> {
    if let Some(from) = &args.repair {
        return repair(args, inputs, from);
    }
    let report = look::run(async {
        let fleet = look::connect(inputs.inventory.hosts(), &inputs.base).await?;
        let observation = Mesh::look(&inputs.inventory, &fleet, &Secrets::default()).await;
        let (hosts, left_out) = members(&inputs, &fleet, &observation);
        let report = match hosts.len() {
            0 | 1 => Err(too_few("that are members of the mesh and answer", &left_out)),
            _ => {
                let names = hosts.keys().cloned().collect();
                let nodes = Nodes::new(inputs.inventory.clone(), hosts, false);
                Ok(args.compared(&nodes, names, &limits()).await)
            }
        };
        fleet.close().await;
        report.map(|report| Report { left_out: [left_out, report.left_out].concat(), ..report })
    });
    let invocation = inputs.invocation();
    let report = report.map_err(|error| error.settled(&invocation))?;
    args.show(&report);
    args.all_meant(&report)?;
    end(&report, &remedy(&report), &invocation)
}

/// Rows that differ become those of one node.
fn repair(args: &Args, inputs: Inputs<Mesh>, from: &NodeName) -> Result<End, CommandError> {
    let course = Course {
        format: match args.result.output {
            Format::Text => PlanFormat::Text,
            Format::Json => PlanFormat::Json,
        },
        out: args.out.as_ref(),
        detailed_exitcode: false,
        dry_run: args.dry_run,
        yes: args.yes,
        ledger: false,
        confirm: args.confirm.as_deref(),
        evidence_out: None,
    };
    course.somebody_can_agree()?;
    let hint = "name the node whose rows the others are to get";
    change::known_to_mesh(&inputs.inventory, std::slice::from_ref(from), hint)?;
    let wanted =
        Wanted { from: from.clone(), tables: args.tables.clone(), databases: args.databases.clone() };
    on_hosts::<Mesh>(course, inputs, None, |basis| plan::repair(basis, &wanted))
}

/// The hosts of the members that answer, and why others are left out.
fn members(
    inputs: &Inputs<Mesh>,
    fleet: &Fleet,
    observation: &Observation,
) -> (BTreeMap<NodeName, Arc<Host>>, Vec<LeftOut>) {
    let basis = Basis { inventory: &inputs.inventory, observation };
    let (mut hosts, mut left_out) = (BTreeMap::new(), Vec::new());
    for node in &inputs.inventory.nodes {
        let name = &node.name;
        let why = match (fleet.host_of(name), observation.facts(name)) {
            (Some(host), Some(facts)) if basis.is_member(node, facts) => {
                hosts.insert(name.clone(), host);
                continue;
            }
            (Some(_), Some(facts)) if facts.live().is_none() => "its server gives no answer".into(),
            (Some(_), Some(_)) => "it is no member of the mesh".into(),
            _ => fleet.why_unreachable(name).map_or("it was not seen".into(), ToString::to_string),
        };
        left_out.push(LeftOut { node: name.clone(), why });
    }
    (hosts, left_out)
}

/// What to do about nodes that have parted. Who is right is for a person to say.
fn remedy(report: &Report) -> String {
    let minority = report.in_the_minority();
    let right = report.nodes.iter().find(|node| !minority.contains_key(*node)).or(report.nodes.first());
    let right = right.map_or("NODE", NodeName::as_str);
    let words =
        if minority.is_empty() { "find out whose rows are right; if it is" } else { "if the rows of" };
    let end = if minority.is_empty() { "" } else { " are right" };
    format!(
        "{words} {right}{end}, this shows each row that the others would get: galactl compare {PLACE} --repair {right} --dry-run"
    )
}
