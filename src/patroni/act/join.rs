//! Starting Patroni on a node of a cluster that is led.

use std::sync::Arc;
use std::time::Duration;

use super::Context;
use super::glance::glance;
use crate::kernel::model::NodeName;
use crate::kernel::run::Outcome;
use crate::kernel::run::event::Excerpt;
use crate::kernel::run::poll::{Awaited, Look, Sign, Wait, Waited};
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::RemoteCommand;
use crate::patroni::plan::Step;

const POLL: Duration = Duration::from_secs(1);
/// Patroni ends by itself where it sees that it cannot work, and systemd starts it again.
pub const MOST_RESTARTS: u32 = 3;

/// $1 the data directory, which Patroni makes, moves and removes. So the folder around it is its own, as in Debian.
pub const START: &str = r#"
around=$(dirname -- "$1")
runuser -u postgres -- test -w "$around" || install -d -m 755 -o postgres -g postgres -- "$around" || exit
systemctl --quiet enable patroni.service || exit
systemctl reset-failed patroni.service 2>/dev/null
systemctl start patroni.service
"#;

const LAST_WORDS: &str = "journalctl --quiet --unit=patroni.service --lines=400 --output=cat | grep -E 'ERROR|FATAL|CRITICAL|Exception' | tail -n 8";

/// Starts Patroni, which copies the primary's data where the node has none, and waits until the node streams.
pub async fn apply(context: &Arc<Context>, step: &Step, leader: &NodeName, patience: u64) -> Outcome {
    context.host(&step.node)?.succeed(RemoteCommand::act(START, [context.datadir(&step.node)])).await?;
    let wait = Wait::new(POLL, Duration::from_secs(patience)).told(&*context.reporter, &step.id);
    match wait.until(Streaming { context, node: &step.node, leader }).await? {
        Waited::Found(()) => Ok(None),
        Waited::Idle(word) => {
            let message = format!(
                "it does not stream from {leader} yet ({word}), and nothing has moved for {patience} s"
            );
            Err(last_words(context, &step.node, StepError::new(message)).await)
        }
    }
}

struct Streaming<'a> {
    context: &'a Arc<Context>,
    node: &'a NodeName,
    leader: &'a NodeName,
}

impl Awaited for Streaming<'_> {
    type Found = ();

    async fn look(&mut self) -> Result<Look<()>, StepError> {
        let (context, node) = (self.context, self.node);
        let datadir = context.datadir(node);
        let seen = glance(&*context.host(node)?, context.inventory.postgresql.port, &datadir).await?;
        if seen.unit == "failed" || seen.restarts > MOST_RESTARTS {
            let error = StepError::new(format!("Patroni does not stay up: {}", seen.silent));
            return Err(last_words(context, node, error).await);
        }
        match seen.server {
            Some(server) if server.streams() => Ok(Look::Found(())),
            Some(server) if !server.in_recovery => {
                Err(StepError::surprise(format!("it is a primary, and {} was to be", self.leader)))
            }
            Some(_) => Ok(Look::NotYet(Sign::word("it has the data, and waits for the primary's changes"))),
            None => Ok(Look::NotYet(Sign::word(format!("{} bytes of data, and no answer yet", seen.bytes)))),
        }
    }
}

/// The error with what Patroni logged last.
pub async fn last_words(context: &Context, node: &NodeName, mut error: StepError) -> StepError {
    let Ok(host) = context.host(node) else { return error };
    if let Ok(text) = host.succeed(RemoteCommand::new(LAST_WORDS, [""; 0])).await {
        let lines = text.lines().map(str::to_owned).collect();
        error.logs.push(Excerpt { node: node.clone(), log: "patroni.service".into(), lines });
    }
    error.left(format!("Patroni runs on {node}, and goes on trying"))
}
