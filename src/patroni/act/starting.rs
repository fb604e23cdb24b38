//! Starting Patroni on a node, and looking at it while it comes up.

use std::time::Duration;

use super::Context;
use super::glance::{Glance, glance};
use crate::kernel::model::NodeName;
use crate::kernel::run::event::Excerpt;
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::RemoteCommand;

/// The pause between the first looks.
pub const POLL: Duration = Duration::from_millis(250);
/// Patroni ends by itself where it sees that it cannot work, and systemd starts it again.
const MOST_RESTARTS: u32 = 3;

/// $1 the data directory, which Patroni makes, moves and removes. So the folder around it is the server's own, as in
/// Debian.
const START: &str = r#"
case $1 in /*/*) ;; *) echo "no data directory: $1" >&2; exit 1 ;; esac
around=$(dirname -- "$1")
runuser -u postgres -- test -w "$around" || install -d -m 755 -o postgres -g postgres -- "$around" || exit
systemctl --quiet enable patroni.service || exit
systemctl reset-failed patroni.service 2>/dev/null
systemctl start patroni.service
"#;

const LAST_WORDS: &str = "journalctl --quiet --unit=patroni.service --lines=400 --output=cat | grep -E 'ERROR|FATAL|CRITICAL|Exception' | tail -n 8";

/// Starts Patroni, also at boot from now on.
pub async fn start(context: &Context, node: &NodeName) -> Result<(), StepError> {
    let datadir = context.datadir(node)?;
    context.host(node)?.succeed(RemoteCommand::act(START, [datadir])).await?;
    Ok(())
}

/// A look at a node whose Patroni was started.
///
/// Errors: Patroni does not stay up.
pub async fn seen(context: &Context, node: &NodeName) -> Result<Glance, StepError> {
    let port = context.inventory.postgresql.port;
    let seen = glance(&*context.host(node)?, port, context.datadir(node)?).await?;
    if seen.unit == "failed" || seen.restarts > MOST_RESTARTS {
        let error = StepError::new(format!("Patroni does not stay up: {}", seen.silent));
        return Err(with_last_words(context, node, error).await);
    }
    Ok(seen)
}

/// Nothing has moved for so many seconds, and the node is not what it was to become.
pub async fn idle(context: &Context, node: &NodeName, is_not: &str, word: &str, seconds: u64) -> StepError {
    let message = format!("{is_not} yet ({word}), and nothing has moved for {seconds} s");
    with_last_words(context, node, StepError::new(message)).await
}

/// The error with what Patroni logged last.
pub async fn with_last_words(context: &Context, node: &NodeName, mut error: StepError) -> StepError {
    let Ok(host) = context.host(node) else { return error };
    if let Ok(text) = host.succeed(RemoteCommand::new(LAST_WORDS, [""; 0])).await {
        let lines = text.lines().map(str::to_owned).collect();
        error.logs.push(Excerpt { node: node.clone(), log: "patroni.service".into(), lines });
    }
    error.left(format!("Patroni runs on {node}, and goes on trying"))
}
