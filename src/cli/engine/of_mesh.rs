//! A mesh of PostgreSQL servers, as the course of a changing command sees it.

use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::{Engine, Means, Mesh, Name, Start};
use crate::cli::course::Unplanned;
use crate::cli::local_files;
use crate::cli::status_text::mesh_tables;
use crate::exit::CommandError;
use crate::kernel;
use crate::kernel::inventory::Hosts;
use crate::kernel::inventory::note::Note;
use crate::kernel::judge::{Finding, Invocation};
use crate::kernel::model::{ClusterName, Secrets};
use crate::kernel::plan::Input;
use crate::kernel::run::event::Reporter;
use crate::kernel::transport::Fleet;
use crate::mesh::act::Context;
use crate::mesh::compare::for_repair;
use crate::mesh::facts::HeldUp;
use crate::mesh::inventory;
use crate::mesh::inventory::Inventory;
use crate::mesh::judge::Basis;
use crate::mesh::observation::Observation;
use crate::mesh::plan;
use crate::mesh::plan::{Action, Command, NoPlan, NodeAction, Plan};
use crate::mesh::status::status;
use crate::mesh::{observe, secrets};
use crate::ui::{CompareBar, Format, Printer};

impl Engine for Mesh {
    const NAME: Name = Name::Mesh;
    type Inventory = Inventory;
    type Renderer = ();
    type Observation = Observation;
    type Basis<'a> = Basis<'a>;
    type NoPlan = NoPlan;
    type Command = Command;
    type Action = Action;
    type Context = Context;
    type Beside = Infallible;

    fn parse(bytes: &[u8]) -> Result<(Inventory, Vec<Note>), Vec<Note>> {
        inventory::parse(bytes)
    }

    fn parse_with_files(bytes: &[u8], base: &Path) -> Result<(Inventory, Vec<Note>), Vec<Note>> {
        inventory::parse_and(bytes, |written| local_files::check(written, base))
    }

    /// The files of this engine are made from values, without a template.
    fn renderer(templates: Option<&Path>) -> Result<((), Option<Input>), CommandError> {
        match templates {
            None => Ok(((), None)),
            Some(_) => {
                Err(CommandError::error("engine postgresql-mesh has no templates")
                    .hint("leave --templates out"))
            }
        }
    }

    fn cluster(inventory: &Inventory) -> &ClusterName {
        &inventory.cluster
    }

    fn hosts(inventory: &Inventory) -> Hosts {
        inventory.hosts()
    }

    fn secrets(inventory: &Inventory, base: &Path) -> Result<Secrets, CommandError> {
        secrets::resolve(inventory, base).map_err(CommandError::of)
    }

    fn basis<'a>(inventory: &'a Inventory, observation: &'a Observation, (): &'a ()) -> Basis<'a> {
        Basis { inventory, observation }
    }

    async fn first_look(inventory: &Inventory, fleet: &Fleet, secrets: &mut Secrets) -> Observation {
        let reports = observe::ask(inventory, fleet).await;
        reports.complete(secrets);
        reports.observation(secrets)
    }

    async fn look(inventory: &Inventory, fleet: &Fleet, secrets: &Secrets) -> Observation {
        observe::ask(inventory, fleet).await.observation(secrets)
    }

    /// What a transaction holds, which rows differ, or what merge functions do, where the planner has to know.
    async fn ask_more(
        means: &Means<'_, Self>,
        why: &NoPlan,
        observation: &mut Observation,
    ) -> Result<bool, CommandError> {
        match why {
            NoPlan::Refused(_) => return Ok(false),
            NoPlan::Ask(which) => {
                let told = observe::transaction::ask(means.inventory, means.fleet, which).await;
                observation.held_up = Some(HeldUp { which: (**which).clone(), told });
            }
            NoPlan::TrialWanted(node) => {
                let Some(facts) = observation.facts(node) else { return Ok(false) };
                let trials = observe::try_merges(means.inventory, means.fleet, node, facts).await;
                observation.trials = Some(trials);
            }
            NoPlan::Rows(wanted) => {
                let bar = CompareBar::default();
                let tell = |progress: &_| bar.show(progress);
                let compared = for_repair::ask(means.inventory, means.fleet, wanted, &tell).await;
                bar.end();
                observation.compared = Some(compared.map_err(CommandError::of)?);
            }
        }
        Ok(true)
    }

    async fn look_closer(_: &Means<'_, Self>, _: &Plan, _: &mut Observation) -> bool {
        false
    }

    fn stale(plan: &Plan, basis: &Basis<'_>) -> Vec<Finding> {
        let hosts = basis.inventory.hosts();
        kernel::plan::stale(plan, |host| basis.observation.fingerprint(&hosts, host))
    }

    /// A plan that opens a mesh rests on databases without one, which it changes; so it is stale afterwards.
    fn spent(_: &str, _: &Basis<'_>) -> Vec<Finding> {
        Vec::new()
    }

    /// The moment of a comparison is another one each time.
    fn comparable(plan: &Plan) -> Plan {
        let mut plan = plan.clone();
        for step in plan.stages.iter_mut().flat_map(|stage| &mut stage.steps) {
            if let Action::Node(NodeAction::Repair { rows, .. }) = &mut step.action {
                rows.as_of.clear();
            }
        }
        plan
    }

    fn again(plan: &Plan, basis: &Basis<'_>) -> Result<Plan, NoPlan> {
        plan::again(plan, basis)
    }

    fn patience(_: &NoPlan, _: bool) -> Duration {
        Duration::ZERO
    }

    fn unplanned(why: NoPlan, _: &Invocation) -> Unplanned {
        match why {
            NoPlan::Refused(refusals) => Unplanned::Refused(refusals),
            NoPlan::Ask(_) | NoPlan::Rows(_) | NoPlan::TrialWanted(_) => {
                Unplanned::Failed(CommandError::error(why.to_string()))
            }
        }
    }

    async fn beside(_: &Means<'_, Self>, _: &Plan, _: &Observation) -> Result<Infallible, CommandError> {
        let error =
            CommandError::error("--ledger is not there yet for engine postgresql-mesh; nothing was changed");
        Err(error.hint("leave --ledger out"))
    }

    fn recorder(beside: &mut Infallible, _: Arc<dyn Reporter>) -> Arc<dyn Reporter> {
        match *beside {}
    }

    async fn proved(beside: Infallible, _: &Context, _: Format) -> Result<(), CommandError> {
        match beside {}
    }

    fn context(start: Start<'_, Self>) -> Context {
        Context {
            inventory: start.inventory,
            fleet: start.fleet,
            secrets: start.secrets,
            reporter: start.reporter,
            interrupt: start.interrupt,
        }
    }

    async fn table(context: &Arc<Context>) -> Option<String> {
        let observation = context.observe().await;
        let status = status(&context.inventory, &observation);
        let serves = status.nodes.iter().any(|node| node.state == "member");
        serves.then(|| mesh_tables(&status, Printer::width_of_data()))
    }

    fn is_preliminary(_: &Plan) -> bool {
        false
    }

    fn next(plan: &Plan, _: &Context, invocation: &Invocation) -> String {
        plan::afterwards(plan).text(invocation)
    }

    async fn end(context: Context) {
        context.fleet.close().await;
    }
}
