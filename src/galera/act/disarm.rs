//! Removing an armed bootstrap intent, and seeing it gone.

use super::shell::list_armed;
use super::{Context, Outcome};
use crate::galera::facts::Intent;
use crate::kernel::model::NodeName;
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::{Host, RemoteCommand};

/// Words: `environment NAME` or `file PATH`, as pairs.
const SCRIPT: &str = concat!(
    r#"
set -eu
while [ $# -gt 0 ]; do
    case $1 in
    environment) systemctl unset-environment "$2" ;;
    file) rm -f -- "$2" ;;
    esac
    shift 2
done
set +e
left=$(
"#,
    list_armed!(),
    r#"
)
if [ -n "$left" ]; then
    echo "still set: $left" >&2
    exit 1
fi
"#
);

/// Prints what is armed.
const ARMED: &str = concat!(list_armed!(), "true\n");

pub async fn apply(context: &Context, node: &NodeName, intents: &[Intent]) -> Outcome {
    let mut words = Vec::new();
    for intent in intents {
        match intent {
            Intent::Environment(name) => words.extend(["environment", name]),
            Intent::File(path) => words.extend(["file", path]),
            Intent::Option(option) => {
                return Err(StepError::surprise(format!("{option} stands in a file that is not galactl's")));
            }
        }
    }
    context.host(node)?.succeed(RemoteCommand::act(SCRIPT, words)).await?;
    Ok(None)
}

/// Nothing is armed there. Whoever starts a server asks in the moment before: the intent may have come
/// since the plan was made.
pub(super) async fn disarmed(host: &Host) -> Result<(), StepError> {
    let armed = host.succeed(RemoteCommand::new(ARMED, [""; 0])).await?;
    if armed.trim().is_empty() {
        return Ok(());
    }
    let message = format!("a bootstrap intent is set on {}: {}", host.name, armed.trim());
    Err(StepError::surprise(message).left("run the same command again: it removes the intent and goes on"))
}
