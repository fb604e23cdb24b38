//! The copy of a member's whole server.

use std::sync::Arc;
use std::time::Duration;

use super::Context;
use super::isolated::ISOLATED;
use crate::kernel::model::NodeName;
use crate::kernel::run::Outcome;
use crate::kernel::run::poll::{Awaited, Look, Sign, Wait, Waited};
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::RemoteCommand;
use crate::mesh::model::{ACCOUNT, PASSWORD_FILE};
use crate::mesh::plan::Step;
use crate::postgresql::Major;

const POLL: Duration = Duration::from_millis(500);
/// A copy that shows no progress for this long has failed. One that moves is never given up.
const PATIENCE: Duration = Duration::from_secs(600);

/// $1 version, $2 the node, $3 the source's address, $4 its port, $5 account, $6 password file, $7 the settings of the copy.
///
/// What is there goes only while nobody's data are on it; that is looked at again here, in the moment before. The name of the
/// node stands in the copy from its first file on, so that a copy that was cut off is known for what it is.
const START: &str = concat!(
    include_str!("../observe/of_users.sh"),
    include_str!("free.sh"),
    r#"
set -eu
cd /
data=/var/lib/postgresql/$1/main
unit=galactl-mesh-copy
systemctl --quiet is-active "$unit.service" && { echo "a copy is under way" >&2; exit 1; }
if [ -L "$data" ] || mountpoint --quiet "$data"; then
    echo "$data is a symbolic link or a file system of its own, and the copy is put in its place: mount the disk at /var/lib/postgresql" >&2
    exit 65
fi
only_if_free "$data" "$2"
systemctl stop "postgresql@$1-main.service"
systemctl stop galactl-mesh-isolated.service 2>/dev/null || :
install -d -o postgres -g postgres -m 700 "$data"
printf '%s\n' "$2" > "$data/galactl.joining"
find "$data" -mindepth 1 ! -name galactl.joining -delete
systemctl reset-failed "$unit.service" 2>/dev/null || :
systemd-run --quiet --unit="$unit" --uid=postgres --gid=postgres --setenv=PGPASSFILE="$6" --setenv=PGCONNECT_TIMEOUT=10 \
    --property=WorkingDirectory=/ --property=Restart=no --property=RemainAfterExit=yes \
    sh -c 'set -e
        # pg_basebackup writes into an empty directory only.
        rm -rf "$2.copy"
        "$1/pg_basebackup" --dbname="host='"'"'$3'"'"' port=$4 user=$5 application_name=galactl_copy" --pgdata="$2.copy" --wal-method=stream --checkpoint=fast
        touch "$2.copy/recovery.signal"
        printf "%s\n" "$6" > "$2.copy/postgresql.auto.conf"
        cp "$2/galactl.joining" "$2.copy/galactl.joining"
        sync
        rm -rf "$2"
        mv "$2.copy" "$2"' sh "/usr/lib/postgresql/$1/bin" "$data" "$3" "$4" "$5" "$7"
"#
);

/// $1 version. Prints the unit's state and result, and the bytes that have come.
const STATE: &str = r#"
for property in ActiveState SubState Result; do systemctl show galactl-mesh-copy.service --property="$property" --value; done
du --summarize --bytes "/var/lib/postgresql/$1/main.copy" 2>/dev/null | cut -f1
"#;

/// Tells what the copy said, and takes its unit away.
const END: &str = r"
journalctl --unit=galactl-mesh-copy.service --no-pager --output=cat --lines=6 | grep -v '^Started\|^Stopped' || :
systemctl stop galactl-mesh-copy.service 2>/dev/null
systemctl reset-failed galactl-mesh-copy.service 2>/dev/null || :
";

pub async fn apply(context: &Arc<Context>, step: &Step, version: Major, source: &NodeName) -> Outcome {
    let from = context.node(source)?;
    let arguments = [
        version.to_string(),
        step.node.to_string(),
        from.address.to_string(),
        context.inventory.port.to_string(),
        ACCOUNT.to_owned(),
        PASSWORD_FILE.to_owned(),
        ISOLATED.to_owned(),
    ];
    let host = context.host(&step.node)?;
    let started = host.succeed(RemoteCommand::act(START, arguments).deadline(PATIENCE)).await;
    started.map_err(|error| StepError::from(error).left("no data of users were touched"))?;
    let copied = Copied { context, node: &step.node, version };
    let wait = Wait::new(POLL, PATIENCE).told(&*context.reporter, &step.id);
    let waited = wait.until(copied).await;
    let said = host.succeed(RemoteCommand::act(END, [""])).await?;
    match waited? {
        Waited::Found(true) => Ok(None),
        Waited::Found(false) => {
            Err(StepError::new(format!("the copy of {source} has failed: {}", said.trim())))
        }
        Waited::Idle(word) => Err(StepError::new(format!(
            "the copy of {source} has not moved for {} s: {word}",
            PATIENCE.as_secs()
        ))),
    }
}

struct Copied<'a> {
    context: &'a Context,
    node: &'a NodeName,
    version: Major,
}

impl Awaited for Copied<'_> {
    /// It ended well.
    type Found = bool;

    async fn look(&mut self) -> Result<Look<bool>, StepError> {
        let command = RemoteCommand::new(STATE, [self.version.to_string()]);
        let said = self.context.host(self.node)?.succeed(command).await?;
        let words: Vec<_> = said.split_whitespace().collect();
        Ok(match words.as_slice() {
            // It remains after its end, so that it can be seen.
            ["active", "exited", "success", ..] => Look::Found(true),
            ["active" | "activating", _, _, rest @ ..] => {
                Look::NotYet(Sign::word(format!("{} bytes have come", rest.first().unwrap_or(&"0"))))
            }
            _ => Look::Found(false),
        })
    }
}
