//! `galactl apply`

use std::path::{Path, PathBuf};

use super::course::{Course, PlanFormat};
use super::engine::{Engine, Galera, Mesh, Name, Patroni, PlanOf, SavedOf};
use super::inputs::{Inputs, invocation};
use super::on_hosts::on_hosts;
use super::plan_file;
use crate::exit::{CommandError, End};
use crate::kernel;
use crate::kernel::judge::Invocation;

/// Carry out a saved plan, exactly as it was reviewed
///
/// The plan is refused when the file was changed, when the inventory or the template is another
/// one, when a fact that it rests on has changed on any host, and when it was carried out before.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galactl apply plan.json         show the plan again, ask, and carry it out
  galactl apply plan.json --yes   as CI does after a review")]
pub struct Args {
    /// The plan, as `--out` wrote it
    plan: PathBuf,
    /// The inventory. Default: where it was when the plan was made
    #[arg(long, value_name = "FILE")]
    inventory: Option<PathBuf>,
    /// The directory of the templates. Default: where it was when the plan was made
    #[arg(long)]
    templates: Option<PathBuf>,
    /// Check and show the plan, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Carry the plan out without asking
    #[arg(long, short)]
    yes: bool,
    /// Write rows through the endpoint meanwhile, and prove at the end that none is lost
    #[arg(long)]
    ledger: bool,
    /// The cluster's name, where the plan needs it typed
    #[arg(long, value_name = "CLUSTER")]
    confirm: Option<String>,
    /// How to show the plan and what happens
    #[arg(long, value_enum, default_value = "text")]
    output: PlanFormat,
}

pub fn run(args: &Args) -> Result<End, CommandError> {
    let course = Course {
        format: args.output,
        out: None,
        detailed_exitcode: false,
        dry_run: args.dry_run,
        yes: args.yes,
        ledger: args.ledger,
        confirm: args.confirm.as_deref(),
        evidence_out: None,
    };
    course.somebody_can_agree()?;
    let text = plan_file::read(&args.plan)?;
    match kernel::plan::engine_of(&text).as_deref().map(Name::called) {
        Some(Name::Patroni) => carry_out::<Patroni>(course, args, &text),
        Some(Name::Mesh) => carry_out::<Mesh>(course, args, &text),
        Some(Name::Galera) | None => carry_out::<Galera>(course, args, &text),
    }
}

fn carry_out<E: Engine>(course: Course<'_>, args: &Args, text: &str) -> Result<End, CommandError> {
    let saved: SavedOf<E> = plan_file::parse(&args.plan, text)
        .map_err(|refusal| course.refused(&[refusal], &Invocation::without_inventory()))?;
    let inputs = inputs::<E>(args, &saved)?;
    let changed = inputs.changed_since(&saved);
    if !changed.is_empty() {
        return Err(course.refused(&changed, &inputs.invocation()));
    }
    let planned = saved.clone();
    on_hosts::<E>(course, inputs, Some(saved), move |basis| still_the_plan::<E>(&planned, basis))
}

fn inputs<E: Engine>(args: &Args, saved: &SavedOf<E>) -> Result<Inputs<E>, CommandError> {
    let inventory = args.inventory.as_deref().unwrap_or(Path::new(&saved.inventory.path));
    if inventory == Path::new("-") && args.inventory.is_none() {
        return Err(CommandError::error("the plan's inventory came from standard input")
            .hint("name the file with --inventory"));
    }
    let recorded = saved.template.as_ref().map(|template| Path::new(&template.path));
    Inputs::read(inventory, args.templates.as_deref().or(recorded))
}

/// The saved plan, if it is still what the hosts need: no fact has changed, it was not carried out
/// before, and galactl would plan the same now.
fn still_the_plan<E: Engine>(saved: &SavedOf<E>, basis: &E::Basis<'_>) -> Result<PlanOf<E>, E::NoPlan> {
    let mut refusals = E::spent(&saved.id, basis);
    if refusals.is_empty() {
        refusals = E::stale(&saved.plan, basis);
    }
    if refusals.is_empty() {
        let then = invocation(&saved.inventory, saved.template.as_ref());
        let now = E::again(&saved.plan, basis)?.settled(&then);
        refusals = kernel::plan::other_work(&E::comparable(&saved.plan), &E::comparable(&now));
    }
    if refusals.is_empty() { Ok(saved.plan.clone()) } else { Err(refusals.into()) }
}
