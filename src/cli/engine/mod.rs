//! What the command line asks of an engine, so that the course of a changing command is written once for all of them.

mod name;
mod of_galera;
mod of_mesh;
mod of_patroni;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::course::{Course, Unplanned};
use crate::exit::CommandError;
use crate::kernel::inventory::Hosts;
use crate::kernel::inventory::note::Note;
use crate::kernel::judge::{Finding, Invocation};
use crate::kernel::model::{ClusterName, Secrets};
use crate::kernel::plan;
use crate::kernel::plan::Input;
use crate::kernel::run::Acting;
use crate::kernel::run::event::Reporter;
use crate::kernel::run::interrupt::Interrupt;
use crate::kernel::transport::Fleet;
use crate::ui::Format;

pub use name::Name;

/// MariaDB with Galera.
pub struct Galera;

/// PostgreSQL with Patroni.
pub struct Patroni;

/// PostgreSQL servers that all take writes.
pub struct Mesh;

pub type PlanOf<E> = plan::Plan<<E as Engine>::Command, <E as Engine>::Action>;
pub type SavedOf<E> = plan::Saved<<E as Engine>::Command, <E as Engine>::Action>;

/// What an engine sees and decides by, before anybody agrees to anything.
pub struct Means<'a, E: Engine> {
    pub inventory: &'a E::Inventory,
    pub renderer: &'a E::Renderer,
    pub fleet: &'a Fleet,
    pub secrets: &'a Secrets,
    pub who: &'a str,
    pub course: &'a Course<'a>,
}

/// What a run starts with, once somebody has agreed to its plan.
pub struct Start<'a, E: Engine> {
    pub inventory: E::Inventory,
    pub renderer: E::Renderer,
    pub fleet: Fleet,
    pub secrets: Secrets,
    pub observation: &'a E::Observation,
    /// The id of the plan.
    pub plan: String,
    pub who: String,
    pub reporter: Arc<dyn Reporter>,
    pub interrupt: Interrupt,
}

#[allow(async_fn_in_trait, reason = "all of it runs on one thread's block_on")]
pub trait Engine: Sized + 'static {
    const NAME: Name;
    type Inventory;
    type Renderer;
    type Observation;
    /// What planners plan from.
    type Basis<'a>;
    type NoPlan: std::fmt::Display + From<Vec<Finding>>;
    type Command: plan::Command;
    type Action: plan::Action;
    type Context: Acting<Command = Self::Command, Action = Self::Action>;
    /// What writes beside a run, and proves at its end that nothing was lost.
    type Beside;

    /// Errors: all that is wrong with the inventory.
    fn parse(bytes: &[u8]) -> Result<(Self::Inventory, Vec<Note>), Vec<Note>>;
    /// The same, with a look at the files of this machine that it names.
    fn parse_with_files(bytes: &[u8], base: &Path) -> Result<(Self::Inventory, Vec<Note>), Vec<Note>>;
    /// What renders the engine's files; `templates` is the directory with the user's own.
    fn renderer(templates: Option<&Path>) -> Result<(Self::Renderer, Option<Input>), CommandError>;
    /// Reads what else the inventory names on this machine, where a host may need it.
    fn read_local_files(_inventory: &mut Self::Inventory, _base: &Path, _observation: &Self::Observation) {}
    /// Reads the certificates that the inventory names on this machine; the notes say what is wrong with them.
    fn read_certificates(_inventory: &mut Self::Inventory, _base: &Path) -> Vec<Note> {
        Vec::new()
    }
    /// Makes what a plan needs on this machine once the hosts were seen: certificates, with their keys as secrets.
    fn prepare(
        _inventory: &mut Self::Inventory,
        _base: &Path,
        _observation: &Self::Observation,
        _secrets: &mut Secrets,
    ) -> Result<(), CommandError> {
        Ok(())
    }
    fn cluster(inventory: &Self::Inventory) -> &ClusterName;
    fn hosts(inventory: &Self::Inventory) -> Hosts;
    /// The values of all secrets that this machine has.
    fn secrets(inventory: &Self::Inventory, base: &Path) -> Result<Secrets, CommandError>;

    fn basis<'a>(
        inventory: &'a Self::Inventory,
        observation: &'a Self::Observation,
        renderer: &'a Self::Renderer,
    ) -> Self::Basis<'a>;
    /// The first look at all hosts; secrets that only they know are added.
    async fn first_look(
        inventory: &Self::Inventory,
        fleet: &Fleet,
        secrets: &mut Secrets,
    ) -> Self::Observation;
    async fn look(inventory: &Self::Inventory, fleet: &Fleet, secrets: &Secrets) -> Self::Observation;
    /// Asks the hosts what the planner must know besides. `false`: the planner has all that can be asked.
    async fn ask_more(
        means: &Means<'_, Self>,
        why: &Self::NoPlan,
        observation: &mut Self::Observation,
    ) -> Result<bool, CommandError>;
    /// Asks what only matters once there is something to do. `false`: nothing was asked.
    async fn look_closer(
        means: &Means<'_, Self>,
        plan: &PlanOf<Self>,
        observation: &mut Self::Observation,
    ) -> bool;
    /// A refusal for each fact that the plan rests on and that is another one now.
    fn stale(plan: &PlanOf<Self>, basis: &Self::Basis<'_>) -> Vec<Finding>;
    /// A refusal where the plan of this id was carried out before.
    fn spent(id: &str, basis: &Self::Basis<'_>) -> Vec<Finding>;
    /// What the plan's command would plan now.
    fn again(plan: &PlanOf<Self>, basis: &Self::Basis<'_>) -> Result<PlanOf<Self>, Self::NoPlan>;
    /// The plan without what may differ though the work is the same.
    fn comparable(plan: &PlanOf<Self>) -> PlanOf<Self> {
        plan.clone()
    }

    /// How long it is worth waiting for another answer of the planner.
    fn patience(why: &Self::NoPlan, dry_run: bool) -> Duration;
    fn unplanned(why: Self::NoPlan, invocation: &Invocation) -> Unplanned;

    /// Begins to write beside the run. Errors: nothing can be proved for this plan.
    async fn beside(
        means: &Means<'_, Self>,
        plan: &PlanOf<Self>,
        observation: &Self::Observation,
    ) -> Result<Self::Beside, CommandError>;
    /// Notes which steps are under way, and hands every event on.
    fn recorder(beside: &mut Self::Beside, next: Arc<dyn Reporter>) -> Arc<dyn Reporter>;
    /// Errors: a confirmed row is missing, or nothing is proved.
    async fn proved(
        beside: Self::Beside,
        context: &Self::Context,
        format: Format,
    ) -> Result<(), CommandError>;

    fn context(start: Start<'_, Self>) -> Self::Context;
    /// How the cluster is after a run, as a table; `None`: no server runs.
    async fn table(context: &Arc<Self::Context>) -> Option<String>;
    /// The same command has to run again.
    fn is_preliminary(plan: &PlanOf<Self>) -> bool;
    /// What to do after a run that ended well.
    fn next(plan: &PlanOf<Self>, context: &Self::Context, invocation: &Invocation) -> String;
    /// Ends what the run has held. The connections end with it.
    async fn end(context: Self::Context);
}
