//! The course of every command that plans for hosts: scan → plan → show → agree → carry out → prove.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::time::sleep;

use super::course::{Course, PlanFormat, agreed};
use super::engine::{Engine, Means, PlanOf, SavedOf, Start};
use super::inputs::Inputs;
use super::look;
use crate::exit::{CommandError, End, Kind};
use crate::kernel;
use crate::kernel::judge::Finding;
use crate::kernel::model::{ClusterName, Secrets};
use crate::kernel::random;
use crate::kernel::run::event::{Failure, FailureKind, Reporter};
use crate::kernel::run::interrupt::Interrupt;
use crate::kernel::run::journal;
use crate::kernel::run::journal::{CutOff, Journal};
use crate::kernel::transport::{Claim, Fleet};
use crate::ui::{Format, Printer, Settled, reporter};

/// How often galactl looks at servers whose state changes by itself.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// Scans the hosts, and carries out the planner's plan; `saved` is the file that the
/// plan stands in already, if it does.
pub fn on_hosts<E: Engine>(
    course: Course<'_>,
    inputs: Inputs<E>,
    saved: Option<SavedOf<E>>,
    planner: impl Fn(&E::Basis<'_>) -> Result<PlanOf<E>, E::NoPlan>,
) -> Result<End, CommandError> {
    let secrets = E::secrets(&inputs.inventory, &inputs.base)?;
    let cut_off = journal::cut_off(E::cluster(&inputs.inventory));
    if let Some(cut_off) = &cut_off {
        let next = "The hosts are scanned to see where things stand";
        Printer::remark(&format!("note: {}. {next}", cut_off_text(cut_off)));
    }
    look::run(async {
        let fleet = look::connect(E::hosts(&inputs.inventory), &inputs.base).await?;
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

struct Work<'a, E: Engine> {
    course: Course<'a>,
    inputs: Inputs<E>,
    saved: Option<SavedOf<E>>,
    secrets: Secrets,
    fleet: Fleet,
    /// An earlier run that has no end in its journal.
    cut_off: Option<CutOff>,
    who: String,
}

impl<E: Engine> Work<'_, E> {
    async fn run(
        mut self,
        planner: impl Fn(&E::Basis<'_>) -> Result<PlanOf<E>, E::NoPlan>,
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

    fn no_plan(&self, why: E::NoPlan) -> CommandError {
        let invocation = self.inputs.invocation();
        self.course.no_plan(E::unplanned(why, &invocation), &invocation)
    }

    fn means(&self) -> Means<'_, E> {
        let Self { inputs, fleet, secrets, course, .. } = self;
        let Inputs { inventory, renderer, .. } = inputs;
        Means { inventory, renderer, fleet, secrets, who: &self.who, course }
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
        planner: impl Fn(&E::Basis<'_>) -> Result<PlanOf<E>, E::NoPlan>,
    ) -> Result<Agreed<E>, CommandError> {
        let mut observation = E::first_look(&self.inputs.inventory, &self.fleet, &mut self.secrets).await;
        self.inputs.read_local_files(&observation);
        self.inputs.prepare(&observation, &mut self.secrets)?;
        let mut plan = self.first_plan(&planner, &mut observation).await?;
        if !plan.is_empty() && E::look_closer(&self.means(), &plan, &mut observation).await {
            plan = self.plan(&planner, &observation).map_err(|why| self.no_plan(why))?;
        }
        let saved = self.saved.take().unwrap_or_else(|| self.inputs.close(plan, &self.who));
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
        planner: impl Fn(&E::Basis<'_>) -> Result<PlanOf<E>, E::NoPlan>,
        observation: &mut E::Observation,
    ) -> Result<PlanOf<E>, CommandError> {
        let mut told = String::new();
        let since = Instant::now();
        loop {
            let why = match self.plan(&planner, observation) {
                Ok(plan) => return Ok(plan),
                Err(why) => why,
            };
            if E::ask_more(&self.means(), &why, observation).await? {
                continue;
            }
            if since.elapsed() >= E::patience(&why, self.course.dry_run) {
                return Err(self.no_plan(why));
            }
            let words = format!("{why}; waiting to see what becomes of that");
            if words != told {
                Printer::remark(&words);
                told = words;
            }
            sleep(LOOK_AGAIN).await;
            *observation = self.look().await;
        }
    }

    async fn look(&self) -> E::Observation {
        E::look(&self.inputs.inventory, &self.fleet, &self.secrets).await
    }

    fn plan(
        &self,
        planner: impl Fn(&E::Basis<'_>) -> Result<PlanOf<E>, E::NoPlan>,
        observation: &E::Observation,
    ) -> Result<PlanOf<E>, E::NoPlan> {
        planner(&E::basis(&self.inputs.inventory, observation, &self.inputs.renderer))
    }

    /// Checks that the hosts have not changed while the user read the plan.
    async fn unchanged(&self, plan: &PlanOf<E>) -> Result<(), CommandError> {
        let Inputs { inventory, renderer, .. } = &self.inputs;
        let changed = E::stale(plan, &E::basis(inventory, &self.look().await, renderer));
        if changed.is_empty() { Ok(()) } else { Err(self.refused(&changed)) }
    }

    /// What writes beside the run, where that is wanted.
    async fn beside(
        &self,
        plan: &PlanOf<E>,
        observation: &E::Observation,
    ) -> Result<Option<E::Beside>, CommandError> {
        if !self.course.ledger {
            return Ok(None);
        }
        E::beside(&self.means(), plan, observation).await.map(Some)
    }

    async fn carry_out(self, saved: &SavedOf<E>, observation: &E::Observation) -> Result<End, CommandError> {
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
        let cluster = E::cluster(&self.inputs.inventory);
        let next = journalled(cluster, &saved.id, &self.who, reporter(format));
        let settled: Arc<dyn Reporter> = Arc::new(Settled { invocation: invocation.clone(), next });
        let reporter = match &mut beside {
            Some(beside) => E::recorder(beside, settled),
            None => settled,
        };
        let context = Arc::new(E::context(Start {
            inventory: self.inputs.inventory,
            renderer: self.inputs.renderer,
            fleet: self.fleet,
            secrets: self.secrets,
            observation,
            plan: saved.id.clone(),
            who: self.who,
            interrupt: Interrupt::listen(&reporter).context("signals")?,
            reporter,
        }));
        let end = run_plan::<E>(&context, &saved.plan, beside, format).await;
        let end = end.map_err(|error| error.settled(&invocation));
        if end.is_ok() {
            Printer::remark(&format!("next: {}", E::next(&saved.plan, &context, &invocation)));
        }
        if let Some(context) = Arc::into_inner(context) {
            E::end(context).await;
        }
        end
    }
}

/// Carries out a plan, ends what writes beside it, and shows how the cluster is then.
async fn run_plan<E: Engine>(
    context: &Arc<E::Context>,
    plan: &PlanOf<E>,
    beside: Option<E::Beside>,
    format: Format,
) -> Result<End, CommandError> {
    let outcome = kernel::run::run(context, plan).await;
    let proved = match beside {
        Some(beside) => E::proved(beside, context, format).await,
        None => Ok(()),
    };
    if outcome.is_ok() && format == Format::Text {
        E::table(context).await.iter().for_each(|table| Printer::data(table));
    }
    proved?;
    match outcome {
        Ok(()) if E::is_preliminary(plan) => Ok(End::ChangesPending),
        Ok(()) => Ok(End::Done),
        Err(failure) => Err(failed(&failure)),
    }
}

enum Agreed<E: Engine> {
    CarryOut(Box<SavedOf<E>>, Box<E::Observation>),
    NotToBeCarriedOut(End),
}

/// The reporter with a journal of the run. A run goes on where no journal can be written.
fn journalled(cluster: &ClusterName, plan: &str, who: &str, next: Arc<dyn Reporter>) -> Arc<dyn Reporter> {
    match Journal::begin(cluster, plan, who, Arc::clone(&next)) {
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
