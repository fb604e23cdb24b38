//! MariaDB with Galera, as the course of a changing command sees it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;

use super::{Engine, Galera, Means, Name, Start};
use crate::cli::certificates;
use crate::cli::course::Unplanned;
use crate::cli::evidence;
use crate::cli::files;
use crate::cli::ledger::Beside;
use crate::cli::local_files;
use crate::exit::{CommandError, Kind};
use crate::galera::act::{Context, Entrance, Place, views};
use crate::galera::alter::{Change, Table};
use crate::galera::config::{Renderer, TEMPLATE};
use crate::galera::inventory;
use crate::galera::inventory::Inventory;
use crate::galera::judge::Basis;
use crate::galera::monitoring::silence::Silence;
use crate::galera::observation::{Observation, SeedSchema};
use crate::galera::observe;
use crate::galera::plan;
use crate::galera::plan::{Action, Command, NoPlan, Plan};
use crate::galera::secrets;
use crate::kernel;
use crate::kernel::inventory::Hosts;
use crate::kernel::inventory::note::Note;
use crate::kernel::inventory::text::LONGEST_TEXT;
use crate::kernel::judge::{Finding, Invocation};
use crate::kernel::model::{ClusterName, NodeName, Secrets, sha256};
use crate::kernel::plan::Input;
use crate::kernel::run::event::Reporter;
use crate::kernel::transport::Fleet;
use crate::ui::{Format, Printer, table_within};

/// For how long galactl looks at servers that are starting by themselves. Reading a large data directory after a
/// crash may take longer than that.
const SETTLING: Duration = Duration::from_secs(90);
/// A donor whose joiner has vanished notices it after five minutes at the latest (mariabackup's script).
const DONATING: Duration = Duration::from_secs(330);

impl Engine for Galera {
    const NAME: Name = Name::Galera;
    type Inventory = Inventory;
    type Renderer = Renderer;
    type Observation = Observation;
    type Basis<'a> = Basis<'a>;
    type NoPlan = NoPlan;
    type Command = Command;
    type Action = Action;
    type Context = Context;
    type Beside = Beside;

    fn parse(bytes: &[u8]) -> Result<(Inventory, Vec<Note>), Vec<Note>> {
        inventory::parse(bytes)
    }

    fn parse_with_files(bytes: &[u8], base: &Path) -> Result<(Inventory, Vec<Note>), Vec<Note>> {
        inventory::parse_and(bytes, |written| local_files::check(written, base))
    }

    /// The built-in template, or that of a directory with the directory's path and the text's digest.
    fn renderer(templates: Option<&Path>) -> Result<(Renderer, Option<Input>), CommandError> {
        let new = |text| Renderer::new(text).map_err(CommandError::of);
        let Some(directory) = templates else { return Ok((new(None)?, None)) };
        let file = directory.join(TEMPLATE);
        let text =
            files::read_text(&file, LONGEST_TEXT as u64).with_context(|| file.display().to_string())?;
        let input = Input { path: directory.display().to_string(), sha256: sha256(&text) };
        Ok((new(Some(&text))?, Some(input)))
    }

    /// The package of ProxySQL. It may be large, so that it is read only where a host may need it.
    fn read_local_files(inventory: &mut Inventory, base: &Path, observation: &Observation) {
        if observation.may_lack_proxysql(inventory.proxies()) {
            local_files::find_package(inventory, base);
        }
    }

    fn read_certificates(inventory: &mut Inventory, base: &Path) -> Vec<Note> {
        certificates::read(inventory, base)
    }

    fn prepare(
        inventory: &mut Inventory,
        base: &Path,
        observation: &Observation,
        secrets: &mut Secrets,
    ) -> Result<(), CommandError> {
        certificates::prepare(inventory, base, observation, secrets)
    }

    fn cluster(inventory: &Inventory) -> &ClusterName {
        &inventory.cluster
    }

    fn hosts(inventory: &Inventory) -> Hosts {
        inventory.hosts()
    }

    fn secrets(inventory: &Inventory, base: &Path) -> Result<Secrets, CommandError> {
        certificates::usable(inventory)?;
        let mut values = secrets::resolve(inventory, base).map_err(CommandError::of)?;
        if let Err(why) = secrets::add_webhook(inventory, base, &mut values) {
            Printer::remark(&format!(
                "warning: monitoring.alerts.webhook: {why}; Alertmanager's file stays as it is"
            ));
        }
        Ok(values)
    }

    fn basis<'a>(
        inventory: &'a Inventory,
        observation: &'a Observation,
        renderer: &'a Renderer,
    ) -> Basis<'a> {
        Basis { inventory, observation, renderer }
    }

    async fn first_look(inventory: &Inventory, fleet: &Fleet, secrets: &mut Secrets) -> Observation {
        let reports = observe::ask(inventory, fleet).await;
        reports.complete(inventory, secrets);
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
            NoPlan::PositionsWanted => ask_positions(means, observation).await?,
            NoPlan::StudyWanted(table, change) => {
                study(means.fleet, observation, table.clone(), change.clone()).await;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    async fn look_closer(means: &Means<'_, Self>, plan: &Plan, observation: &mut Observation) -> bool {
        // After an outage, a port that is closed is no reason to leave the cluster down, and no file is changed.
        if observation.recovered.is_some() {
            return false;
        }
        let Means { inventory, renderer, fleet, secrets, course, .. } = *means;
        let alone = !course.dry_run;
        let basis = Basis { inventory, observation, renderer };
        let (ports, tried, seed_schema) = tokio::join!(
            observe::ports::probe(inventory, fleet, observation, alone),
            observe::tries::ask(&basis, fleet, secrets),
            seed_schema(&basis, &plan.command, fleet)
        );
        (observation.ports, observation.tried) = (ports, tried);
        observation.seed_schema = seed_schema;
        true
    }

    fn stale(plan: &Plan, basis: &Basis<'_>) -> Vec<Finding> {
        let hosts = basis.inventory.hosts();
        kernel::plan::stale(plan, |host| basis.observation.fingerprint(&hosts, host))
    }

    fn spent(id: &str, basis: &Basis<'_>) -> Vec<Finding> {
        plan::spent(id, basis.observation)
    }

    fn again(plan: &Plan, basis: &Basis<'_>) -> Result<Plan, NoPlan> {
        plan::again(plan, basis)
    }

    /// Silences of alerts may be there or not.
    fn comparable(plan: &Plan) -> Plan {
        plan::without_silence(plan)
    }

    /// A dry run does not wait for a state transfer to end.
    fn patience(why: &NoPlan, dry_run: bool) -> Duration {
        match why {
            NoPlan::Settling(_) => SETTLING,
            NoPlan::Donating(_) if !dry_run => DONATING,
            _ => Duration::ZERO,
        }
    }

    fn unplanned(why: NoPlan, invocation: &Invocation) -> Unplanned {
        let waits = |kind| CommandError::new(kind, format!("nothing was changed: {why}"));
        Unplanned::Failed(match why {
            NoPlan::Refused(refusals) => return Unplanned::Refused(refusals),
            NoPlan::Render(_) | NoPlan::PositionsWanted | NoPlan::StudyWanted(..) => {
                CommandError::error(why.to_string())
            }
            NoPlan::Donating(_) => waits(Kind::Refused).hint(format!(
                "wait until it is Synced, then run this again: {}",
                invocation.command("watch", &[])
            )),
            NoPlan::Settling(_) => waits(Kind::Unreachable)
                .hint("wait until they are up or have failed; or stop them by hand, then run this again"),
        })
    }

    async fn beside(
        means: &Means<'_, Self>,
        plan: &Plan,
        observation: &Observation,
    ) -> Result<Beside, CommandError> {
        if matches!(&plan.command, Command::Stop { nodes } if nodes.is_empty()) {
            let error = CommandError::error("a ledger is read at the end, and no server runs then");
            return Err(error.hint("leave --ledger out; nothing was changed"));
        }
        Beside::begin(means.inventory, means.fleet, observation).await
    }

    fn recorder(beside: &mut Beside, next: Arc<dyn Reporter>) -> Arc<dyn Reporter> {
        beside.recorder(next)
    }

    async fn proved(beside: Beside, context: &Context, format: Format) -> Result<(), CommandError> {
        beside.end(context, format).await
    }

    fn context(start: Start<'_, Self>) -> Context {
        Context {
            inventory: start.inventory,
            fleet: start.fleet,
            secrets: start.secrets,
            renderer: start.renderer,
            places: Place::all(start.observation),
            plan: start.plan,
            who: start.who,
            interrupt: start.interrupt,
            reporter: start.reporter,
            entrance: Entrance::default(),
            silence: Silence::default(),
        }
    }

    async fn table(context: &Arc<Context>) -> Option<String> {
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

    fn is_preliminary(plan: &Plan) -> bool {
        plan::is_preliminary(plan)
    }

    fn next(plan: &Plan, context: &Context, invocation: &Invocation) -> String {
        let next = plan::left_to_do(plan, &context.inventory);
        next.unwrap_or_else(|| plan::afterwards(plan).text(invocation))
    }

    async fn end(context: Context) {
        context.silence.end().await;
        context.fleet.close().await;
    }
}

/// How far the data of stopped nodes got, and all the evidence shown: before anything is decided
/// or refused.
async fn ask_positions(means: &Means<'_, Galera>, observation: &mut Observation) -> Result<(), CommandError> {
    let Means { inventory, fleet, course, who, .. } = *means;
    Printer::remark("asking the data of stopped nodes how far it got, without changing it");
    let told = |node: &NodeName| Printer::remark(&format!("{node} has told"));
    let positions = observe::recover::ask(inventory, fleet, observation, told).await;
    observation.recovered = Some(positions);
    let out = course.evidence_out.map(std::path::PathBuf::as_path);
    evidence::keep(inventory, observation, who, course.format, out)
}

/// What the members make of a change of a table, each on a copy of its own that goes nowhere.
async fn study(fleet: &Fleet, observation: &mut Observation, table: Table, change: Change) {
    Printer::remark(&format!("each node tries the change on a copy of {table}, which is not replicated"));
    observation.study = Some(observe::table::ask(fleet, observation, table, change).await);
}

/// What `lint` finds in the databases that a bootstrap makes the cluster's.
async fn seed_schema(basis: &Basis<'_>, command: &Command, fleet: &Fleet) -> SeedSchema {
    let seed = &basis.inventory.seed;
    let (Some(facts), Some(host)) = (basis.observation.facts(seed), fleet.host_of(seed)) else {
        return SeedSchema::default();
    };
    let founds = matches!(command, Command::Bootstrap { .. }) && facts.live().is_some_and(|it| !it.wsrep_on);
    match founds && !facts.datadir.schemas.is_empty() {
        true => observe::schema::of_seed(&host, basis.inventory, facts).await,
        false => SeedSchema::default(),
    }
}
