//! Another node takes over from the primary.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::rest::Answered;
use super::starting::with_last_words;
use super::{Context, rest};
use crate::kernel::model::NodeName;
use crate::kernel::model::words::names;
use crate::kernel::run::Outcome;
use crate::kernel::run::poll::{Awaited, Look, Sign, Wait, Waited};
use crate::kernel::run::step_error::StepError;
use crate::patroni::facts::{HostFacts, Timeline};
use crate::patroni::judge::{Basis, switchover as judge, whole};
use crate::patroni::plan::{Action, PatroniAction, Step};

const POLL: Duration = Duration::from_secs(1);
/// Patroni chooses synchronous standbys once in its loop.
const PATIENCE: Duration = Duration::from_secs(90);
/// Patroni answers once it knows how the switchover ended, or with [`UNKNOWN`] after two of its loops.
const ANSWER: Duration = Duration::from_secs(120);
/// What Patroni says where a condition is not met: nothing was begun.
const PRECONDITION: u16 = 412;
/// What it says where it has waited for the end in vain: a primary may take long to stop. The order stands.
const UNKNOWN: u16 = 503;

struct Wanted<'a> {
    to: &'a [NodeName],
    patience: Duration,
}

fn wanted(step: &Step) -> Result<Wanted<'_>, StepError> {
    match &step.action {
        Action::Patroni(PatroniAction::Switchover { to, patience_seconds }) => {
            Ok(Wanted { to, patience: Duration::from_secs(*patience_seconds) })
        }
        _ => Err(StepError::new("this step switches nothing over")),
    }
}

/// What was ordered.
pub struct Ordered {
    before: Timeline,
    answered: Answered,
}

/// Asks once more who may take over without a loss, orders the switchover, and waits until it is done.
pub async fn apply(context: &Arc<Context>, step: &Step) -> Outcome {
    let wait =
        Wait::new(POLL, PATIENCE).told(&*context.reporter, &step.id).interrupted_by(&context.interrupt);
    match wait.until(Order { context, from: &step.node, to: wanted(step)?.to }).await? {
        Waited::Found(ordered) => prove(context, step, Some(ordered)).await,
        Waited::Idle(why) => Err(StepError::new(format!("nobody can take over without a loss: {why}"))
            .left(format!("{} leads, and no switchover was ordered", step.node))),
    }
}

/// Waits until somebody fit is there, and gives the order.
struct Order<'a> {
    context: &'a Context,
    from: &'a NodeName,
    to: &'a [NodeName],
}

impl Awaited for Order<'_> {
    type Found = Ordered;

    async fn look(&mut self) -> Result<Look<Ordered>, StepError> {
        let observation = self.context.observe().await;
        let basis = Basis { inventory: &self.context.inventory, observation: &observation };
        let primary =
            observation.facts(self.from).filter(|facts| facts.is_primary()).and_then(HostFacts::live);
        let Some(primary) = primary else {
            let leader = observation.primaries().next().map_or("nobody", |(name, _)| name.as_str());
            let error = StepError::surprise(format!("it is not the primary any more: {leader} leads"));
            return Err(error.left("no switchover was ordered"));
        };
        let mut why = judge::refusals(&basis, self.from);
        let nodes = self.to.iter().filter_map(|name| basis.inventory.node(name));
        let unfit = nodes.map(|node| (node, judge::unfit(&basis, self.from, primary, node)));
        let unfit: Vec<_> = unfit.collect();
        let fit = unfit.iter().find(|(_, unfit)| unfit.is_empty()).map(|(node, _)| node.name.clone());
        let Some(to) = fit.filter(|_| why.is_empty()) else {
            why.extend(unfit.into_iter().flat_map(|(_, unfit)| unfit));
            let why: Vec<_> = why.iter().map(ToString::to_string).collect();
            return Ok(Look::NotYet(Sign::word(why.join("; "))));
        };
        let before = primary.timeline;
        let body = json!({"leader": self.from.as_str(), "candidate": to.as_str()});
        let answered = rest::order(self.context, self.from, ["POST", "/switchover"], &body, ANSWER).await?;
        match answered.status == PRECONDITION || answered.is_nobody() {
            true => Ok(Look::NotYet(Sign::word(format!("Patroni: {}", answered.words)))),
            false => Ok(Look::Found(Ordered { before, answered })),
        }
    }
}

/// Waits until another node leads, and this one streams from it. `ordered`: what this run knows of it; `None` after a
/// connection was lost.
pub async fn prove(context: &Arc<Context>, step: &Step, ordered: Option<Ordered>) -> Outcome {
    let Wanted { to, patience } = wanted(step)?;
    let awaited = Done { context, from: &step.node, to, ordered: ordered.as_ref() };
    match Wait::new(POLL, patience).told(&*context.reporter, &step.id).until(awaited).await? {
        Waited::Found((leader, timeline)) => Ok(Some(format!("{leader} leads on timeline {timeline}"))),
        Waited::Idle(why) => {
            let message = format!("{why}, and nothing has moved for {} s", patience.as_secs());
            Err(with_last_words(context, &step.node, StepError::new(message)).await)
        }
    }
}

struct Done<'a> {
    context: &'a Context,
    from: &'a NodeName,
    to: &'a [NodeName],
    ordered: Option<&'a Ordered>,
}

impl Awaited for Done<'_> {
    type Found = (NodeName, Timeline);

    async fn look(&mut self) -> Result<Look<Self::Found>, StepError> {
        let observation = self.context.observe().await;
        let Some((leader, facts)) = observation.primaries().next() else {
            return Ok(Look::NotYet(Sign::word("nobody leads yet")));
        };
        if leader == self.from {
            return self.still_leads();
        }
        // Patroni may take another candidate than the one that it was given.
        if !self.to.contains(leader) {
            let message = format!("{leader} has taken over, and {} was to", names(self.to, "or"));
            return Err(StepError::surprise(message));
        }
        let basis = Basis { inventory: &self.context.inventory, observation: &observation };
        let Some(live) = facts.live().filter(|live| self.ordered.is_none_or(|it| live.timeline > it.before))
        else {
            return Ok(Look::NotYet(Sign::word(format!("{leader} leads, on no new timeline yet"))));
        };
        let old = basis.inventory.node(self.from).zip(observation.facts(self.from));
        let apart = old.and_then(|(node, facts)| whole::not_following(&basis, leader, live, node, facts));
        match apart {
            _ if old.is_none() => {
                Ok(Look::NotYet(Sign::word(format!("{leader} leads, and {} was not seen", self.from))))
            }
            Some(why) => Ok(Look::NotYet(Sign::word(format!("{leader} leads; {}: {why}", self.from)))),
            None => Ok(Look::Found((leader.clone(), live.timeline))),
        }
    }
}

impl Done<'_> {
    /// Patroni has answered how it ended.
    fn still_leads(&self) -> Result<Look<(NodeName, Timeline)>, StepError> {
        match self.ordered.map(|ordered| &ordered.answered) {
            Some(answered) if ![0, UNKNOWN].contains(&answered.status) && !answered.is_good() => {
                let message = format!("Patroni did not switch over: {} {}", answered.status, answered.words);
                Err(StepError::new(message).left(format!("{} leads as before", self.from)))
            }
            _ => Ok(Look::NotYet(Sign::word(format!("{} leads still", self.from)))),
        }
    }
}
