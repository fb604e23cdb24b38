//! What can be done to any host: files put in place atomically, tried by their reader first, the old one
//! kept; units enabled or disabled.

use std::time::Duration;

use super::Outcome;
use super::shell::without_starts;
use crate::kernel::model::UnitName;
use crate::kernel::model::words::names;
use crate::kernel::plan::{HostAction, PutFile};
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::{Host, RemoteCommand};

/// What the name of the kept file ends in.
const KEPT: &str = "galactl-previous";

/// $1 path, $2 owner, $3 group, $4 mode, $5 length in bytes, $6 `put` or `try`, $7 who reads it, in a word,
/// $8.. the command with which it is tried; the content on standard input.
///
/// The candidate's name does not end in .cnf, so no server reads it, and neither does the kept
/// copy's. The length guards against a connection that breaks while the content is sent.
const SCRIPT: &str = r#"
set -eu
umask 077
if [ -L "$1" ]; then
    echo "$1 is a symbolic link, and what it leads to is not galactl's; to put a copy in its place: sudo cp --remove-destination \"\$(readlink -f $1)\" $1; then run this again" >&2
    exit 1
fi
# The directory of a package that comes later.
[ -d "$(dirname -- "$1")" ] || install -d -m 755 -- "$(dirname -- "$1")"
candidate=$(mktemp "$1.candidate-XXXXXX")
trap 'rm -f -- "$candidate"' EXIT
cat > "$candidate"
if [ "$(wc -c < "$candidate")" -ne "$5" ]; then
    echo "the file did not arrive whole" >&2
    exit 1
fi
chown "$2:$3" "$candidate"
chmod "$4" "$candidate"
try_it() {
    words=$#
    while [ "$words" -gt 0 ]; do
        case $1 in
        *'{candidate}'*) set -- "$@" "${1%%'{candidate}'*}$candidate${1#*'{candidate}'}" ;;
        *) set -- "$@" "$1" ;;
        esac
        shift
        words=$((words - 1))
    done
    "$@"
}
path=$1 owner=$2 group=$3 mode=$4 what=$6 reader=$7
shift 7
if ! said=$(try_it "$@" 2>&1 >/dev/null); then
    printf 'the %s does not accept it:\n%s\n' "$reader" "$said" | grep -v Note >&2
    exit 65
fi
set -- "$path" "$owner" "$group" "$mode" "$what"
[ "$5" = put ] || exit 0
sync "$candidate"
if [ -e "$1" ] && ! cmp -s -- "$candidate" "$1"; then
    cp -p -- "$1" "$1.galactl-previous"
    chown "$2:$3" "$1.galactl-previous"
    chmod "$4" "$1.galactl-previous"
fi
mv -- "$candidate" "$1"
sync "$(dirname "$1")"
"#;

/// How long an installation may take.
pub const INSTALL_DEADLINE: Duration = Duration::from_secs(1800);
/// $1… packages. Prints the versions that are installed then.
const INSTALL: &str = concat!(
    "set -eu\n",
    without_starts!(),
    r#"
apt-get $lock install --yes --no-install-recommends "$@" >/dev/null
dpkg-query -W -f '${Package} ${Version}\n' "$@"
"#
);
const DISABLE: &str = r#"systemctl --quiet disable "$1.service""#;
const ENABLE: &str = r#"systemctl --quiet enable "$1.service" && systemctl --quiet is-enabled "$1.service""#;

/// Does one act. `fill_in` puts the secrets' values where a text holds their placeholders.
pub async fn apply(
    host: &Host,
    action: &HostAction,
    fill_in: impl Fn(&str) -> Result<String, String>,
) -> Outcome {
    match action {
        HostAction::PutFile(file) => send(host, file, "put", fill_in).await,
        HostAction::TryFile(file) => send(host, file, "try", fill_in).await,
        HostAction::InstallPackages { packages } => install(host, packages).await,
        HostAction::EnableUnit { unit } => switch(host, ENABLE, unit).await,
        HostAction::DisableUnit { unit } => switch(host, DISABLE, unit).await,
    }
}

/// Where the file is kept that was at this path before.
pub fn previous(path: &str) -> String {
    format!("{path}.{KEPT}")
}

async fn send(
    host: &Host,
    file: &PutFile,
    what: &str,
    fill_in: impl Fn(&str) -> Result<String, String>,
) -> Outcome {
    let content = fill_in(&file.text).map_err(StepError::new)?;
    let length = content.len().to_string();
    let words = [&file.path, &file.owner, &file.group, &file.mode, &length, what, &file.check.reader];
    let words = words.into_iter().map(str::to_owned).chain(file.check.command.iter().cloned());
    let command = RemoteCommand::act(SCRIPT, words).input(content);
    let as_it_was =
        |error| StepError::from(error).left(format!("{} on {} is as it was", file.path, host.name));
    host.succeed(command).await.map_err(as_it_was)?;
    Ok(None)
}

async fn install(host: &Host, packages: &[String]) -> Outcome {
    let command = RemoteCommand::act(INSTALL, packages.iter().cloned()).deadline(INSTALL_DEADLINE);
    let versions = host.succeed(command).await?;
    Ok(Some(names(&versions.lines().collect::<Vec<_>>(), "and")))
}

async fn switch(host: &Host, script: &'static str, unit: &UnitName) -> Outcome {
    host.succeed(RemoteCommand::act(script, [unit.as_str()])).await?;
    Ok(None)
}
