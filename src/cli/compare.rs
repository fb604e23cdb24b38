//! `galactl compare`

mod of_mesh;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;

use super::args::{ResultArgs, SourceArgs};
use super::engine::{Galera, Name};
use super::inputs::Inputs;
use super::look;
use crate::exit::{CommandError, End, Kind};
use crate::galera::compare::asked::Members;
use crate::galera::facts::HostFacts;
use crate::galera::inventory::Inventory;
use crate::galera::observation::Observation;
use crate::galera::observe;
use crate::galera::sql::Database;
use crate::kernel::compare::{Asked, LeftOut, Limits, Report, Table, Verdict, compare};
use crate::kernel::inventory::note::Note;
use crate::kernel::judge::{Invocation, PLACE};
use crate::kernel::model::words::{count, names};
use crate::kernel::model::{NodeName, Secrets};
use crate::kernel::transport::Fleet;
use crate::ui::{CompareBar, Format, JsonEvents, Printer, compare_text};

/// Tell whether all nodes have the same rows, while clients write
///
/// Reads every table on every node in chunks, and changes and locks nothing. What differs is looked at until it is equal,
/// or stays as it is although each node has applied the others' writes. Rows that differ are named by their keys; what is
/// in them is shown only with --values. Exits with 0 where all is equal, 4 where a node or a table could not be
/// compared, 5 where some rows were written to all the time (run it again), and 6 where nodes differ.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galactl compare shop.yaml                       all tables of users on all nodes
  galactl compare shop.yaml --table 'shop.order*' --values
  galactl compare shop.yaml --database shop --output json
  galactl compare shop.yaml --repair pg1 --dry-run   what the others' rows would become (PostgreSQL mesh)")]
pub struct Args {
    /// Only tables that this means: `schema.name`, where `*` stands for any characters. A partitioned table means all its
    /// partitions
    #[arg(long = "table", value_name = "SCHEMA.NAME", value_parser = table_pattern)]
    tables: Vec<String>,
    /// Only tables of this database
    #[arg(long = "database", value_name = "NAME")]
    databases: Vec<String>,
    /// The most keys of a table that are shown as text
    #[arg(long, value_name = "N", default_value_t = 20)]
    show: usize,
    /// Show what is in the rows that differ. It may be personal data
    #[arg(long)]
    values: bool,
    /// Make the other nodes' rows those of this node, as a plan that shows each row first. Members of Galera get a
    /// fresh copy instead, and the refusal says how
    #[arg(long, value_name = "NODE")]
    repair: Option<NodeName>,
    /// Show the plan of the repair, and change nothing
    #[arg(long, requires = "repair")]
    dry_run: bool,
    /// Carry the repair out without asking
    #[arg(long, short, requires = "repair")]
    yes: bool,
    /// The cluster's name, in place of typing it when asked, where rows are deleted
    #[arg(long, value_name = "CLUSTER", requires = "repair")]
    confirm: Option<String>,
    /// Write the plan of the repair to this file as well. It has the rows' values, and only its owner may read it
    #[arg(long, value_name = "FILE", requires = "repair")]
    out: Option<PathBuf>,
    #[command(flatten)]
    result: ResultArgs,
    #[command(flatten)]
    source: SourceArgs,
}

fn table_pattern(text: &str) -> Result<String, String> {
    match text.contains('.') || text.contains('*') {
        true => Ok(text.to_owned()),
        false => Err("write it as `schema.name`; `--database NAME` means all tables of a database".into()),
    }
}

pub fn run(args: &Args) -> Result<End, CommandError> {
    let source = args.source.source()?;
    match source.engine()? {
        Name::Galera => of_galera(args, &args.source.inputs(&source)?),
        Name::Mesh => of_mesh::run(args, args.source.inputs(&source)?),
        Name::Patroni => {
            let message =
                "an inventory of PostgreSQL with Patroni: a standby is a copy of the primary's files";
            let hint = "galactl status tells how far each standby is behind";
            Err(source.not_for(Note::error("engine", "engine", message).at_key().hint(hint)))
        }
    }
}

fn of_galera(args: &Args, inputs: &Inputs<Galera>) -> Result<End, CommandError> {
    if let Some(from) = &args.repair {
        return Err(no_repair(&inputs.inventory, from).settled(&inputs.invocation()));
    }
    let report = look::run(async {
        let fleet = look::connect(inputs.inventory.hosts(), &inputs.base).await?;
        let observation = observe::ask(&inputs.inventory, &fleet).await.observation(&Secrets::default());
        let (databases, left_out) = members(inputs, &fleet, &observation);
        let report = match databases.len() {
            0 | 1 => Err(too_few("that are Synced", &left_out)),
            _ => {
                let names = databases.keys().cloned().collect();
                Ok(args.compared(&Members::new(databases), names, &Limits::default()).await)
            }
        };
        fleet.close().await;
        report.map(|report| Report { left_out: [left_out, report.left_out].concat(), ..report })
    });
    let report = report.map_err(|error| error.settled(&inputs.invocation()))?;
    args.show(&report);
    args.all_meant(&report)?;
    end(&report, &copy_again(&report), &inputs.invocation())
}

/// The servers of the Synced members, and why others are left out.
fn members(
    inputs: &Inputs<Galera>,
    fleet: &Fleet,
    observation: &Observation,
) -> (BTreeMap<NodeName, Database>, Vec<LeftOut>) {
    let (mut databases, mut left_out) = (BTreeMap::new(), Vec::new());
    for node in &inputs.inventory.nodes {
        let name = &node.name;
        match (fleet.host_of(name), observation.facts(name)) {
            (Some(host), Some(facts)) => match not_synced(facts) {
                None => drop(databases.insert(name.clone(), Database::new(host, &facts.socket))),
                Some(why) => left_out.push(LeftOut { node: name.clone(), why }),
            },
            _ => {
                let why = fleet.why_unreachable(name).map_or("it was not seen".into(), ToString::to_string);
                left_out.push(LeftOut { node: name.clone(), why });
            }
        }
    }
    (databases, left_out)
}

fn not_synced(facts: &HostFacts) -> Option<String> {
    match facts.live() {
        Some(live) if live.is_synced() => None,
        Some(live) if live.is_primary() => Some(format!("it is {}, not Synced", live.local_state)),
        Some(_) => Some("it is in no Primary component".into()),
        None => Some("its server gives no answer".into()),
    }
}

fn too_few(what: &str, left_out: &[LeftOut]) -> CommandError {
    let why: Vec<_> = left_out.iter().map(|it| format!("{}: {}", it.node, it.why)).collect();
    let message = format!("two nodes are needed {what}\n{}", why.join("\n"));
    CommandError::new(Kind::Unreachable, message)
        .hint(format!("galactl doctor {PLACE} tells what is wrong with the nodes"))
}

/// Nothing is repaired row by row, with what to do instead.
fn no_repair(inventory: &Inventory, from: &NodeName) -> CommandError {
    let others = inventory.nodes.iter().map(|node| &node.name).filter(|name| *name != from);
    let others: Vec<_> = others.map(NodeName::as_str).collect();
    if inventory.node(from).is_none() {
        return CommandError::error(format!("the inventory has no data node `{from}`"))
            .hint(format!("its data nodes are {}", others.join(", ")));
    }
    let message = "Galera replicates what is written on one member to all others, so that rows of one of them cannot be mended alone";
    let parted = others.first().copied().unwrap_or("NODE");
    CommandError::new(Kind::Refused, message).hint(format!(
        "a node that has parted gets a fresh copy of all data instead; galactl compare {PLACE} tells which one it is. Of {parted}: {}",
        copied(parted)
    ))
}

/// The commands that give a member the others' data.
fn copied(node: &str) -> String {
    format!("galactl stop {PLACE} {node}; then galactl add-node {PLACE} {node} --discard {node}")
}

/// What to do about members that have parted. Who is right is for a person to say.
fn copy_again(report: &Report) -> String {
    let minority = report.in_the_minority();
    let Some(node) = minority.keys().next() else {
        let node = report.nodes.last().map_or("NODE", NodeName::as_str);
        return format!(
            "no majority has the same. Find out whose rows are right; another member, for example {node}, gets their copy by: {}",
            copied(node)
        );
    };
    format!(
        "if it is {node} that is wrong, this gives it the others' data, and what only {node} has is lost: {}",
        copied(node.as_str())
    )
}

/// How the command ends. Where the nodes differ, that is said with what to do about it.
///
/// Errors: not all of them could be compared.
fn end(report: &Report, remedy: &str, invocation: &Invocation) -> Result<End, CommandError> {
    match report.verdict() {
        Verdict::Equal => Ok(End::Done),
        Verdict::Busy => {
            Printer::remark("some rows were written to at each look: run it again to compare these");
            Ok(End::Degraded)
        }
        Verdict::Incomplete => Err(CommandError::new(Kind::Unreachable, "not all could be compared")
            .hint(format!("galactl doctor {PLACE} tells what is wrong with the nodes; then run this again"))
            .settled(invocation)),
        Verdict::Differs => {
            Printer::error(&differing(report), Some(&invocation.fill(remedy)));
            Ok(End::Critical)
        }
    }
}

/// `the nodes differ in 2 tables; db3 differs in 2 of them from what the other 2 have alike`.
fn differing(report: &Report) -> String {
    let tables = report.tables.iter().filter(|table| table.differs()).count();
    let mut text = format!("the nodes differ in {}", count(tables, "table"));
    for (node, of) in report.in_the_minority() {
        let others = report.nodes.len() - 1;
        let most = if others == 2 { "both others".into() } else { format!("most of the {others} others") };
        text += &format!("; {node} has something else than {most} in {}", count(of, "table"));
    }
    text
}

impl Args {
    async fn compared(&self, members: &impl Asked, nodes: Vec<NodeName>, limits: &Limits) -> Report {
        let bar = CompareBar::default();
        let show = if self.values { self.show } else { 0 };
        let wanted = |table: &Table| self.wanted(table);
        let tell = |progress: &_| bar.show(progress);
        let report = compare(members, &nodes, &wanted, (limits, show), &tell).await;
        bar.end();
        report
    }

    /// A table that is named in full is meant though it stands apart.
    fn wanted(&self, table: &Table) -> Option<bool> {
        let by_pattern = self.tables.iter().find(|pattern| table.is_meant(pattern));
        match by_pattern {
            Some(pattern) => Some(!pattern.contains('*')),
            None if self.databases.iter().any(|database| table.name.is_of(database)) => Some(false),
            None => (self.tables.is_empty() && self.databases.is_empty()).then_some(false),
        }
    }

    /// Errors: an argument means no table.
    fn all_meant(&self, report: &Report) -> Result<(), CommandError> {
        let compared = || report.tables.iter().flat_map(|it| [Some(&it.table), it.part_of.as_ref()]);
        let there = || compared().flatten().chain(report.apart.keys());
        let patterns = self.tables.iter().filter(|pattern| !there().any(|table| table.is_meant(pattern)));
        let databases = self.databases.iter().filter(|database| !there().any(|table| table.is_of(database)));
        let in_vain: Vec<_> = patterns.chain(databases).collect();
        // Where nodes were lost on the way, not all tables were come to.
        match in_vain.is_empty() || report.nodes.len() < 2 {
            true => Ok(()),
            false => Err(CommandError::error(format!("no node has a table for {}", names(&in_vain, "or")))
                .hint("names are written as the server has them, in their case; without --table and --database, all tables are compared")),
        }
    }

    fn show(&self, report: &Report) {
        match self.result.output {
            Format::Json => JsonEvents::line(&Told { verdict: report.verdict(), report }),
            Format::Text => Printer::data(&compare_text(report, self.show, Printer::width_of_data())),
        }
    }
}

#[derive(Serialize)]
struct Told<'a> {
    verdict: Verdict,
    #[serde(flatten)]
    report: &'a Report,
}
