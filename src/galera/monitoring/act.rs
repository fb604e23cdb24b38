//! Running the programs of monitoring, and asking them. All of it may be repeated.

use std::sync::Arc;
use std::time::Duration;

use super::ACCOUNT;
use super::action::MonitoringAction;
use super::answers::Watching;
use super::inventory::Alertmanager;
use super::program::{Service, places};
use super::promql::alternatives;
use super::rules::number;
use super::settings::alertmanager_of;
use super::silence::{Matcher, Silencing};
use crate::galera::act::Context;
use crate::galera::sql::literal;
use crate::kernel::model::{NodeName, UnitName};
use crate::kernel::run::Outcome;
use crate::kernel::run::poll::{Awaited, Look, Sign, Wait, Waited};
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::{Host, RemoteCommand};

const POLL: Duration = Duration::from_millis(500);
/// How long to wait: a program answers within seconds of its start; Prometheus asks every target once in 15 s.
const PATIENCE: Duration = Duration::from_secs(90);

/// $1 the unit.
const RESTART: &str = r#"
systemctl daemon-reload || exit
systemctl reset-failed "$1.service" 2>/dev/null
systemctl --quiet enable "$1.service" || exit
systemctl restart "$1.service"
"#;
const RELOAD: &str = r#"systemctl reload-or-restart "$1.service""#;
const RETIRE: &str = r#"systemctl --quiet disable --now "$1.service""#;
/// $1 address, $2 port, $3 path.
const GET: &str = concat!(include_str!("http_get.sh"), r#"http_get "$1" "$2" "$3""#);

/// Carries out one action.
pub async fn apply(context: &Arc<Context>, member: &NodeName, action: &MonitoringAction) -> Outcome {
    match action {
        MonitoringAction::CreateAccount => create_account(context, member).await,
        MonitoringAction::Run { unit, restart } => run(context, member, unit, *restart).await,
        MonitoringAction::Verify { targets } => verify(context, member, *targets).await,
        MonitoringAction::Silence { nodes } => silence(context, member, nodes).await,
        MonitoringAction::Retire { unit } => {
            context.host(member)?.succeed(RemoteCommand::act(RETIRE, [unit.as_str()])).await?;
            Ok(None)
        }
    }
}

/// Silences the alerts that planned work causes: those of these nodes, and those of the cluster that name no node.
async fn silence(context: &Context, member: &NodeName, nodes: &[NodeName]) -> Outcome {
    let names: Vec<_> = nodes.iter().map(ToString::to_string).chain([String::new()]).collect();
    let is = |name, value| Matcher { name, value, is_regex: false };
    let silencing = Silencing {
        created_by: format!("galactl, {}", context.who),
        comment: format!("plan {}", context.plan),
        matchers: vec![
            is("cluster", context.inventory.cluster.to_string()),
            is("maintenance", "expected".to_owned()),
            Matcher { name: "node", value: alternatives(&names), is_regex: true },
        ],
    };
    match context.host(member) {
        Ok(host) => context.silence.begin(&host, &alertmanager_of(&context.inventory), &silencing).await,
        Err(error) => Ok(Some(format!("no alert is silenced: {}", error.message))),
    }
}

/// Creates the account. One that exists is left as it is, because its owner may need its rights; the exporter shows
/// whether it logs in.
async fn create_account(context: &Context, node: &NodeName) -> Outcome {
    let create =
        format!("CREATE USER IF NOT EXISTS {}@localhost IDENTIFIED VIA unix_socket", literal(ACCOUNT));
    context.still_ours(node).await?;
    context.database(node)?.run(&[&create]).await?;
    Ok(None)
}

async fn run(context: &Context, member: &NodeName, unit: &UnitName, restart: bool) -> Outcome {
    let host = context.host(member)?;
    let why = |error: StepError| error.left(format!("on {member}: journalctl -u {unit} tells why"));
    let script = if restart { RESTART } else { RELOAD };
    host.succeed(RemoteCommand::act(script, [unit.as_str()])).await.map_err(|error| why(error.into()))?;
    let places = places(&context.inventory);
    let place = places.iter().find(|it| it.member == member && it.service.unit_name() == *unit);
    let Some(place) = place else { return Ok(None) };
    let address = match place.service.watches() {
        true => "127.0.0.1".to_owned(),
        false => place.address.to_string(),
    };
    let answers = Answers { host: &host, service: place.service, address };
    match Wait::new(POLL, PATIENCE).interrupted_by(&context.interrupt).until(answers).await? {
        Waited::Found(()) => Ok(None),
        Waited::Idle(last) => Err(why(StepError::new(format!("it runs, and gives no right answer: {last}")))),
    }
}

/// Waits until a program answers.
struct Answers<'a> {
    host: &'a Host,
    service: Service,
    address: String,
}

impl Awaited for Answers<'_> {
    type Found = ();

    async fn look(&mut self) -> Result<Look<()>, StepError> {
        let (path, right, wrong) = match self.service {
            Service::MysqldExporter => (
                "/metrics",
                "mysql_up 1",
                "the server does not let it log in: SHOW CREATE USER prometheus@localhost",
            ),
            Service::NodeExporter => ("/metrics", "node_exporter_build_info", "it tells no metrics"),
            Service::Prometheus | Service::Alertmanager => ("/-/ready", " 200 OK", "it is not ready"),
        };
        let port = self.service.port();
        let said = get(self.host, &self.address, port, path).await?;
        Ok(match said.trim() {
            "" => Look::NotYet(Sign::word(format!("nothing at {}:{port}", self.address))),
            said if said.contains(right) => Look::Found(()),
            _ => Look::NotYet(Sign::word(wrong.to_owned())),
        })
    }
}

async fn verify(context: &Context, member: &NodeName, targets: usize) -> Outcome {
    let host = context.host(member)?;
    let asked = Asked { host: &host, context, targets };
    match Wait::new(POLL, PATIENCE).interrupted_by(&context.interrupt).until(asked).await? {
        Waited::Found(rules) => {
            let alerts = unheard(context, &host).await?;
            Ok(Some(format!("{targets} targets answer, {rules} rules are loaded{alerts}")))
        }
        Waited::Idle(last) => {
            let error = StepError::new(format!("Prometheus does not watch all of the cluster: {last}"));
            Err(error.left(format!("on {member}: promtool query instant http://127.0.0.1:9090 'up == 0'")))
        }
    }
}

/// What is said of an Alertmanager that does not answer; empty where it does. That of somebody else is asked here alone.
async fn unheard(context: &Context, host: &Host) -> Result<String, StepError> {
    let Alertmanager { address, port } = alertmanager_of(&context.inventory);
    let ready = get(host, &address.to_string(), port, "/-/ready").await?.contains(" 200 ");
    Ok(if ready { String::new() } else { format!("; the Alertmanager at {address}:{port} gives no answer") })
}

/// Waits until a Prometheus has answers from all targets, and the rules.
struct Asked<'a> {
    host: &'a Host,
    context: &'a Context,
    targets: usize,
}

impl Awaited for Asked<'_> {
    type Found = usize;

    async fn look(&mut self) -> Result<Look<usize>, StepError> {
        let (targets, rules) =
            (self.get("/api/v1/targets?state=active").await?, self.get("/api/v1/rules").await?);
        let watching = Watching::of(&targets, &rules).unwrap_or_default();
        Ok(match watching.up() >= self.targets && watching.rules == number(&self.context.inventory) {
            true => Look::Found(watching.rules),
            false => Look::NotYet(Sign::word(format!(
                "{} of {} exporters gave an answer, {} rules are loaded",
                watching.up(),
                self.targets,
                watching.rules
            ))),
        })
    }
}

impl Asked<'_> {
    async fn get(&self, path: &str) -> Result<String, StepError> {
        get(self.host, "127.0.0.1", Service::Prometheus.port(), path).await
    }
}

/// The answer to an HTTP request; empty where there is none.
async fn get(host: &Host, address: &str, port: u16, path: &str) -> Result<String, StepError> {
    Ok(host.succeed(RemoteCommand::new(GET, [address, &port.to_string(), path])).await?)
}
