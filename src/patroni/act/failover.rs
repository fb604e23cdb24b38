//! A standby is promoted that may lack something.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::rest::Answered;
use super::starting::with_last_words;
use super::{Context, rest};
use crate::kernel::judge::{Finding, PLACE};
use crate::kernel::model::NodeName;
use crate::kernel::run::Outcome;
use crate::kernel::run::poll::{Awaited, Look, Sign, Wait, Waited};
use crate::kernel::run::step_error::StepError;
use crate::patroni::config::folder;
use crate::patroni::facts::Timeline;
use crate::patroni::judge::{Basis, failover as judge};
use crate::patroni::observation::Observation;
use crate::patroni::plan::{Action, PatroniAction, Step};
use crate::patroni::recovery::{gather, lack, overtaken};

const POLL: Duration = Duration::from_secs(1);
/// Patroni looks at its orders at once, and again in each loop.
const PATIENCE: Duration = Duration::from_secs(30);
/// Patroni answers once somebody leads, or after two of its loops.
const ANSWER: Duration = Duration::from_secs(60);
/// What Patroni says where the candidate is none: nothing was begun.
const PRECONDITION: u16 = 412;
/// What it says where it has waited for the end in vain, with status 503, which it has for other ends as well.
const UNKNOWN: &str = "status unknown";
/// What it says, with status 200, where another node was promoted.
const ANOTHER: &str = " instead of ";

struct Wanted {
    timeline: Timeline,
    most: Option<u64>,
    patience: Duration,
}

fn wanted(step: &Step) -> Result<Wanted, StepError> {
    match &step.action {
        Action::Patroni(PatroniAction::Failover { timeline, most, patience_seconds }) => {
            Ok(Wanted { timeline: *timeline, most: *most, patience: Duration::from_secs(*patience_seconds) })
        }
        _ => Err(StepError::new("this step promotes nobody")),
    }
}

/// Asks once more who leads and what is lost, gives the order, and waits until the node leads.
pub async fn apply(context: &Arc<Context>, step: &Step) -> Outcome {
    let order = Order { context, to: &step.node, wanted: &wanted(step)? };
    let wait =
        Wait::new(POLL, PATIENCE).told(&*context.reporter, &step.id).interrupted_by(&context.interrupt);
    match wait.until(order).await? {
        Waited::Found(()) => prove(context, step).await,
        Waited::Idle(why) => Err(StepError::new(format!("Patroni does not take the order: {why}"))
            .left("no failover was ordered")
            .left(still_off())),
    }
}

struct Order<'a> {
    context: &'a Context,
    to: &'a NodeName,
    wanted: &'a Wanted,
}

impl Awaited for Order<'_> {
    type Found = ();

    async fn look(&mut self) -> Result<Look<()>, StepError> {
        let observation = self.context.observe().await;
        match observation.primaries().next() {
            Some((leader, _)) if leader == self.to => return Ok(Look::Found(())),
            Some((leader, _)) => return Err(no_more(&format!("{leader} is a primary now"))),
            None => self.ask(&observation)?,
        }
        let body = json!({"candidate": self.to.as_str()});
        match rest::order(self.context, self.to, ["POST", "/failover"], &body, ANSWER).await? {
            answered if answered.status == PRECONDITION || answered.is_nobody() => {
                Ok(Look::NotYet(Sign::word(format!("{} {}", answered.status, answered.words))))
            }
            answered => taken(&answered),
        }
    }
}

impl Order<'_> {
    /// The plan holds still: nobody may lead, and no more is lost than it has said.
    fn ask(&self, observation: &Observation) -> Result<(), StepError> {
        let basis = Basis { inventory: &self.context.inventory, observation };
        let mut why = judge::refusals(&basis);
        why.extend(basis.inventory.node(self.to).and_then(|node| judge::unfit(&basis, node)));
        if !why.is_empty() {
            let why: Vec<_> = why.iter().map(Finding::to_string).collect();
            return Err(no_more(&why.join("; ")));
        }
        let evidence = gather(&basis);
        let others = overtaken(&basis, &evidence, self.to);
        if !others.is_empty() {
            return Err(no_more(&others.join("; ")));
        }
        let now = lack(&basis, &evidence, self.to);
        let Some(now) = now.filter(|now| now.own.timeline == self.wanted.timeline) else {
            return Err(no_more(&format!(
                "{} is not on timeline {} any more",
                self.to, self.wanted.timeline
            )));
        };
        match (now.bytes(), self.wanted.most) {
            (Some(now), Some(most)) if now > most => {
                Err(no_more(&format!("{now} bytes would be lost, and the plan said {most}")))
            }
            (Some(now), None) => {
                Err(no_more(&format!("{now} bytes would be lost, which the plan did not know")))
            }
            _ => Ok(()),
        }
    }
}

/// An answer that did not come, or came too early, says nothing: what becomes of the order is seen later.
fn taken(answered: &Answered) -> Result<Look<()>, StepError> {
    let Answered { status, words } = answered;
    match answered.is_good() && !words.contains(ANOTHER) || *status == 0 || words.contains(UNKNOWN) {
        true => Ok(Look::Found(())),
        false => {
            Err(StepError::new(format!("Patroni did not fail over: {status} {words}")).left(still_off()))
        }
    }
}

/// The plan does not hold any more.
fn no_more(why: &str) -> StepError {
    StepError::surprise(format!("{why}: the same command makes another plan"))
        .left("no failover was ordered")
        .left(still_off())
}

/// Where the plan had switched it off, it stays so.
fn still_off() -> String {
    format!("where pg_rewind was switched off before, it stays off until galactl apply-config {PLACE}")
}

/// Waits until the node leads on a timeline of its own.
pub async fn prove(context: &Arc<Context>, step: &Step) -> Outcome {
    let wanted = wanted(step)?;
    let awaited = Led { context, to: &step.node, before: wanted.timeline };
    match Wait::new(POLL, wanted.patience).told(&*context.reporter, &step.id).until(awaited).await? {
        Waited::Found(timeline) => Ok(Some(format!("{} leads on timeline {timeline}", step.node))),
        Waited::Idle(why) => {
            let observation = context.observe().await;
            let basis = Basis { inventory: &context.inventory, observation: &observation };
            let ordered = judge::keys(&basis).map(|keys| keys.failover.is_some());
            let error =
                StepError::new(format!("{why}, and nothing has moved for {} s", wanted.patience.as_secs()))
                    .left(of_order(ordered, &folder(&context.inventory.cluster)))
                    .left(still_off());
            Err(with_last_words(context, &step.node, error).await)
        }
    }
}

/// What has become of the order. `ordered`: whether etcd has it; `None`: etcd does not tell.
fn of_order(ordered: Option<bool>, folder: &str) -> String {
    let stands = match ordered {
        Some(false) => {
            return "etcd has no order any more: Patroni has given it up, or carried it out".into();
        }
        Some(true) => "the order stands in etcd",
        None => "the order may stand in etcd, which does not tell",
    };
    format!(
        "{stands}, and Patroni carries it out once it can; to take it back, on a host with etcd-client: ETCDCTL_API=3 etcdctl \
         del {folder}/failover (Debian 12: ETCDCTL_API=2 etcdctl rm {folder}/failover)"
    )
}

struct Led<'a> {
    context: &'a Context,
    to: &'a NodeName,
    before: Timeline,
}

impl Awaited for Led<'_> {
    type Found = Timeline;

    async fn look(&mut self) -> Result<Look<Timeline>, StepError> {
        let observation = self.context.observe().await;
        let live = |(name, facts): (&NodeName, &crate::patroni::facts::HostFacts)| {
            Some((name.clone(), facts.live()?.timeline))
        };
        match observation.primaries().find_map(live) {
            Some((leader, timeline)) if leader == *self.to && timeline > self.before => {
                Ok(Look::Found(timeline))
            }
            Some((leader, _)) if leader != *self.to => {
                Ok(Look::NotYet(Sign::word(format!("{leader} leads"))))
            }
            Some(_) => Ok(Look::NotYet(Sign::word("it is being promoted"))),
            None => Ok(Look::NotYet(Sign::word("nobody leads yet"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Answered, Look, of_order, taken};

    /// The words are those of Patroni 3.0.2 and 4.0.7 (`poll_failover_result`, `do_POST_failover`).
    #[test]
    fn only_an_answer_that_leaves_it_open_or_says_yes_is_waited_for() {
        let waits = |status, words: &str| {
            matches!(taken(&Answered { status, words: words.into() }), Ok(Look::Found(())))
        };
        assert!(waits(200, "Successfully failed over to \"pg2\""));
        assert!(waits(503, "Failover status unknown") && waits(0, "unseen no answer within 60 s"));
        assert!(!waits(200, "Failed over to \"pg3\" instead of \"pg2\""));
        assert!(!waits(503, "failed to write failover key into DCS") && !waits(503, "Failover failed"));
        assert!(!waits(400, "Failover could be performed only to a specific candidate"));
    }

    #[test]
    fn an_order_stands_only_where_etcd_has_it() {
        assert!(of_order(Some(true), "/service/core").starts_with("the order stands"));
        assert!(of_order(Some(false), "/service/core").contains("no order any more"));
        assert!(of_order(None, "/service/core").contains("may stand"));
    }
}
