//! PostgreSQL with Patroni, as the course of a changing command sees it.

use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Engine, Means, Name, Patroni, Start};
use crate::cli::course::{PlanFormat, Unplanned};
use crate::cli::local_files;
use crate::cli::status_text::patroni_tables;
use crate::exit::{CommandError, Kind};
use crate::kernel;
use crate::kernel::inventory::Hosts;
use crate::kernel::inventory::note::Note;
use crate::kernel::judge::{Finding, Invocation};
use crate::kernel::model::{ClusterName, Secrets};
use crate::kernel::plan::Input;
use crate::kernel::run::event::Reporter;
use crate::kernel::transport::Fleet;
use crate::patroni::act::Context;
use crate::patroni::facts::SeedFacts;
use crate::patroni::inventory;
use crate::patroni::inventory::Inventory;
use crate::patroni::judge::Basis;
use crate::patroni::observation::Observation;
use crate::patroni::plan;
use crate::patroni::plan::{Action, Command, NoPlan, Plan};
use crate::patroni::status::status;
use crate::patroni::{observe, recovery, secrets};
use crate::ui::{Format, Printer, table_within};

/// initdb of a founder takes seconds; on a busy machine half a minute.
const FOUNDING: Duration = Duration::from_secs(180);
/// How often it is looked whether Patroni has chosen a primary.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

impl Engine for Patroni {
    const NAME: Name = Name::Patroni;
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
                Err(CommandError::error("engine patroni has no templates").hint("leave --templates out"))
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

    async fn ask_more(
        means: &Means<'_, Self>,
        why: &NoPlan,
        observation: &mut Observation,
    ) -> Result<bool, CommandError> {
        match why {
            NoPlan::PositionsWanted => ask_positions(means, observation).await,
            NoPlan::Electing => await_primary(means, observation).await,
            NoPlan::SeedWanted(_) => ask_seed(means, observation).await,
            NoPlan::Refused(_) | NoPlan::Founding(_) => return Ok(false),
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

    /// A plan that founds rests on hosts without data, which it changes; so it is stale afterwards.
    fn spent(_: &str, _: &Basis<'_>) -> Vec<Finding> {
        Vec::new()
    }

    fn again(plan: &Plan, basis: &Basis<'_>) -> Result<Plan, NoPlan> {
        plan::again(plan, basis)
    }

    fn patience(why: &NoPlan, _: bool) -> Duration {
        match why {
            NoPlan::Founding(_) => FOUNDING,
            NoPlan::Refused(_) | NoPlan::Electing | NoPlan::PositionsWanted | NoPlan::SeedWanted(_) => {
                Duration::ZERO
            }
        }
    }

    fn unplanned(why: NoPlan, invocation: &Invocation) -> Unplanned {
        match why {
            NoPlan::Refused(refusals) => Unplanned::Refused(refusals),
            NoPlan::Electing | NoPlan::PositionsWanted | NoPlan::SeedWanted(_) => {
                Unplanned::Failed(CommandError::error(why.to_string()))
            }
            NoPlan::Founding(_) => {
                let error = CommandError::new(Kind::Unreachable, format!("nothing was changed: {why}"));
                Unplanned::Failed(error.hint(format!(
                    "wait until it is the primary: {}, then run this again; if its data does not grow any more: {}, which \
                     stops it and begins again",
                    invocation.command("status", &[]),
                    invocation.command("recover", &[])
                )))
            }
        }
    }

    async fn beside(_: &Means<'_, Self>, _: &Plan, _: &Observation) -> Result<Infallible, CommandError> {
        let error = CommandError::error("--ledger is not there yet for engine patroni; nothing was changed");
        Err(error.hint("leave --ledger out"))
    }

    fn recorder(beside: &mut Infallible, _: Arc<dyn Reporter>) -> Arc<dyn Reporter> {
        match *beside {}
    }

    async fn proved(beside: Infallible, _: &Context, _: Format) -> Result<(), CommandError> {
        match beside {}
    }

    fn context(start: Start<'_, Self>) -> Context {
        let datadirs =
            start.observation.seen().map(|(node, facts)| (node.clone(), facts.datadir.path.clone()));
        Context {
            datadirs: datadirs.collect(),
            inventory: start.inventory,
            fleet: start.fleet,
            secrets: start.secrets,
            reporter: start.reporter,
            interrupt: start.interrupt,
        }
    }

    async fn table(context: &Arc<Context>) -> Option<String> {
        let Context { inventory, fleet, secrets, .. } = context.as_ref();
        let observation = observe::ask(inventory, fleet).await.observation(secrets);
        observation.primaries().next()?;
        Some(patroni_tables(&status(inventory, &observation), Printer::width_of_data()))
    }

    fn is_preliminary(plan: &Plan) -> bool {
        matches!(plan.command, Command::Recover { preliminary: true, .. })
    }

    fn next(plan: &Plan, context: &Context, invocation: &Invocation) -> String {
        match &plan.command {
            Command::RemoveNode { nodes, .. } => plan::left_to_do(&context.inventory, nodes),
            _ => plan::afterwards(plan).text(invocation),
        }
    }

    async fn end(context: Context) {
        context.fleet.close().await;
    }
}

/// What the standalone server has that is to become the cluster's first.
async fn ask_seed(means: &Means<'_, Patroni>, observation: &mut Observation) {
    let Means { inventory, fleet, .. } = *means;
    Printer::remark("asking the standalone server what it has, without changing it");
    let told = observe::seed::seed(inventory, observation, fleet).await;
    observation.seed = told.or_else(|| Some(SeedFacts::unseen("its data were not seen".into())));
}

/// How far the data of stopped nodes got, and all the evidence shown: before anything is decided or refused.
async fn ask_positions(means: &Means<'_, Patroni>, observation: &mut Observation) {
    let Means { inventory, fleet, course, .. } = *means;
    Printer::remark("asking the data of stopped nodes how far it got, without changing it");
    observation.recovered = Some(observe::recover::recover(observation, fleet).await);
    let places = recovery::gather(&Basis { inventory, observation }).places();
    observation.digests = observe::recover::digests(observation, fleet, &places).await;
    if course.format == PlanFormat::Text {
        let evidence = recovery::gather(&Basis { inventory, observation });
        let width = Printer::width_of_narration();
        Printer::narrate(&table_within(&recovery::HEADINGS, &recovery::table(&evidence), width));
    }
}

/// Whoever runs may choose a primary by itself: as after a power cut of all hosts. It takes as long as the leader key
/// of the last one lives, and a loop of Patroni.
async fn await_primary(means: &Means<'_, Patroni>, observation: &mut Observation) {
    let Means { inventory, fleet, secrets, .. } = *means;
    Printer::remark("no server is a primary; waiting to see whether Patroni chooses one by itself");
    let since = Instant::now();
    let patience =
        Duration::from_secs(u64::from(inventory.failover.ttl() + 3 * inventory.failover.loop_wait()));
    while since.elapsed() < patience && observation.primaries().next().is_none() {
        tokio::time::sleep(LOOK_AGAIN).await;
        *observation = Patroni::look(inventory, fleet, secrets).await;
    }
    // Who has just become the primary has standbys that follow a moment later.
    observation.awaited = true;
}
