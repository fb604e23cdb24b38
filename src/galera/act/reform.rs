//! Starting all members of the last view, and waiting until they have formed it again.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::logs;
use super::start_member::start_member;
use super::{Context, Outcome, forget, stop};
use crate::galera::facts::HostFacts;
use crate::galera::model::StateUuid;
use crate::galera::observation::Observation;
use crate::galera::plan::Step;
use crate::kernel::judge::PLACE;
use crate::kernel::model::{NodeName, UnitName};
use crate::kernel::run::poll::{Awaited, Look, Sign, Wait, Waited};
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::RemoteCommand;

const POLL: Duration = Duration::from_secs(1);
const SYNCED: &str = "Synced";
/// Prints `active` while the data directory is written to, by a recovery or a state transfer. A log that
/// is kept there is not counted: a server that waits for ever writes one, too.
const WRITTEN: &str = r#"
[ -z "$(find "$1/." ! -name '*.err' ! -name '*.log' -newermt '-30 seconds' -print -quit 2>/dev/null)" ] || echo active
"#;

/// What the plan says of it.
pub struct Expected<'a> {
    pub nodes: &'a [NodeName],
    pub state: &'a StateUuid,
    /// Nothing has moved for this long: they do not find each other.
    pub patience_seconds: u64,
}

pub async fn apply(context: &Arc<Context>, step: &Step, unit: &UnitName, expected: Expected<'_>) -> Outcome {
    let started = Instant::now();
    for node in expected.nodes {
        start_member(context, node, unit).await?;
    }
    match until_formed(context, step, &expected).await {
        Ok(()) => Ok(Some(format!("state UUID {}", expected.state))),
        Err(error) if error.lost => Err(error),
        Err(error) => {
            let error = stop_waiting(context, unit, &expected, error).await;
            Err(logs::explained(context, error, &step.node, started.elapsed()).await)
        }
    }
}

async fn until_formed(context: &Context, step: &Step, expected: &Expected<'_>) -> Result<(), StepError> {
    let seconds = expected.patience_seconds;
    let wait = Wait::new(POLL, Duration::from_secs(seconds)).told(context.reporter.as_ref(), &step.id);
    match wait.until(View { context, expected, restarts: BTreeMap::new() }).await? {
        Waited::Found(()) => Ok(()),
        Waited::Idle(last) => Err(StepError::new(format!(
            "the last view did not form again, and nothing has moved for {seconds} s: {last}"
        ))),
    }
}

/// The view that is to form again.
struct View<'a> {
    context: &'a Context,
    expected: &'a Expected<'a>,
    /// How often systemd may have started each node's server.
    restarts: BTreeMap<NodeName, u32>,
}

impl Awaited for View<'_> {
    type Found = ();

    async fn look(&mut self) -> Result<Look<()>, StepError> {
        let observation = self.context.observe().await;
        let states = states(&observation, self.expected, &mut self.restarts)?;
        if states.values().all(|state| state == SYNCED) {
            return Ok(Look::Found(()));
        }
        let words: Vec<_> = states.iter().map(|(node, state)| format!("{node} {state}")).collect();
        let moves = at_work(self.context, &observation, self.expected.nodes).await;
        Ok(Look::NotYet(Sign { moves, ..Sign::word(words.join(", ")) }))
    }
}

/// One of the members makes progress, although its word stays the same.
async fn at_work(context: &Context, observation: &Observation, nodes: &[NodeName]) -> bool {
    for node in nodes {
        match observation.facts(node).map(progress) {
            Some(Progress::Reads) => return true,
            Some(Progress::MayWrite) if writes(context, node).await.unwrap_or(false) => return true,
            _ => {}
        }
    }
    false
}

/// What may go on in a node whose word stays the same.
#[derive(Debug, PartialEq, Eq)]
enum Progress {
    /// It recovers its data before its server starts; systemd gives it TimeoutStartSec.
    Reads,
    /// It makes progress if it writes to its data directory.
    MayWrite,
    /// It is up: what is written there comes from clients, and is no progress.
    Idle,
}

fn progress(facts: &HostFacts) -> Progress {
    match facts.live() {
        None if facts.unit.sub == "start-pre" => Progress::Reads,
        None => Progress::MayWrite,
        Some(live) if live.local_state.is_joining() => Progress::MayWrite,
        Some(_) => Progress::Idle,
    }
}

async fn writes(context: &Context, node: &NodeName) -> Result<bool, StepError> {
    let datadir = &context.place(node)?.datadir;
    let said = context.host(node)?.succeed(RemoteCommand::new(WRITTEN, [datadir])).await?;
    Ok(said.contains("active"))
}

/// A word for each node. An error: one that does not come up, or is somewhere else.
fn states(
    observation: &Observation,
    expected: &Expected<'_>,
    restarts: &mut BTreeMap<NodeName, u32>,
) -> Result<BTreeMap<NodeName, String>, StepError> {
    let mut states = BTreeMap::new();
    for node in expected.nodes {
        let Some(facts) = observation.facts(node) else {
            let error = StepError::surprise(format!("{node} cannot be seen any more"));
            return Err(StepError { lost: true, ..error });
        };
        // systemd may have been about to start it again when it was started here.
        let once_more = restarts.entry(node.clone()).or_insert(facts.unit.restarts + 1);
        let loops = facts.unit.restarts > *once_more;
        states.insert(node.clone(), state(node, facts, expected.state, loops)?);
    }
    Ok(states)
}

fn state(node: &NodeName, facts: &HostFacts, expected: &StateUuid, loops: bool) -> Result<String, StepError> {
    let unit = &facts.unit;
    match facts.live() {
        Some(live) if live.is_primary() && live.state_uuid.as_ref() != Some(expected) => {
            Err(StepError::surprise(format!("{node} is Primary with another state UUID than {expected}")))
        }
        Some(live) if live.is_synced() => Ok(SYNCED.into()),
        Some(live) => Ok(format!("{} {}", live.cluster_status, live.local_state)),
        None if !unit.is_up() || loops => {
            let message = format!("{node} did not come up: its unit is {} ({})", unit.active, unit.result);
            Err(StepError::new(message))
        }
        None => Ok(format!("{} ({})", unit.active, unit.sub)),
    }
}

/// A member that waits for the others waits for ever. Without its gvwstate.dat, the next recovery
/// decides by the positions. Each is looked at in the moment before: while one is being stopped, the
/// others may find each other.
async fn stop_waiting(
    context: &Context,
    unit: &UnitName,
    expected: &Expected<'_>,
    mut error: StepError,
) -> StepError {
    let view = ["gvwstate.dat".to_owned()];
    for node in expected.nodes {
        if let Some(why) = runs_on(&context.observe().await, node, expected) {
            error = error.left(format!("{unit}.service on {node} runs on: {why}"));
            continue;
        }
        let stopped = async {
            stop::outsider(context, node, unit).await?;
            forget::apply(context, node, &context.place(node)?.datadir, &view).await
        };
        error = match stopped.await {
            Ok(_) => error.left(format!("{unit}.service on {node} is stopped again")),
            Err(trouble) => error.left(format!("{node} could not be stopped: {}", trouble.message)),
        };
    }
    error.left(format!("galactl recover {PLACE} decides anew by what they hold"))
}

/// Why a node must not be stopped. Once the view has formed anywhere, the others are about to enter it:
/// the stop of a joiner is no leave, and the members would lose its vote.
fn runs_on(observation: &Observation, node: &NodeName, expected: &Expected<'_>) -> Option<String> {
    let facts = observation.facts(node);
    if facts.is_some_and(HostFacts::is_primary) {
        return Some("it is in the Primary component".into());
    }
    let formed = |member: &&NodeName| {
        let live = observation.facts(member).and_then(HostFacts::live);
        live.is_some_and(|live| live.is_primary() && live.state_uuid.as_ref() == Some(expected.state))
    };
    let member = expected.nodes.iter().find(formed)?;
    // Between two starts there is no server.
    let may_join = facts.is_none_or(|facts| facts.server_runs() && facts.unit.sub != "auto-restart");
    may_join.then(|| format!("{member} is in the Primary component, and it may be joining it"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::facts::{Report, Seen};
    use crate::kernel::model::Secrets;

    const STATE: &str = "b819de78-9b4f-11ee-8000-0123456789ab";
    const OTHER: &str = "c819de78-9b4f-11ee-8000-0123456789ab";

    fn facts(unit: &str, sub: &str, status: &str) -> HostFacts {
        let text =
            format!("@unit\n|ActiveState={unit}\n|SubState={sub}\n@paths\n|datadir=/d\n{status}@end\n");
        let report = Report::parse(&text).expect("a report");
        HostFacts::read(&report, &Secrets::default()).expect("a whole report")
    }

    fn starts(sub: &str) -> HostFacts {
        facts("activating", sub, "")
    }

    fn answers(status: &str, state: &str, local: &str) -> HostFacts {
        let rows = [
            ("wsrep_cluster_status", status),
            ("wsrep_cluster_state_uuid", state),
            ("wsrep_local_state_comment", local),
        ];
        let rows = rows.map(|(name, value)| format!("|{name}\t{value}\n")).concat();
        facts("active", "running", &format!("@status\n{rows}@variables\n|wsrep_on\tON\n"))
    }

    /// What is said of each node, in their order, when the wait is over.
    fn running_on(nodes: Vec<HostFacts>) -> Vec<Option<String>> {
        let names: Vec<NodeName> =
            (1..=nodes.len()).map(|n| format!("db{n}").parse().expect("a name")).collect();
        let seen = names.iter().cloned().zip(nodes.into_iter().map(|facts| Seen::Facts(Box::new(facts))));
        let observation = Observation { nodes: seen.collect(), ..Observation::default() };
        let state = STATE.parse().expect("a state UUID");
        let expected = Expected { nodes: &names, state: &state, patience_seconds: 1 };
        names.iter().map(|node| runs_on(&observation, node, &expected)).collect()
    }

    #[test]
    fn members_that_only_wait_are_all_stopped() {
        let waiting = || starts("start");
        assert_eq!(running_on(vec![waiting(), waiting(), waiting()]), [None, None, None]);
        let alone = answers("non-Primary", STATE, "Initialized");
        assert_eq!(running_on(vec![alone, waiting()]), [None, None]);
    }

    #[test]
    fn once_the_view_has_formed_nobody_who_may_enter_it_is_stopped() {
        let donor = answers("Primary", STATE, "Donor/Desynced");
        let [member, joiner, broken, ended] =
            [donor, starts("start"), starts("auto-restart"), facts("failed", "failed", "")];
        let told = running_on(vec![member, joiner, broken, ended]);
        assert_eq!(told[0].as_deref(), Some("it is in the Primary component"));
        assert_eq!(told[1].as_deref(), Some("db1 is in the Primary component, and it may be joining it"));
        assert_eq!(told[2..], [None, None]);
    }

    /// Joining that one would cost the others their data.
    #[test]
    fn beside_a_cluster_of_another_state_they_are_stopped() {
        let told = running_on(vec![answers("Primary", OTHER, "Synced"), starts("start")]);
        assert!(told[0].is_some() && told[1].is_none(), "{told:?}");
    }

    #[test]
    fn a_recovery_and_a_state_transfer_are_progress_and_clients_are_none() {
        assert_eq!(progress(&starts("start-pre")), Progress::Reads);
        assert_eq!(progress(&starts("start")), Progress::MayWrite);
        assert_eq!(progress(&answers("Primary", STATE, "Joined")), Progress::MayWrite);
        for local in ["Synced", "Donor/Desynced"] {
            assert_eq!(progress(&answers("Primary", STATE, local)), Progress::Idle, "{local}");
        }
        assert_eq!(progress(&answers("non-Primary", STATE, "Initialized")), Progress::Idle);
    }
}
