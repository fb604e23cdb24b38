//! `galactl validate`

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde::Serialize;

use super::engine::{Galera, Mesh, Name, Patroni};
use super::load::Source;
use super::which;
use crate::exit::CommandError;
use crate::kernel::inventory::note::Note;
use crate::kernel::model::words::{count, names};
use crate::patroni::inventory::Etcd;
use crate::ui::{Format, JsonEvents, Printer};

/// Check an inventory without touching a host
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galactl validate                           galactl.yaml here
  galactl validate shop.yaml --output json   for an editor or CI")]
pub struct Args {
    /// The inventory; `-` reads standard input. Default: GALACTL_INVENTORY, or galactl.yaml here
    inventory: Option<PathBuf>,
    /// How to show the notes
    #[arg(long, value_enum, default_value = "text")]
    output: Format,
}

#[derive(Serialize)]
struct Report<'a> {
    file: &'a str,
    valid: bool,
    notes: &'a [Note],
}

pub fn run(args: &Args) -> Result<(), CommandError> {
    let source = Source::read(&which::inventory(args.inventory.as_deref())?)?;
    let (valid, notes) = match read(&source) {
        Ok((summary, notes)) => (Some(summary), notes),
        Err(notes) => (None, notes),
    };
    let report = Report { file: &source.origin, valid: valid.is_some(), notes: &notes };
    match args.output {
        Format::Json => JsonEvents::line(&report),
        Format::Text => narrate(&source, &notes),
    }
    let Some(summary) = valid else {
        return Err(CommandError::error(format!("{} is not a valid inventory", source.origin)));
    };
    if args.output == Format::Text {
        Printer::remark(&format!("{}: {summary}: valid", source.origin));
    }
    Ok(())
}

/// Of a valid inventory what it describes, in words.
fn read(source: &Source) -> Result<(String, Vec<Note>), Vec<Note>> {
    match Name::of(&source.bytes)? {
        Name::Galera => {
            let (inventory, notes) = source.parse::<Galera>()?;
            let (cluster, nodes, seed) = (&inventory.cluster, inventory.nodes.len(), &inventory.seed);
            Ok((format!("cluster `{cluster}`, {nodes} nodes, seed {seed}"), notes))
        }
        Name::Mesh => {
            let (inventory, notes) = source.parse::<Mesh>()?;
            let nodes = count(inventory.nodes.len(), "node");
            let databases = names(&inventory.databases.iter().map(|it| &it.name).collect::<Vec<_>>(), "and");
            let (cluster, method) = (&inventory.cluster, inventory.method);
            Ok((format!("mesh `{cluster}` of PostgreSQL by {method}, {nodes}, database {databases}"), notes))
        }
        Name::Patroni => {
            let (inventory, notes) = source.parse::<Patroni>()?;
            let etcd = match &inventory.etcd {
                Etcd::Members(members) => {
                    format!(
                        "etcd on {}",
                        names(&members.iter().map(|it| &it.name).collect::<Vec<_>>(), "and")
                    )
                }
                Etcd::Existing(endpoints) => format!("etcd at {}", names(endpoints, "and")),
            };
            let nodes = count(inventory.nodes.len(), "node");
            Ok((format!("cluster `{}` of PostgreSQL, {nodes}, {etcd}", inventory.cluster), notes))
        }
    }
}

/// The notes; those that are accepted in one line.
fn narrate(source: &Source, notes: &[Note]) {
    let (accepted, said): (Vec<_>, Vec<_>) = notes.iter().cloned().partition(|note| note.accepted);
    if !said.is_empty() {
        Printer::narrate(&source.notes_text(&said));
    }
    let codes: BTreeSet<_> = accepted.iter().map(|note| note.code).collect();
    if !codes.is_empty() {
        let codes = codes.into_iter().collect::<Vec<_>>().join(", ");
        Printer::narrate(&format!("accepted warnings: {codes}"));
    }
}
