//! The course of every command that plans for hosts: scan → plan → show → agree → carry out → prove.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::time::sleep;

use super::course::{Course, PlanFormat, agreed};
use super::evidence;
use super::inputs::Inputs;
use super::ledger::Beside;
use super::look;
use super::plan_file;
use crate::exit::{CommandError, End, Kind};
use crate::galera::act::{Context, Entrance, Place, views};
use crate::galera::alter::{Change, Table};
use crate::galera::inventory::Inventory;
use crate::galera::judge::Basis;
use crate::galera::monitoring::silence::Silence;
use crate::galera::observation::{Observation, SeedSchema};
use crate::galera::observe;
use crate::galera::plan;
use crate::galera::plan::{NoPlan, Plan, Saved};
use crate::galera::secrets;
use crate::kernel;
use crate::kernel::judge::Finding;
use crate::kernel::model::{NodeName, Secrets};
use crate::kernel::random;
use crate::kernel::run::event::{Failure, FailureKind, Reporter};
use crate::kernel::run::interrupt::Interrupt;
use crate::kernel::run::journal;
use crate::kernel::run::journal::{CutOff, Journal};
use crate::kernel::transport::{Claim, Fleet};
use crate::ui::{Format, Printer, Settled, reporter, table_within};

/// How often, and ([`SETTLING`]) for how long in all, galactl looks at servers that are starting by themselves. Reading
/// a large data directory after a crash may take longer than that.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
const SETTLING: Duration = Duration::from_secs(90);
/// A donor whose joiner has vanished notices it after five minutes at the latest (mariabackup's script).
const DONATING: Duration = Duration::from_secs(330);

/// Scans the hosts, and carries out the planner's plan; `saved` is the file that the
/// plan stands in already, if it does.
pub fn on_hosts(
    course: Course<'_>,
    inputs: Inputs,
    saved: Option<Saved>,
    planner: impl Fn(&Basis<'_>) -> Result<Plan, NoPlan>,
) -> Result<End, CommandError> {
    let mut secrets = secrets::resolve(&inputs.inventory, &inputs.base).map_err(CommandError::of)?;
    if let Err(why) = secrets::add_webhook(&inputs.inventory, &inputs.base, &mut secrets) {
        Printer::remark(&format!(
            "warning: monitoring.alerts.webhook: {why}; Alertmanager's file stays as it is"
        ));
    }
    let cut_off = journal::cut_off(&inputs.inventory.cluster);
    if let Some(cut_off) = &cut_off {
        let next = "The hosts are scanned to see where things stand";
        Printer::remark(&format!("note: {}. {next}", cut_off_text(cut_off)));
    }
    look::run(async {
        let fleet = look::connect(&inputs.inventory, &inputs.base).await?;
        let work = Work { course, inputs, saved, secrets, fleet, cut_off, who: whoami() };
        work.run(planner).await
    })
}

/// What is known of a run that was cut off.
pub fn cut_off_text(cut_off: &CutOff) -> String {
    let step = cut_off.step.as_ref().map_or_else(String::new, |step| format!(" in step {step}"));
    format!(
        "the last run on this cluster ({}) was cut off{step}; its journal is {}",
        cut_off.who,
        cut_off.path.display()
    )
}

/// Who makes a plan or holds the hosts' locks, and since when.
pub fn whoami() -> String {
    let user = ["USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok());
    let user = user.unwrap_or_else(|| "somebody".into());
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let now = jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M:%S UTC");
    format!("{user}@{}, process {}, since {now}", host.trim(), std::process::id())
}

/// What `lint` finds in the databases that a bootstrap makes the cluster's.
async fn seed_schema(basis: &Basis<'_>, command: &plan::Command, fleet: &Fleet) -> SeedSchema {
    let seed = &basis.inventory.seed;
    let (Some(facts), Some(host)) = (basis.observation.facts(seed), fleet.host_of(seed)) else {
        return SeedSchema::default();
    };
    let founds =
        matches!(command, plan::Command::Bootstrap { .. }) && facts.live().is_some_and(|it| !it.wsrep_on);
    match founds && !facts.datadir.schemas.is_empty() {
        true => observe::schema::of_seed(&host, basis.inventory, facts).await,
        false => SeedSchema::default(),
    }
}

struct Work<'a> {
    course: Course<'a>,
    inputs: Inputs,
    saved: Option<Saved>,
    secrets: Secrets,
    fleet: Fleet,
    /// An earlier run that has no end in its journal.
    cut_off: Option<CutOff>,
    who: String,
}

impl Work<'_> {
    async fn run(
        mut self,
        planner: impl Fn(&Basis<'_>) -> Result<Plan, NoPlan>,
    ) -> Result<End, CommandError> {
        let agreed = match self.lock().await {
            Ok(()) => self.agree(planner).await,
            Err(error) => Err(error),
        };
        match agreed {
            Ok(Agreed::CarryOut(saved, observation)) => Box::pin(self.carry_out(&saved, &observation)).await,
            Ok(Agreed::NotToBeCarriedOut(end)) => {
                self.fleet.close().await;
                Ok(end)
            }
            Err(error) => {
                self.fleet.close().await;
                Err(error)
            }
        }
    }

    fn refused(&self, refusals: &[Finding]) -> CommandError {
        self.course.refused(refusals, &self.inputs.invocation())
    }

    fn no_plan(&self, why: NoPlan) -> CommandError {
        self.course.no_plan(why, &self.inputs.invocation())
    }

    /// One changing run at a time: taken before the hosts are scanned, so that nothing changes
    /// between the scan and the act. A dry run changes nothing and takes none.
    async fn lock(&self) -> Result<(), CommandError> {
        if self.course.dry_run {
            return Ok(());
        }
        let claim = Claim { token: random::id(), who: self.who.clone() };
        self.fleet.lock(claim).await.map_err(|held| self.refused(&kernel::plan::busy(&held)))
    }

    /// Everything until the user agrees: scan, plan, show and ask.
    async fn agree(
        &mut self,
        planner: impl Fn(&Basis<'_>) -> Result<Plan, NoPlan>,
    ) -> Result<Agreed, CommandError> {
        let reports = observe::ask(&self.inputs.inventory, &self.fleet).await;
        reports.complete(&self.inputs.inventory, &mut self.secrets);
        let mut observation = reports.observation(&self.secrets);
        self.inputs.find_package(&observation);
        let mut plan = self.first_plan(&planner, &mut observation).await?;
        // After an outage, a port that is closed is no reason to leave the cluster down, and no file is changed.
        if !plan.is_empty() && observation.recovered.is_none() {
            let alone = !self.course.dry_run;
            let Inputs { inventory, renderer, .. } = &self.inputs;
            let basis = Basis { inventory, observation: &observation, renderer };
            let (ports, tried, seed_schema) = tokio::join!(
                observe::ports::probe(inventory, &self.fleet, &observation, alone),
                observe::tries::ask(&basis, &self.fleet, &self.secrets),
                seed_schema(&basis, &plan.command, &self.fleet)
            );
            (observation.ports, observation.tried) = (ports, tried);
            observation.seed_schema = seed_schema;
            plan = self.plan(&planner, &observation).map_err(|why| self.no_plan(why))?;
        }
        let saved = self.saved.take().unwrap_or_else(|| plan_file::close(plan, &self.inputs, &self.who));
        self.course.show(&saved)?;
        if let Some(cut_off) = self.cut_off.as_ref().filter(|_| saved.plan.is_empty()) {
            journal::settle(cut_off);
        }
        if saved.plan.is_empty() || self.course.dry_run {
            return Ok(Agreed::NotToBeCarriedOut(self.course.end(&saved.plan)));
        }
        if agreed(&self.course, &saved.plan)? {
            self.unchanged(&saved.plan).await?;
        }
        Ok(Agreed::CarryOut(Box::new(saved), Box::new(observation)))
    }

    /// The planner's answer, once everything that it waits for has happened.
    async fn first_plan(
        &self,
        planner: impl Fn(&Basis<'_>) -> Result<Plan, NoPlan>,
        observation: &mut Observation,
    ) -> Result<Plan, CommandError> {
        let mut told = String::new();
        let since = Instant::now();
        loop {
            match self.plan(&planner, observation) {
                Err(NoPlan::PositionsWanted) => self.ask_positions(observation).await?,
                Err(NoPlan::StudyWanted(table, change)) => self.study(observation, table, change).await,
                Err(why) if since.elapsed() < self.patience(&why) => {
                    let words = format!("{why}; waiting to see what becomes of that");
                    if words != told {
                        Printer::remark(&words);
                        told = words;
                    }
                    sleep(LOOK_AGAIN).await;
                    *observation = self.look().await;
                }
                planned => return planned.map_err(|why| self.no_plan(why)),
            }
        }
    }

    /// How long it is worth waiting for another answer. A dry run does not wait for a state transfer to end.
    fn patience(&self, why: &NoPlan) -> Duration {
        match why {
            NoPlan::Settling(_) => SETTLING,
            NoPlan::Donating(_) if !self.course.dry_run => DONATING,
            _ => Duration::ZERO,
        }
    }

    async fn look(&self) -> Observation {
        observe::ask(&self.inputs.inventory, &self.fleet).await.observation(&self.secrets)
    }

    fn plan(
        &self,
        planner: impl Fn(&Basis<'_>) -> Result<Plan, NoPlan>,
        observation: &Observation,
    ) -> Result<Plan, NoPlan> {
        let Inputs { inventory, renderer, .. } = &self.inputs;
        planner(&Basis { inventory, observation, renderer })
    }

    /// How far the data of stopped nodes got, and all the evidence shown: before anything is decided
    /// or refused.
    async fn ask_positions(&self, observation: &mut Observation) -> Result<(), CommandError> {
        let inventory = &self.inputs.inventory;
        Printer::remark("asking the data of stopped nodes how far it got, without changing it");
        let told = |node: &NodeName| Printer::remark(&format!("{node} has told"));
        let positions = observe::recover::ask(inventory, &self.fleet, observation, told).await;
        observation.recovered = Some(positions);
        let out = self.course.evidence_out.map(PathBuf::as_path);
        evidence::keep(inventory, observation, &self.who, self.course.format, out)
    }

    /// What the members make of a change of a table, each on a copy of its own that goes nowhere.
    async fn study(&self, observation: &mut Observation, table: Table, change: Change) {
        Printer::remark(&format!("each node tries the change on a copy of {table}, which is not replicated"));
        observation.study = Some(observe::table::ask(&self.fleet, observation, table, change).await);
    }

    /// Checks that the hosts have not changed while the user read the plan.
    async fn unchanged(&self, plan: &Plan) -> Result<(), CommandError> {
        let (hosts, now) = (self.inputs.inventory.hosts(), self.look().await);
        let changed = kernel::plan::stale(plan, |host| now.fingerprint(&hosts, host));
        if changed.is_empty() { Ok(()) } else { Err(self.refused(&changed)) }
    }

    /// The ledger beside the run, where one is wanted.
    async fn beside(&self, plan: &Plan, observation: &Observation) -> Result<Option<Beside>, CommandError> {
        if !self.course.ledger {
            return Ok(None);
        }
        if matches!(&plan.command, plan::Command::Stop { nodes } if nodes.is_empty()) {
            let error = CommandError::error("a ledger is read at the end, and no server runs then");
            return Err(error.hint("leave --ledger out; nothing was changed"));
        }
        Beside::begin(&self.inputs.inventory, &self.fleet, observation).await.map(Some)
    }

    async fn carry_out(self, saved: &Saved, observation: &Observation) -> Result<End, CommandError> {
        let format = match self.course.format {
            PlanFormat::Json => Format::Json,
            PlanFormat::Text | PlanFormat::Markdown => Format::Text,
        };
        let invocation = self.inputs.invocation();
        let mut beside = match self.beside(&saved.plan, observation).await {
            Ok(beside) => beside,
            Err(error) => {
                self.fleet.close().await;
                return Err(error);
            }
        };
        let next = journalled(&self.inputs.inventory, saved, &self.who, reporter(format));
        let settled: Arc<dyn Reporter> = Arc::new(Settled { invocation: invocation.clone(), next });
        let reporter = match &mut beside {
            Some(beside) => beside.recorder(settled),
            None => settled,
        };
        let context = Arc::new(Context {
            inventory: self.inputs.inventory,
            fleet: self.fleet,
            secrets: self.secrets,
            renderer: self.inputs.renderer,
            places: Place::all(observation),
            plan: saved.id.clone(),
            who: self.who,
            interrupt: Interrupt::listen(&reporter).context("signals")?,
            reporter,
            entrance: Entrance::default(),
            silence: Silence::default(),
        });
        let end = run_plan(&context, &saved.plan, beside, format).await;
        let end = end.map_err(|error| error.settled(&invocation));
        if end.is_ok() {
            let next = plan::left_to_do(&saved.plan, &context.inventory);
            let next = next.unwrap_or_else(|| plan::afterwards(&saved.plan).text(&invocation));
            Printer::remark(&format!("next: {next}"));
        }
        if let Some(context) = Arc::into_inner(context) {
            context.silence.end().await;
            context.fleet.close().await;
        }
        end
    }
}

/// Carries out a plan, ends the ledger beside it where there is one, and shows how the cluster is then.
async fn run_plan(
    context: &Arc<Context>,
    plan: &Plan,
    beside: Option<Beside>,
    format: Format,
) -> Result<End, CommandError> {
    let outcome = kernel::run::run(context, plan).await;
    let proved = match beside {
        Some(beside) => beside.end(context, format).await,
        None => Ok(()),
    };
    if outcome.is_ok() && format == Format::Text {
        cluster_table(context).await.iter().for_each(|table| Printer::data(table));
    }
    proved?;
    match outcome {
        Ok(()) if plan::is_preliminary(plan) => Ok(End::ChangesPending),
        Ok(()) => Ok(End::Done),
        Err(failure) => Err(failed(&failure)),
    }
}

enum Agreed {
    CarryOut(Box<Saved>, Box<Observation>),
    NotToBeCarriedOut(End),
}

/// The reporter with a journal of the run. A run goes on where no journal can be written.
fn journalled(inventory: &Inventory, saved: &Saved, who: &str, next: Arc<dyn Reporter>) -> Arc<dyn Reporter> {
    match Journal::begin(&inventory.cluster, &saved.id, who, Arc::clone(&next)) {
        Ok(journal) => Arc::new(journal),
        Err(error) => {
            Printer::narrate(&format!("warning: no journal of this run is kept: {error}"));
            next
        }
    }
}

/// The failure itself was shown as an event; this is its last line and exit code.
fn failed(failure: &Failure) -> CommandError {
    let kind = match failure.kind {
        FailureKind::Failed => Kind::Error,
        FailureKind::Surprise => Kind::Unreachable,
        FailureKind::Interrupted => Kind::Interrupted,
    };
    CommandError::new(kind, format!("stopped at {}", failure.step))
}

/// `None`: no server runs.
async fn cluster_table(context: &Arc<Context>) -> Option<String> {
    let nodes: Vec<NodeName> = context.inventory.start_order().map(|node| node.name.clone()).collect();
    let views = views(context, &nodes).await;
    let rows: Vec<Vec<String>> = context
        .inventory
        .start_order()
        .filter_map(|node| {
            let live = views.get(&node.name)?;
            let uuid = live.state_uuid.as_ref().map_or_else(String::new, ToString::to_string);
            let cells = [
                node.name.to_string(),
                node.address.to_string(),
                live.cluster_status.to_string(),
                live.local_state.to_string(),
                live.cluster_size.to_string(),
                live.conf_id.to_string(),
                live.last_committed.to_string(),
                uuid,
            ];
            Some(cells.to_vec())
        })
        .collect();
    let header = ["NODE", "ADDRESS", "STATUS", "STATE", "SIZE", "VIEW", "SEQNO", "STATE UUID"];
    (!rows.is_empty()).then(|| table_within(&header, &rows, Printer::width_of_data()))
}
