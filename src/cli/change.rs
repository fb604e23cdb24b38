//! The course of every changing command: look → plan → show → agree → carry out → prove.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use serde::Serialize;

use super::load::{Source, renderer};
use crate::config::Renderer;
use crate::exec::event::{Failure, FailureKind, Reporter};
use crate::exec::{self, Context, Interrupt, views};
use crate::exit::{CommandError, Kind};
use crate::facts::Observation;
use crate::inventory::Inventory;
use crate::model::{NodeName, Secrets};
use crate::observe;
use crate::plan::{self, Basis, Guard, NoPlan, Plan, Refusal};
use crate::secrets;
use crate::transport::{Fleet, Lock};
use crate::ui::{Format, JsonEvents, Printer, reporter, table};

/// Arguments that all changing commands share.
#[derive(Debug, clap::Args)]
pub struct ChangeArgs {
    /// The inventory; `-` reads standard input
    inventory: PathBuf,
    /// Show the plan and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Carry the plan out without asking
    #[arg(long, short)]
    yes: bool,
    /// How to show the plan and what happens
    #[arg(long, value_enum, default_value = "text")]
    output: Format,
    /// Take the templates from this directory
    #[arg(long)]
    templates: Option<PathBuf>,
}

#[derive(Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
enum Announcement<'a> {
    Planned { plan: &'a Plan },
    Refused { refusals: &'a [Refusal] },
}

/// Runs one changing command. `check` looks at the arguments once the inventory is known.
pub fn run(
    args: &ChangeArgs,
    check: impl Fn(&Inventory) -> Result<(), CommandError>,
    planner: impl Fn(&Basis<'_>) -> Result<Plan, NoPlan>,
) -> Result<(), CommandError> {
    if !args.dry_run && !args.yes && !Printer::can_ask() {
        return Err(CommandError::error("there is no terminal to ask on")
            .hint("look at the plan with --dry-run, then carry it out with --yes"));
    }
    let source = Source::read(&args.inventory)?;
    let inventory = source.inventory()?;
    check(&inventory)?;
    let renderer = renderer(args.templates.as_deref())?;
    let secrets = secrets::resolve(&inventory.sst.password, &source.base)
        .map_err(|error| CommandError::error(error.to_string()))?;
    let runtime = tokio::runtime::Runtime::new().context("the asynchronous runtime")?;
    runtime.block_on(async {
        let fleet = Fleet::connect(&inventory, &source.base).await.context("the run's private directory")?;
        let work = Work { args, inventory, renderer, secrets, fleet };
        work.course(planner).await
    })
}

/// Who holds the hosts' locks, for the one who finds them taken.
fn whoami() -> String {
    let user = std::env::var("USER").unwrap_or_else(|_| "somebody".into());
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let now = jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M:%S UTC");
    format!("{user}@{}, process {}, since {now}", host.trim(), std::process::id())
}

struct Work<'a> {
    args: &'a ChangeArgs,
    inventory: Inventory,
    renderer: Renderer,
    secrets: Secrets,
    fleet: Fleet,
}

impl Work<'_> {
    async fn course(
        mut self,
        planner: impl Fn(&Basis<'_>) -> Result<Plan, NoPlan>,
    ) -> Result<(), CommandError> {
        let agreed = match self.lock().await {
            Ok(locks) => self.agree(planner).await.map(|agreed| agreed.map(|agreed| (locks, agreed))),
            Err(error) => Err(error),
        };
        match agreed {
            Ok(Some((_locks, (plan, observation)))) => self.carry_out(&plan, &observation).await,
            Ok(None) => {
                self.fleet.close().await;
                Ok(())
            }
            Err(error) => {
                self.fleet.close().await;
                Err(error)
            }
        }
    }

    /// One changing run at a time: taken before the hosts are looked at, so that nothing changes
    /// between the look and the act. A dry run changes nothing and takes none.
    async fn lock(&self) -> Result<Vec<Lock>, CommandError> {
        if self.args.dry_run {
            return Ok(Vec::new());
        }
        self.fleet.lock(&whoami()).await.map_err(|held| self.refused(&plan::busy(&held)))
    }

    /// Everything up to the user's word. `None`: there is nothing to carry out.
    async fn agree(
        &mut self,
        planner: impl Fn(&Basis<'_>) -> Result<Plan, NoPlan>,
    ) -> Result<Option<(Plan, Observation)>, CommandError> {
        let reports = observe::ask(&self.inventory, &self.fleet).await;
        reports.complete(&self.inventory, &mut self.secrets);
        let mut observation = reports.observation(&self.secrets);
        let mut plan = self.plan(&planner, &observation)?;
        if !plan.is_empty() {
            let alone = !self.args.dry_run;
            observation.ports =
                observe::ports::probe(&self.inventory, &self.fleet, &observation, alone).await;
            plan = self.plan(&planner, &observation)?;
        }
        self.show(&plan);
        if plan.is_empty() || self.args.dry_run {
            return Ok(None);
        }
        if !self.args.yes {
            confirm(&plan)?;
            self.unchanged(&plan).await?;
        }
        Ok(Some((plan, observation)))
    }

    fn plan(
        &self,
        planner: impl Fn(&Basis<'_>) -> Result<Plan, NoPlan>,
        observation: &Observation,
    ) -> Result<Plan, CommandError> {
        let basis = Basis { inventory: &self.inventory, observation, renderer: &self.renderer };
        planner(&basis).map_err(|why| self.no_plan(why))
    }

    /// A dry run's plan is data; before an execution it is narration.
    fn show(&self, plan: &Plan) {
        match self.args.output {
            Format::Json if self.args.dry_run => JsonEvents::line(plan),
            Format::Json => JsonEvents::line(&Announcement::Planned { plan }),
            Format::Text if self.args.dry_run || plan.is_empty() => Printer::data(&plan::text(plan)),
            Format::Text => Printer::narrate(&plan::text(plan)),
        }
    }

    fn no_plan(&self, why: NoPlan) -> CommandError {
        match why {
            NoPlan::Render(error) => CommandError::error(error.to_string()),
            NoPlan::Refused(refusals) => self.refused(&refusals),
        }
    }

    fn refused(&self, refusals: &[Refusal]) -> CommandError {
        if self.args.output == Format::Json {
            JsonEvents::line(&Announcement::Refused { refusals });
        }
        let unseen = refusals
            .iter()
            .any(|refusal| matches!(refusal.guard, Guard::Unreachable | Guard::Busy | Guard::Stale));
        let kind = if unseen { Kind::Unreachable } else { Kind::Refused };
        CommandError::new(kind, format!("nothing was changed\n{}", plan::refusals_text(refusals)))
    }

    /// The time that a person needs to read is long enough for the hosts to change.
    async fn unchanged(&self, plan: &Plan) -> Result<(), CommandError> {
        let reports = observe::ask(&self.inventory, &self.fleet).await;
        let now = reports.observation(&self.secrets);
        let changed = plan::stale(plan, &now);
        if changed.is_empty() { Ok(()) } else { Err(self.refused(&changed)) }
    }

    async fn carry_out(self, plan: &Plan, observation: &Observation) -> Result<(), CommandError> {
        let reporter: Arc<dyn Reporter> = reporter(self.args.output);
        let of = |what: fn(&crate::facts::HostFacts) -> String| {
            observation.seen().map(|(name, facts)| (name.clone(), what(facts))).collect()
        };
        let context = Arc::new(Context {
            inventory: self.inventory,
            fleet: self.fleet,
            secrets: self.secrets,
            renderer: self.renderer,
            sockets: of(|facts| facts.socket.clone()),
            datadirs: of(|facts| facts.datadir.path.clone()),
            interrupt: Interrupt::listen(&reporter).context("signals")?,
            reporter,
        });
        let outcome = exec::run(&context, plan).await;
        if outcome.is_ok() && self.args.output == Format::Text {
            Printer::data(&cluster_table(&context).await);
        }
        if let Some(context) = Arc::into_inner(context) {
            context.fleet.close().await;
        }
        outcome.map_err(|failure| failed(&failure))
    }
}

/// A word for a plan; where data is lost, the words that say so.
fn confirm(plan: &Plan) -> Result<(), CommandError> {
    let (question, expected) = match !plan.discards.is_empty() {
        false => ("Carry out this plan? [y/N]", vec!["y", "yes"]),
        true => ("Data will be lost, as said above. Type `discard` to go on:", vec!["discard"]),
    };
    let answer = Printer::ask(question).unwrap_or_default().to_lowercase();
    if expected.contains(&answer.as_str()) {
        return Ok(());
    }
    Err(CommandError::new(Kind::Interrupted, "not agreed; nothing was changed"))
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

async fn cluster_table(context: &Arc<Context>) -> String {
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
                format!("{:?}", live.cluster_status),
                live.local_state.clone(),
                live.cluster_size.to_string(),
                live.conf_id.to_string(),
                live.last_committed.to_string(),
                uuid,
            ];
            Some(cells.to_vec())
        })
        .collect();
    table(&["NODE", "ADDRESS", "STATUS", "STATE", "SIZE", "VIEW", "SEQNO", "STATE UUID"], &rows)
}
