//! Keeping a removed node from starting, and letting it start again.

use super::shell::stopped_server;
use super::{Context, Outcome};
use crate::galera::model::StateUuid;
use crate::kernel::model::{NodeName, UnitName};
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::RemoteCommand;

/// $1 unit, $2 cluster, $3 state UUID, $4 who.
///
/// The record comes first: a mask without it is somebody else's, and a record without a mask says
/// nothing. A unit that is masked while it runs falls back to systemd's own limits: its stop would end
/// in SIGKILL after 90 s.
const MASK: &str = concat!(
    stopped_server!(),
    r#"
record=/var/lib/galactl/removed
mkdir -p /var/lib/galactl
printf 'cluster=%s\nstate_uuid=%s\nby=%s\n' "$2" "$3" "$4" > "$record.new"
sync "$record.new"
mv "$record.new" "$record"
sync /var/lib/galactl
systemctl --quiet mask "$1.service"
sync /etc/systemd/system
if [ "$(systemctl show "$1.service" --property=LoadState --value)" != masked ]; then
    echo "$1.service is not masked" >&2
    exit 1
fi
"#
);

/// $1 unit. The record is removed last: where this is cut off, no mask is left without its record.
const UNMASK: &str = r#"
set -eu
systemctl --quiet unmask "$1.service"
rm -f /var/lib/galactl/removed
"#;

pub async fn apply(context: &Context, node: &NodeName, unit: &UnitName, state: &StateUuid) -> Outcome {
    let arguments = [unit.as_str(), context.inventory.cluster.as_str(), state.as_str(), &context.who];
    context.host(node)?.succeed(RemoteCommand::act(MASK, arguments)).await.map_err(|error| {
        let left = format!("{node} is stopped, and comes back when its host is booted");
        StepError::from(error).left(left)
    })?;
    Ok(None)
}

pub async fn undo(context: &Context, node: &NodeName, unit: &UnitName) -> Outcome {
    context.host(node)?.succeed(RemoteCommand::act(UNMASK, [unit.as_str()])).await?;
    Ok(None)
}
