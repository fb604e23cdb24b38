//! Starting a server with the settings of a mesh.

use std::time::Duration;

use super::Context;
use super::psql::{POSTGRES, ask_json};
use crate::kernel::model::NodeName;
use crate::kernel::run::Outcome;
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::RemoteCommand;
use crate::mesh::model::{Cluster, Method};
use crate::postgresql::Major;

/// $1 unit, $2 `start` or `restart`. The unit counts as started once the server answers.
const SERVE: &str = r#"
systemctl "$2" "$1.service" && exit 0
systemctl reset-failed "$1.service"
journalctl --unit "$1.service" --no-pager --output=cat --lines=8 >&2
tail -n 8 "/var/log/postgresql/postgresql-$(echo "$1" | sed 's/.*@//').log" >&2
exit 1
"#;
/// A server that was killed reads its WAL again.
const DEADLINE: Duration = Duration::from_secs(1800);

const EFFECT: &str = "SELECT jsonb_object_agg(name, setting) FROM pg_settings
    WHERE name IN ('wal_level', 'track_commit_timestamp', 'shared_preload_libraries');\n";

#[derive(serde::Deserialize)]
struct Effect {
    wal_level: String,
    track_commit_timestamp: String,
    shared_preload_libraries: String,
}

/// Starts or restarts the server, and sees that what a mesh needs is in effect.
pub async fn apply(context: &Context, node: &NodeName, version: Major, restart: bool) -> Outcome {
    serve(context, node, version, restart).await?;
    let it: Effect = ask_json(context, node, POSTGRES, EFFECT).await?;
    let needs_library = context.inventory.method == Method::Pglogical;
    let wrong = [
        ("wal_level", it.wal_level == "logical"),
        ("track_commit_timestamp", it.track_commit_timestamp == "on"),
        ("shared_preload_libraries", !needs_library || it.shared_preload_libraries.contains("pglogical")),
    ];
    match wrong.iter().find(|(_, fits)| !fits) {
        None => Ok(None),
        Some((name, _)) => Err(StepError::new(format!(
            "`{name}` has not the value that galactl.conf gives it: something else sets it, perhaps ALTER SYSTEM; on {node}: sudo -u postgres psql -c 'ALTER SYSTEM RESET {name}', then run this again"
        ))),
    }
}

pub async fn serve(
    context: &Context,
    node: &NodeName,
    version: Major,
    restart: bool,
) -> Result<(), StepError> {
    let verb = if restart { "restart" } else { "start" };
    let command = RemoteCommand::act(SERVE, [Cluster(version).unit(), verb.to_owned()]).deadline(DEADLINE);
    context.host(node)?.succeed(command).await?;
    Ok(())
}
