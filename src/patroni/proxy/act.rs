//! Running a proxy. All of it may be repeated.

use std::sync::Arc;
use std::time::Duration;

use super::action::ProxyAction;
use super::facts::Routes;
use super::judge::in_words;
use super::{ROLE, proof};
use crate::kernel::facts::{END, HEAD, Report};
use crate::kernel::haproxy;
use crate::kernel::model::NodeName;
use crate::kernel::run::Outcome;
use crate::kernel::run::poll::{Awaited, Look, Sign, Wait, Waited};
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::{Host, RemoteCommand};
use crate::patroni::act::Context;

const POLL: Duration = Duration::from_millis(200);
/// How long to wait: a proxy asks every second.
const PATIENCE: Duration = Duration::from_secs(30);

/// Carries out one action.
pub async fn apply(context: &Arc<Context>, proxy: &NodeName, action: &ProxyAction) -> Outcome {
    match action {
        ProxyAction::Run => run(context, proxy).await,
        ProxyAction::Verify { proxies, shared } => {
            let primary = proof::verify(context, proxies, *shared).await?;
            Ok(Some(format!("writes go to {primary}")))
        }
    }
}

async fn run(context: &Context, proxy: &NodeName) -> Outcome {
    let host = context.host(proxy)?;
    let why =
        |error| StepError::from(error).left(format!("on {proxy}: sudo journalctl -u {ROLE} -n 50 tells why"));
    host.succeed(RemoteCommand::act(haproxy::RUN, [""; 0])).await.map_err(why)?;
    let wait = Wait::new(POLL, PATIENCE).interrupted_by(&context.interrupt);
    match wait.until(Sends { host: &host }).await? {
        Waited::Found(primary) => Ok(Some(format!("writes go to {primary}"))),
        Waited::Idle(said) => Err(StepError::new(format!("it runs, and {said}"))
            .left(format!("on {proxy}: sudo journalctl -u {ROLE} -n 50 tells what its checks found"))),
    }
}

/// Waits until a proxy sends writes to one node.
struct Sends<'a> {
    host: &'a Host,
}

impl Awaited for Sends<'_> {
    type Found = NodeName;

    async fn look(&mut self) -> Result<Look<NodeName>, StepError> {
        let said = self.host.succeed(RemoteCommand::of_pieces(&[HEAD, haproxy::ASK, END], [""; 0])).await?;
        let report = Report::parse(&said).map_err(|error| StepError::new(error.to_string()))?;
        let writes = Routes::read(report.text("stat")).unwrap_or_default().writes;
        let mut taking = writes.iter();
        Ok(match (taking.next(), taking.next()) {
            (Some(primary), None) => Look::Found(primary.clone()),
            _ => Look::NotYet(Sign::word(format!("sends writes to {}", in_words(&writes)))),
        })
    }
}
