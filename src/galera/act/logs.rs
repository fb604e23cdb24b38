//! Logs of the hosts around a failure.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::context::{Context, Place};
use crate::galera::explain::{explain, relevant};
use crate::galera::inventory::Inventory;
use crate::kernel::model::NodeName;
use crate::kernel::run::event::{Excerpt, Explanation};
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::{Fleet, Host, RemoteCommand};

/// $1 unit, $2 seconds to look back, $3 data directory. The files are the state transfer
/// script's own; only those written in that time are shown. First the seconds since the unit was
/// last started: both clocks count from the host's boot. The state transfer's script writes through
/// short-lived `logger`s, which may be gone before the journal asks which unit they are of, so these
/// are also known by the names that `wsrep_sst_mariabackup` gives them.
const SCRIPT: &str = r#"
began=$(systemctl show "$1.service" --property=InactiveExitTimestampMonotonic --value)
[ "${began:-0}" -eq 0 ] || echo "+$(($(cut -d . -f 1 /proc/uptime) - began / 1000000))"
echo "@journal"
journalctl --since="-$2s" --no-pager --output=cat --lines=3000 \
    _SYSTEMD_UNIT="$1.service" + _PID=1 UNIT="$1.service" + \
    SYSLOG_IDENTIFIER=-wsrep-sst-joiner SYSLOG_IDENTIFIER=-wsrep-sst-donor \
    SYSLOG_IDENTIFIER=-innobackupex-apply SYSLOG_IDENTIFIER=-innobackupex-move \
    SYSLOG_IDENTIFIER=-innobackupex-backup | sed 's/^/|/'
find "$3" /tmp/sst_log_archive -maxdepth 1 -name 'mariabackup.*.log*' -newermt "-$2 seconds" 2>/dev/null |
while IFS= read -r log; do
    echo "@$log"
    tail -n 200 "$log" | sed 's/^/|/'
done
"#;
/// Lines of one log that are shown.
pub const MOST_LINES: usize = 12;
/// Clocks differ, and the interesting line may stand just before the step.
const MARGIN: Duration = Duration::from_secs(5);
/// A server that systemd starts again and again has failed before its last start, too.
const STARTS: Duration = Duration::from_secs(30);

/// What the hosts' logs tell of one node's failure.
#[derive(Debug, Default)]
pub struct Told {
    /// The lines that matter, the node's own first.
    pub logs: Vec<Excerpt>,
    /// The cause, if it is a known one.
    pub explanation: Option<Explanation>,
}

/// Reads the logs of all nodes, as far back as `span`; those of the others only since the node's
/// last start, because what they said of an earlier one may be mended. A host that does not answer
/// adds nothing.
pub async fn look_into(
    inventory: &Inventory,
    fleet: &Fleet,
    places: &BTreeMap<NodeName, Place>,
    node: &NodeName,
    mut span: Duration,
) -> Told {
    let others = inventory.nodes.iter().map(|other| &other.name).filter(|name| *name != node);
    let (mut told, mut own, mut beside) = (Told::default(), Vec::new(), Vec::new());
    for name in std::iter::once(node).chain(others) {
        let (Some(host), Some(place)) = (fleet.host_of(name), places.get(name)) else { continue };
        let logs = read(&host, inventory.host.unit.as_str(), &place.datadir, span).await;
        for (log, text) in logs.texts {
            let lines: Vec<_> = relevant(&text, MOST_LINES).into_iter().map(str::to_owned).collect();
            if !lines.is_empty() {
                told.logs.push(Excerpt { node: name.clone(), log, lines });
            }
            if name == node { own.push(text) } else { beside.push(text) }
        }
        if let (true, Some(began)) = (name == node, logs.began) {
            span = span.min(began + STARTS);
        }
    }
    told.explanation = explain(&as_texts(&own), &as_texts(&beside));
    told
}

/// Adds the relevant lines of all nodes' logs and, if they tell it and it is not known, the cause.
pub async fn explained(
    context: &Arc<Context>,
    mut error: StepError,
    node: &NodeName,
    span: Duration,
) -> StepError {
    let told = look_into(&context.inventory, &context.fleet, &context.places, node, span + MARGIN).await;
    error.logs.extend(told.logs);
    error.explanation = error.explanation.or(told.explanation);
    error
}

fn as_texts(logs: &[String]) -> Vec<&str> {
    logs.iter().map(String::as_str).collect()
}

/// The logs of one host.
#[derive(Debug, Default)]
pub struct Logs {
    /// How long ago the unit was last started.
    pub began: Option<Duration>,
    /// Name and text of each.
    pub texts: Vec<(String, String)>,
}

async fn read(host: &Host, unit: &str, datadir: &str, span: Duration) -> Logs {
    let seconds = span.as_secs().to_string();
    let Ok(output) = host.run(RemoteCommand::new(SCRIPT, [unit, &seconds, datadir])).await else {
        return Logs::default();
    };
    split(&output.stdout)
}

/// What [`SCRIPT`] prints: each log's name with its text. Lines before the first name belong to none.
pub fn split(said: &str) -> Logs {
    let mut logs = Logs::default();
    for line in said.lines() {
        if let Some(seconds) = line.strip_prefix('+') {
            logs.began = seconds.parse().ok().map(Duration::from_secs);
        } else if let Some(name) = line.strip_prefix('@') {
            logs.texts.push((name.to_owned(), String::new()));
        } else if let (Some(text), Some((_, log))) = (line.strip_prefix('|'), logs.texts.last_mut()) {
            log.push_str(text);
            log.push('\n');
        }
    }
    logs
}
