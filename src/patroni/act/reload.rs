//! Patroni reads its file again.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::Context;
use super::starting::idle;
use crate::kernel::model::NodeName;
use crate::kernel::run::Outcome;
use crate::kernel::run::poll::{Awaited, Look, Sign, Wait, Waited};
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::RemoteCommand;
use crate::patroni::plan::Step;

const POLL: Duration = Duration::from_secs(1);

/// Prints the place in the journal behind which everything is later.
const RELOAD: &str = r"
journalctl --quiet --unit=patroni.service --lines=1 --show-cursor --output=cat | sed -n 's/^-- cursor: //p'
systemctl reload patroni.service
";

/// $1 the place in the journal. Patroni looks at a signal once in its loop, and logs either of these when it has read
/// its file (`reload_config` of Patroni 3.0.2 and 4.0.7). What is wrong with the file is an error or a warning.
const READ: &str = r#"
journalctl --quiet --unit=patroni.service --after-cursor="$1" --output=cat |
    grep -E '^[0-9-]+ [0-9:]+,[0-9]+ (INFO: (Reloading PostgreSQL configuration|.*nothing to reload)|ERROR|WARNING)'
true
"#;

/// $1 port  $2 settings as JSON. Prints the names of those that the server's own file does not have so.
const MISSING: &str = r#"
cd /
timeout 20 runuser -u postgres -- psql -XAtq -v ON_ERROR_STOP=1 -p "$1" -d postgres -v wanted="$2" <<'END'
SELECT wanted.key FROM json_each_text(:'wanted') AS wanted
    WHERE NOT EXISTS (SELECT FROM pg_file_settings AS file
        WHERE lower(file.name) = lower(wanted.key) AND file.setting = wanted.value)
    ORDER BY 1;
END
"#;

/// Reloads Patroni, waits until it has read its file, and sees that the server's own file has the settings.
pub async fn apply(context: &Arc<Context>, step: &Step, settings: &BTreeMap<String, String>) -> Outcome {
    let host = context.host(&step.node)?;
    let cursor = host.succeed(RemoteCommand::act(RELOAD, [""; 0])).await?.trim().to_owned();
    let seconds = context.loops();
    let wait = Wait::new(POLL, Duration::from_secs(seconds)).told(&*context.reporter, &step.id);
    match wait.until(Read { context, node: &step.node, cursor }).await? {
        Waited::Found(()) => missing(context, &step.node, settings).await,
        Waited::Idle(word) => {
            Err(idle(context, &step.node, "it has not read its file", &word, seconds).await)
        }
    }
}

struct Read<'a> {
    context: &'a Context,
    node: &'a NodeName,
    cursor: String,
}

impl Awaited for Read<'_> {
    type Found = ();

    async fn look(&mut self) -> Result<Look<()>, StepError> {
        let command = RemoteCommand::new(READ, [self.cursor.as_str()]);
        let told = self.context.host(self.node)?.succeed(command).await?;
        let read = told.lines().any(|line| !line.contains("ERROR") && !line.contains("WARNING"));
        // What it logged may hold a part of the file, so it is shown with an error only.
        Ok(match (read, told.is_empty()) {
            (true, _) => Look::Found(()),
            (false, false) => {
                Look::NotYet(Sign::word("Patroni has logged an error, and not read its file yet"))
            }
            (false, true) => Look::NotYet(Sign::word("Patroni reads its file once in its loop")),
        })
    }
}

/// Patroni leaves out a setting that it does not take, and logs a line.
async fn missing(context: &Context, node: &NodeName, settings: &BTreeMap<String, String>) -> Outcome {
    let port = context.inventory.postgresql.port.to_string();
    let wanted = serde_json::to_string(settings).unwrap_or_default();
    let told = context.host(node)?.succeed(RemoteCommand::new(MISSING, [port, wanted])).await;
    // A server that is down tells nothing, and the steps behind this one wait for it.
    let missing: Vec<_> = told.iter().flat_map(|names| names.lines()).collect();
    if missing.is_empty() {
        return Ok(None);
    }
    let message = format!("Patroni has read its file, and left out {}", missing.join(", "));
    Err(StepError::new(message).left(format!(
        "sudo journalctl -u patroni -n 50 on {node} tells why; correct it in the inventory, then run this again"
    )))
}
