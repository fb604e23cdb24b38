//! The first node after an outage: the one step that decides whose data the cluster goes on from.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::Context;
use super::starting::{POLL, idle, seen, start};
use crate::kernel::model::NodeName;
use crate::kernel::run::Outcome;
use crate::kernel::run::poll::{Awaited, Look, Sign, Wait, Waited};
use crate::kernel::run::step_error::StepError;
use crate::patroni::facts::{Initialize, Line, Lsn, Relation, relation};
use crate::patroni::judge::Basis;
use crate::patroni::observation::{Born, Observation};
use crate::patroni::observe;
use crate::patroni::plan::{PatroniAction, Step};
use crate::patroni::recovery::{Evidence, Holding, gather};

/// What the plan says of the first node, and of everybody's data.
struct Wanted<'a> {
    line: &'a Line,
    ends: &'a BTreeMap<NodeName, Lsn>,
    unseen: &'a [NodeName],
    patience: u64,
}

fn wanted(step: &Step) -> Result<Wanted<'_>, StepError> {
    use crate::patroni::plan::Action;
    match &step.action {
        Action::Patroni(PatroniAction::StartFirst { line, ends, unseen, patience_seconds }) => {
            Ok(Wanted { line, ends, unseen, patience: *patience_seconds })
        }
        _ => Err(StepError::new("this step starts no first node")),
    }
}

/// Looks at all nodes and their data once more, starts Patroni on this one alone, and waits until it is the primary of
/// the cluster that etcd names, with all that its data held.
pub async fn apply(context: &Arc<Context>, step: &Step) -> Outcome {
    let wanted = wanted(step)?;
    still_so(context, &wanted).await?;
    start(context, &step.node).await?;
    prove(context, step).await
}

/// Time has passed since the plan was made: somebody may have started something.
async fn still_so(context: &Context, wanted: &Wanted<'_>) -> Result<(), StepError> {
    let mut observation = context.observe().await;
    observation.recovered = Some(observe::recover::recover(&observation, &context.fleet).await);
    let basis = Basis { inventory: &context.inventory, observation: &observation };
    let evidence = gather(&basis);
    let why = changed(&evidence, wanted).or_else(|| store(&observation, wanted.line));
    match why {
        None => Ok(()),
        Some(why) => Err(StepError::surprise(why).left("no Patroni was started")),
    }
}

/// What is not as the plan says.
fn changed(evidence: &Evidence, wanted: &Wanted<'_>) -> Option<String> {
    evidence.nodes.iter().find_map(|node| {
        let (name, end) = (&node.name, wanted.ends.get(&node.name));
        match (&node.holding, end) {
            (Holding::Data(held), Some(end)) if held.line.end == *end => None,
            (Holding::Data(held), Some(end)) => {
                Some(format!("the WAL of {name} ends at {}, and ended at {end}", held.line.end))
            }
            (Holding::Data(_), None) => Some(format!("{name} has data now, and had none that could be read")),
            (Holding::Nothing | Holding::Unclear(_), None) => None,
            (Holding::Nothing, Some(_)) => Some(format!("the data of {name} is gone")),
            (Holding::Unclear(why), Some(_)) => Some(format!("{name}: {why}")),
            (Holding::Primary(_), _) => Some(format!("{name} is a primary")),
            (Holding::Runs { what, .. }, _) => Some(format!("{what} runs on {name}")),
            (Holding::Unseen(_), None) if wanted.unseen.contains(name) => None,
            (Holding::Unseen(why), _) => Some(format!("{name} was not seen: {why}")),
        }
    })
}

/// Why etcd is not fit for the first node.
fn store(observation: &Observation, line: &Line) -> Option<String> {
    match observation.born() {
        Born::No => None,
        Born::Yes(stores) => stores.values().flatten().find_map(|value| match value {
            Initialize::By(id) if *id == line.system_id => None,
            Initialize::By(id) => Some(format!("etcd names system {id}, and this one is {}", line.system_id)),
            Initialize::InProgress => Some("etcd has the key `initialize` without an identity".into()),
            Initialize::Other(text) => Some(format!("etcd's key `initialize` is {text}")),
        }),
        Born::NoStore => Some("no etcd runs".into()),
        Born::Unknown(reasons) => Some(format!("etcd does not tell its keys: {}", reasons.join("; "))),
    }
}

/// Waits for the first node.
pub async fn prove(context: &Arc<Context>, step: &Step) -> Outcome {
    let Wanted { line, patience, .. } = wanted(step)?;
    with_all_of(context, step, line, patience).await
}

/// Waits until the node is the primary, with all that its data held.
pub async fn with_all_of(context: &Arc<Context>, step: &Step, line: &Line, patience: u64) -> Outcome {
    let wait = Wait::new(POLL, Duration::from_secs(patience)).told(&*context.reporter, &step.id);
    match wait.until(First { context, node: &step.node, line }).await? {
        Waited::Found(now) => Ok(Some(format!("timeline {}, with all up to {}", now.timeline, line.end))),
        Waited::Idle(word) => Err(idle(context, &step.node, "it is no primary", &word, patience).await),
    }
}

struct First<'a> {
    context: &'a Arc<Context>,
    node: &'a NodeName,
    line: &'a Line,
}

impl Awaited for First<'_> {
    type Found = Line;

    async fn look(&mut self) -> Result<Look<Line>, StepError> {
        let seen = seen(self.context, self.node).await?;
        match seen.server {
            Some(server) if !server.in_recovery => self.compare().await,
            Some(_) => Ok(Look::NotYet(Sign::word("it is a standby that nobody leads yet"))),
            // A crash recovery takes as long as there is WAL to be read.
            None if seen.silent.contains("starting up") || seen.silent.contains("not yet accepting") => {
                Ok(Look::NotYet(Sign { moves: true, ..Sign::word("its server reads its WAL") }))
            }
            None => Ok(Look::NotYet(Sign::word("its server does not run yet"))),
        }
    }
}

impl First<'_> {
    /// The key in etcd is its own, and its history has all that the data held.
    async fn compare(&self) -> Result<Look<Line>, StepError> {
        let observation = self.context.observe().await;
        let named = match observation.born() {
            Born::Yes(stores) => {
                stores.values().flatten().any(|it| *it == Initialize::By(self.line.system_id.clone()))
            }
            Born::No | Born::NoStore | Born::Unknown(_) => false,
        };
        let Some(now) = observation.line(self.node).filter(|_| named) else {
            return Ok(Look::NotYet(Sign::word("it is a primary, and etcd has no key yet")));
        };
        // The WAL before the end of its data is the one that was read there.
        match relation(&now, self.line, Some(true)) {
            Relation::Equal | Relation::Ahead(_) => Ok(Look::Found(now)),
            other => Err(StepError::surprise(format!(
                "it is a primary on timeline {} at {}, and that does not hold what its data held up to {} ({other:?})",
                now.timeline, now.end, self.line.end
            ))
            .left("no other node was started")),
        }
    }
}
