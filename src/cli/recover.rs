//! `galactl recover`

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap_complete::ArgValueCompleter;
use serde::Serialize;

use super::args::{AgreeArgs, ExitArgs, ShowArgs};
use super::change;
use super::complete::members;
use super::course::{Course, PlanFormat};
use super::engine::{Name, Patroni};
use super::evidence;
use super::files;
use super::inputs::Inputs;
use super::load::Source;
use super::on_hosts::on_hosts;
use super::which;
use crate::exit::{CommandError, End, Kind};
use crate::galera::plan;
use crate::galera::plan::Choice;
use crate::galera::recovery::{Bundle, Decision, Verdict, decide, force, verdict_text};
use crate::kernel::model::NodeName;
use crate::patroni;
use crate::ui::{JsonEvents, Printer, fold};

/// Start a cluster again after an outage, from the node that loses nothing
///
/// Scans every node, and asks the data of stopped ones how far it got without changing it. Shows
/// the evidence, the verdict with the rule that decided it, and what it costs; then carries it out.
/// Where the evidence does not suffice, nothing is done.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galactl recover shop.yaml --dry-run        the evidence, the verdict and the plan
  galactl recover shop.yaml                  the same, and carry it out
  galactl recover --evidence evidence.json   decide by what was seen earlier, and ask no host")]
pub struct Args {
    /// The inventory; `-` reads standard input. Default: GALACTL_INVENTORY, or galactl.yaml here
    inventory: Option<PathBuf>,
    /// Go on from this node, whatever that discards; the cluster's name has to be typed then
    #[arg(long, value_name = "NODE", add = ArgValueCompleter::new(members))]
    seed: Option<NodeName>,
    /// Put the data aside that a forced choice would overwrite
    #[arg(long, requires = "seed")]
    keep_aside: bool,
    /// The cluster's name, in place of typing it when asked
    #[arg(long, value_name = "CLUSTER")]
    confirm: Option<String>,
    /// Decide by this evidence bundle, and ask no host
    #[arg(long, value_name = "FILE", conflicts_with_all = ["evidence_out", "out", "yes"])]
    evidence: Option<PathBuf>,
    /// Write the evidence to this file
    #[arg(long, value_name = "FILE")]
    evidence_out: Option<PathBuf>,
    #[command(flatten)]
    show: ShowArgs,
    #[command(flatten)]
    exit: ExitArgs,
    #[command(flatten)]
    agree: AgreeArgs,
}

/// Bytes of an evidence bundle; one of a thousand nodes has a tenth of it.
const LARGEST: u64 = 256 << 20;

#[derive(Serialize)]
struct Decided<'a> {
    cluster: &'a str,
    verdict: &'a Verdict,
}

pub fn run(args: &Args) -> Result<End, CommandError> {
    match (&args.evidence, &args.inventory) {
        (Some(bundle), inventory) => {
            if let Some(inventory) = inventory {
                galera_only(&Source::read(inventory)?)?;
            }
            offline(args, bundle)
        }
        (None, inventory) => live(args, &which::inventory(inventory.as_deref())?),
    }
}

fn live(args: &Args, inventory: &Path) -> Result<End, CommandError> {
    let course = Course {
        format: args.show.output,
        out: args.show.out.as_ref(),
        detailed_exitcode: args.exit.detailed_exitcode,
        dry_run: args.agree.dry_run,
        yes: args.agree.yes,
        ledger: args.agree.ledger,
        confirm: args.confirm.as_deref(),
        evidence_out: args.evidence_out.as_ref(),
    };
    course.somebody_can_agree()?;
    let source = Source::read(inventory)?;
    if source.engine()? == Name::Patroni {
        return live_patroni(args, course, &source);
    }
    let inputs: Inputs = Inputs::of(&source, None)?;
    change::known(&inputs.inventory, args.seed.as_slice())?;
    let choice = Choice { seed: args.seed.clone(), keep_aside: args.keep_aside, ..Choice::default() };
    on_hosts(course, inputs, None, move |basis| plan::recover(basis, &choice))
}

/// Errors: evidence bundles are not there for the inventory's engine.
fn galera_only(source: &Source) -> Result<(), CommandError> {
    match source.engine()? {
        Name::Galera => Ok(()),
        Name::Mesh => Err(Name::Mesh.not_there()),
        Name::Patroni => Err(CommandError::error("--evidence is not there for engine patroni")
            .hint("leave it out: galactl recover INVENTORY --dry-run asks the hosts and changes nothing")),
    }
}

fn live_patroni(args: &Args, course: Course<'_>, source: &Source) -> Result<End, CommandError> {
    if args.evidence_out.is_some() {
        let error =
            CommandError::error("--evidence-out is not there for engine patroni; nothing was changed");
        return Err(error.hint("leave it out: the table of the evidence is shown, and --out keeps the plan"));
    }
    let inputs = Inputs::<Patroni>::of(source, None)?;
    if let Some(seed) = args.seed.as_ref().filter(|seed| inputs.inventory.node(seed).is_none()) {
        return Err(change::no_node(seed).hint("name a data node that stands under `nodes`"));
    }
    let choice = patroni::plan::Choice { seed: args.seed.clone(), keep_aside: args.keep_aside };
    on_hosts::<Patroni>(course, inputs, None, move |basis| patroni::plan::recover(basis, &choice))
}

fn offline(args: &Args, path: &Path) -> Result<End, CommandError> {
    let text = files::read_text(path, LARGEST).with_context(|| path.display().to_string())?;
    let bundle =
        Bundle::parse(&text).map_err(|error| CommandError::error(format!("{}: {error}", path.display())))?;
    let evidence = bundle.evidence();
    let verdict = match &args.seed {
        Some(seed) => force(&evidence, seed),
        None => decide(&evidence),
    };
    match args.show.output {
        PlanFormat::Json => {
            JsonEvents::line(&Decided { cluster: bundle.cluster.as_str(), verdict: &verdict });
        }
        PlanFormat::Text | PlanFormat::Markdown => {
            let width = Printer::width_of_data();
            let (table, verdict) =
                (evidence::table_text(&evidence, width), verdict_text(&evidence, &verdict));
            Printer::data(&format!("{table}\n{}", fold(&verdict, width)));
        }
    }
    match verdict.outcome {
        Decision::Refused => Err(CommandError::new(Kind::Refused, "the evidence does not suffice")),
        _ => Ok(End::Done),
    }
}
