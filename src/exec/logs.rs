//! Logs of the hosts around a failure.

use std::sync::Arc;
use std::time::Duration;

use super::context::Context;
use super::event::Excerpt;
use super::step_error::StepError;
use crate::explain::{explain, relevant};
use crate::model::NodeName;
use crate::transport::RemoteCommand;

/// $1 unit, $2 seconds to look back, $3 data directory. The files are the state transfer
/// script's own; only those written in that time are shown.
const SCRIPT: &str = r#"
echo "@journal"
journalctl --unit="$1.service" --since="-$2s" --no-pager --output=cat --lines=3000 | sed 's/^/|/'
find "$3" /tmp/sst_log_archive -maxdepth 1 -name 'mariabackup.*.log*' -newermt "-$2 seconds" 2>/dev/null |
while IFS= read -r log; do
    echo "@$log"
    tail -n 200 "$log" | sed 's/^/|/'
done
"#;
const MOST_LINES: usize = 12;
/// Clocks differ, and the interesting line may stand just before the step.
const MARGIN: Duration = Duration::from_secs(5);

/// Adds the relevant lines of all nodes' logs and, if they tell it and it is not known, the cause.
pub async fn explained(
    context: &Arc<Context>,
    mut error: StepError,
    first: &NodeName,
    span: Duration,
) -> StepError {
    let others = context.inventory.nodes.iter().map(|node| &node.name).filter(|name| *name != first);
    let mut texts = Vec::new();
    for node in std::iter::once(first).chain(others) {
        for (log, text) in read(context, node, span).await {
            let lines: Vec<_> = relevant(&text, MOST_LINES).into_iter().map(str::to_owned).collect();
            if !lines.is_empty() {
                error.logs.push(Excerpt { node: node.clone(), log, lines });
            }
            texts.push(text);
        }
    }
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    error.explanation = error.explanation.or_else(|| explain(&texts));
    error
}

/// A host whose logs cannot be read adds nothing; the step's own error stands.
async fn read(context: &Context, node: &NodeName, span: Duration) -> Vec<(String, String)> {
    let Ok(host) = context.host(node) else { return Vec::new() };
    let seconds = (span + MARGIN).as_secs().to_string();
    let Ok(place) = context.place(node) else { return Vec::new() };
    let arguments = [context.inventory.host.unit.as_str(), &seconds, &place.datadir];
    let Ok(output) = host.run(RemoteCommand::new(SCRIPT, arguments)).await else { return Vec::new() };
    let mut logs: Vec<(String, String)> = Vec::new();
    for line in output.stdout.lines() {
        if let Some(name) = line.strip_prefix('@') {
            logs.push((name.to_owned(), String::new()));
        } else if let (Some(text), Some((_, log))) = (line.strip_prefix('|'), logs.last_mut()) {
            log.push_str(text);
            log.push('\n');
        }
    }
    logs
}
