//! Debian's cluster `main`, and the files that galactl shares with its owner.

use super::Context;
use crate::kernel::model::NodeName;
use crate::kernel::run::Outcome;
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::RemoteCommand;
use crate::postgresql::Major;

/// $1 version, $2 port. It is not started.
const CREATE: &str = r#"
set -eu
pg_lsclusters --no-header | awk -v version="$1" '$1 == version && $2 == "main" { found = 1 } END { exit !found }' ||
    pg_createcluster --port="$2" "$1" main >/dev/null
"#;

/// $1 version; the lines for pg_hba.conf on standard input. The rest of both files stays as its owner has written it. A server
/// that runs reads them again.
const CONFIGURE: &str = r#"
set -eu
umask 077
settings=/etc/postgresql/$1/main
include="include_if_exists = 'galactl.conf'"
lines=$(cat)
replace() {
    [ ! -L "$1" ] || { echo "$1 is a symbolic link, and what it leads to is not galactl's; put a copy in its place: sudo cp --remove-destination \"\$(readlink -f $1)\" $1" >&2; exit 1; }
    cat > "$1.candidate"
    chown --reference="$1" "$1.candidate"
    chmod --reference="$1" "$1.candidate"
    cmp -s "$1.candidate" "$1" || { cp -p "$1" "$1.galactl-previous"; sync "$1.candidate"; mv "$1.candidate" "$1"; }
    rm -f "$1.candidate"
}
{ grep -vxF "$include" "$settings/postgresql.conf" || :; echo "$include"; } | replace "$settings/postgresql.conf"
{
    printf '# galactl: begin\n%s\n# galactl: end\n' "$lines"
    sed '/^# galactl: begin$/,/^# galactl: end$/d' "$settings/pg_hba.conf"
} | replace "$settings/pg_hba.conf"
sync "$settings"
if systemctl --quiet is-active "postgresql@$1-main.service"; then
    systemctl reload "postgresql@$1-main.service"
fi
"#;

pub async fn create(context: &Context, node: &NodeName, version: Major) -> Outcome {
    let arguments = [version.to_string(), context.inventory.port.to_string()];
    context.host(node)?.succeed(RemoteCommand::act(CREATE, arguments)).await?;
    Ok(None)
}

pub async fn apply(context: &Context, node: &NodeName, version: Major, access: &[String]) -> Outcome {
    configure(context, node, version, access).await?;
    Ok(None)
}

pub async fn configure(
    context: &Context,
    node: &NodeName,
    version: Major,
    access: &[String],
) -> Result<(), StepError> {
    let command = RemoteCommand::act(CONFIGURE, [version.to_string()]).input(access.join("\n"));
    context.host(node)?.succeed(command).await?;
    Ok(())
}
