//! Debian's cluster `main`, and the files that galactl shares with its owner.

use super::Context;
use crate::kernel::model::NodeName;
use crate::kernel::run::Outcome;
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::RemoteCommand;
use crate::mesh::statements::WRONG_RULES;
use crate::postgresql::Major;

/// $1 version, $2 port. It is not started.
const CREATE: &str = r#"
set -eu
pg_lsclusters --no-header | awk -v version="$1" '$1 == version && $2 == "main" { found = 1 } END { exit !found }' ||
    pg_createcluster --port="$2" "$1" main >/dev/null
"#;

/// $1 version, $2 port, $3 the question for wrong rules; the lines for pg_hba.conf on standard input. The rest of both files
/// stays as its owner has written it. A server that runs reads them again. What it does not understand is said, a line each: with
/// one of these it would keep its old rules. Nothing is changed where there was one before.
const CONFIGURE: &str = r#"
set -eu
umask 077
settings=/etc/postgresql/$1/main
include="include_if_exists = 'galactl.conf'"
lines=$(cat)
cd /
client=
for program in /usr/lib/postgresql/*/bin/psql; do [ -x "$program" ] && client=$program; done
wrong_rules() {
    [ ! -S "/var/run/postgresql/.s.PGSQL.$2" ] || PGOPTIONS="-c statement_timeout=30s" PGCONNECT_TIMEOUT=5 \
        runuser -u postgres -- "$client" -XAtqw -v ON_ERROR_STOP=1 -h /var/run/postgresql -p "$2" -d postgres -c "$3"
}
wrong=
runs=0
if systemctl --quiet is-active "postgresql@$1-main.service"; then
    runs=1
    wrong=$(wrong_rules "$@")
fi
if [ -n "$wrong" ]; then
    printf '%s\n' "$wrong"
    exit 0
fi
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
if [ "$runs" = 1 ]; then
    systemctl reload "postgresql@$1-main.service"
    wrong_rules "$@"
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

/// Errors: also where the server does not understand pg_hba.conf, because it goes on with its old rules then.
pub async fn configure(
    context: &Context,
    node: &NodeName,
    version: Major,
    access: &[String],
) -> Result<(), StepError> {
    let arguments = [version.to_string(), context.inventory.port.to_string(), WRONG_RULES.to_owned()];
    let command = RemoteCommand::act(CONFIGURE, arguments).input(access.join("\n"));
    understood(node, &context.host(node)?.succeed(command).await?)
}

/// `wrong`: what the server does not understand, a line each.
fn understood(node: &NodeName, wrong: &str) -> Result<(), StepError> {
    let wrong: Vec<_> = wrong.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let Some(first) = wrong.first().and_then(|it| it.split(": ").next()) else { return Ok(()) };
    Err(StepError::new(format!(
        "{node} keeps its old rules of who may connect, because it does not understand: {}; correct {first} on {node}, then run this again",
        wrong.join("; ")
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_keeps_its_old_rules_is_told_with_the_line() {
        let node: NodeName = "pg3".parse().unwrap();
        assert!(understood(&node, "\n").is_ok());
        let said = "/etc/postgresql/17/main/pg_hba.conf:12: invalid authentication method \"md6\"\n";
        let message = understood(&node, said).unwrap_err().message;
        assert!(message.contains("pg_hba.conf:12: invalid authentication method"), "{message}");
        assert!(message.contains("correct /etc/postgresql/17/main/pg_hba.conf:12 on pg3"), "{message}");
    }
}
