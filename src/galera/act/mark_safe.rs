//! Letting Galera start a cluster from a node.

use super::shell::stopped_server;
use super::{Context, Outcome};
use crate::galera::model::{Seqno, StateUuid};
use crate::kernel::model::NodeName;
use crate::kernel::transport::RemoteCommand;

/// $1 data directory, $2 state UUID, $3 seqno. The file names this state, or none that counts; what it
/// said is kept beside it.
const SCRIPT: &str = concat!(
    stopped_server!(),
    r#"
cd -- "$1"
state=grastate.dat
if grep -qsE '^uuid: *[0-9a-f-]*[1-9a-f]' "$state" && ! grep -qE "^uuid: *$2\$" "$state"; then
    echo "$1/$state names another state: $(grep '^uuid:' "$state")" >&2
    exit 1
fi
[ -e "$state" ] && cp -p -- "$state" "$state.before-recovery"
printf '# GALERA saved state\nversion: 2.1\nuuid:    %s\nseqno:   %s\nsafe_to_bootstrap: 1\n' "$2" "$3" > "$state.new"
chown --reference=. -- "$state.new"
chmod 660 -- "$state.new"
sync "$state.new"
mv -- "$state.new" "$state"
[ ! -e gvwstate.dat ] || mv -- gvwstate.dat gvwstate.dat.before-recovery
sync .
"#
);

pub async fn apply(
    context: &Context,
    node: &NodeName,
    datadir: &str,
    state: &StateUuid,
    seqno: Seqno,
) -> Outcome {
    let words = [datadir.to_owned(), state.to_string(), seqno.to_string()];
    context.host(node)?.succeed(RemoteCommand::act(SCRIPT, words)).await?;
    Ok(Some("the old files are kept as *.before-recovery".into()))
}
