//! Arguments that several commands share, each said once. Commands flatten them.

use std::path::PathBuf;

use clap_complete::ArgValueCompleter;

use super::complete::inventory_or_member;
use super::course::PlanFormat;
use super::engine::Engine;
use super::inputs::Inputs;
use super::load::Source;
use super::which;
use crate::exit::CommandError;
use crate::kernel::model::NodeName;
use crate::ui::Format;

/// What a command works from.
#[derive(Debug, clap::Args)]
pub struct SourceArgs {
    /// The inventory; `-` reads standard input. Default: GALACTL_INVENTORY, or galactl.yaml here
    #[arg(add = ArgValueCompleter::new(inventory_or_member))]
    pub inventory: Option<PathBuf>,
    /// Take the templates from this directory
    #[arg(long)]
    pub templates: Option<PathBuf>,
}

impl SourceArgs {
    /// Errors: the inventory or the template cannot be read, or is not valid.
    pub fn read(&self) -> Result<Inputs, CommandError> {
        self.inputs(&self.source()?)
    }

    /// The inventory's text, for a command that several engines have: standard input is read only once.
    pub fn source(&self) -> Result<Source, CommandError> {
        Source::read(&which::inventory(self.inventory.as_deref())?)
    }

    /// What this text says, read as one of engine `E`.
    pub fn inputs<E: Engine>(&self, source: &Source) -> Result<Inputs<E>, CommandError> {
        Inputs::of(source, self.templates.as_deref())
    }
}

impl SourceArgs {
    /// The text where nodes may follow the inventory. The first word may be the inventory or a node, and is told apart.
    ///
    /// Errors: as of [`Self::source`], or it is not clear which word is what.
    pub fn source_with(&self, nodes: &[NodeName]) -> Result<(Source, Vec<NodeName>), CommandError> {
        let (inventory, nodes) = which::with_nodes(self.inventory.as_deref(), nodes)?;
        Ok((Source::read(&inventory)?, nodes))
    }
}

/// How the result of a scan is shown.
#[derive(Debug, clap::Args)]
pub struct ResultArgs {
    /// How to show the result
    #[arg(long, value_enum, default_value = "text")]
    pub output: Format,
}

/// Where a plan goes, and how it is shown.
#[derive(Debug, clap::Args)]
pub struct ShowArgs {
    /// Write the plan to this file, for `galactl apply`
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// How to show the plan and what happens
    #[arg(long, value_enum, default_value = "text")]
    pub output: PlanFormat,
}

/// What becomes of a plan that is shown.
#[derive(Debug, clap::Args)]
pub struct ExitArgs {
    /// Exit with 2 when the plan that is only shown has something to do
    #[arg(long)]
    pub detailed_exitcode: bool,
}

/// Whether a plan is carried out.
#[derive(Debug, clap::Args)]
pub struct AgreeArgs {
    /// Show the plan and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Carry the plan out without asking
    #[arg(long, short)]
    pub yes: bool,
    /// Write rows through the endpoint meanwhile, and prove at the end that none is lost
    #[arg(long)]
    pub ledger: bool,
}

/// How to make and show a plan.
#[derive(Debug, clap::Args)]
pub struct PlanArgs {
    #[command(flatten)]
    pub show: ShowArgs,
    #[command(flatten)]
    pub source: SourceArgs,
    #[command(flatten)]
    pub exit: ExitArgs,
}

/// What every changing command takes, apart from `recover` and `apply`.
#[derive(Debug, clap::Args)]
pub struct ChangeArgs {
    #[command(flatten)]
    pub plan: PlanArgs,
    #[command(flatten)]
    pub agree: AgreeArgs,
}
