//! The arguments of changing commands, and the way from them to a run.

use std::path::PathBuf;

use super::course::{Course, PlanFormat};
use super::inputs::Inputs;
use super::on_hosts::on_hosts;
use crate::exit::{CommandError, End};
use crate::galera::inventory::Inventory;
use crate::galera::judge::Basis;
use crate::galera::plan::{NoPlan, Plan};
use crate::kernel::model::NodeName;

/// How to make and show a plan. All commands that make one share these arguments.
#[derive(Debug, clap::Args)]
pub struct PlanArgs {
    /// The inventory; `-` reads standard input
    pub inventory: PathBuf,
    /// Write the plan to this file, for `galactl apply`
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// How to show the plan and what happens
    #[arg(long, value_enum, default_value = "text")]
    pub output: PlanFormat,
    /// Take the templates from this directory
    #[arg(long)]
    pub templates: Option<PathBuf>,
    /// Exit with 2 when the plan that is only shown has something to do
    #[arg(long)]
    pub detailed_exitcode: bool,
}

/// Arguments that all changing commands share.
#[derive(Debug, clap::Args)]
pub struct ChangeArgs {
    #[command(flatten)]
    pub plan: PlanArgs,
    /// Show the plan and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Carry the plan out without asking
    #[arg(long, short)]
    pub yes: bool,
}

impl<'a> From<&'a ChangeArgs> for Course<'a> {
    fn from(args: &'a ChangeArgs) -> Self {
        Self { dry_run: args.dry_run, yes: args.yes, ..Self::from(&args.plan) }
    }
}

impl<'a> From<&'a PlanArgs> for Course<'a> {
    fn from(args: &'a PlanArgs) -> Self {
        Self {
            format: args.output,
            out: args.out.as_ref(),
            detailed_exitcode: args.detailed_exitcode,
            dry_run: true,
            yes: false,
            confirm: None,
            evidence_out: None,
        }
    }
}

/// Errors: a name that the inventory does not have.
pub fn known(inventory: &Inventory, names: &[NodeName]) -> Result<(), CommandError> {
    match names.iter().find(|name| inventory.node(name).is_none()) {
        None => Ok(()),
        Some(name) => Err(CommandError::error(format!("`{name}` is no node of this inventory"))
            .hint("add it under `nodes` first: the inventory describes the cluster as it is to be")),
    }
}

/// Runs one changing command. `check` looks at the arguments once the inventory is known.
pub fn run(
    args: &ChangeArgs,
    check: impl Fn(&Inventory) -> Result<(), CommandError>,
    planner: impl Fn(&Basis<'_>) -> Result<Plan, NoPlan>,
) -> Result<End, CommandError> {
    let course = Course::from(args);
    course.somebody_can_agree()?;
    let inputs = Inputs::read(&args.plan.inventory, args.plan.templates.as_deref())?;
    check(&inputs.inventory)?;
    on_hosts(course, inputs, None, planner)
}
