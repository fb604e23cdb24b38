//! Installing packages without letting their server start.

use std::time::Duration;

use super::shell::list_servers;
use super::{Context, Outcome};
use crate::kernel::model::{NodeName, UnitName};
use crate::kernel::run::shell::without_starts;
use crate::kernel::transport::RemoteCommand;

const DEADLINE: Duration = Duration::from_secs(1800);

/// $1 unit, $2 provider library that must exist afterwards, the rest: packages.
const SCRIPT: &str = concat!(
    r#"
set -eu
unit=$1 provider=$2
shift 2
"#,
    without_starts!(),
    r#"
apt-get $lock install --yes --no-install-recommends "$@" >/dev/null
if systemctl --quiet is-active "$unit.service"; then
    systemctl stop "$unit.service"
fi
if "#,
    list_servers!(),
    r#" >&2; then
    echo "a server runs although none was to be started" >&2
    exit 1
fi
if [ ! -f "$provider" ]; then
    echo "installed, but there is no $provider" >&2
    exit 1
fi
mariadbd --no-defaults --version
"#
);

pub async fn apply(
    context: &Context,
    node: &NodeName,
    packages: &[String],
    unit: &UnitName,
    provider: &str,
) -> Outcome {
    let fixed = [unit.as_str(), provider];
    let arguments = fixed.into_iter().chain(packages.iter().map(String::as_str));
    let command = RemoteCommand::act(SCRIPT, arguments).deadline(DEADLINE);
    let version = context.host(node)?.succeed(command).await?;
    Ok(Some(version.trim().to_owned()))
}
