//! Removing an armed bootstrap intent, and seeing it gone.

use super::shell::list_armed;
use super::{Context, Outcome, StepError};
use crate::facts::Intent;
use crate::model::NodeName;
use crate::transport::RemoteCommand;

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
    echo "still armed: $left" >&2
    exit 1
fi
"#
);

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
