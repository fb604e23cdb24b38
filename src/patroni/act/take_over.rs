//! A standalone server gives its data up to Patroni: it stops, and Debian does not start it again.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Context;
use crate::kernel::run::Outcome;
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::RemoteCommand;
use crate::patroni::config::HEADER;
use crate::patroni::plan::{Action, PatroniAction, Step};

/// $1 data directory, $2 system identifier, $3 Debian's name of the cluster or nothing, $4 port, $5… folders of tablespaces;
/// standard input: postgresql.base.conf. Patroni's postgresql.conf includes that file, and where it is not there, Patroni
/// makes it of a postgresql.conf in the data directory, which Debian does not have there. A checkpoint while clients still
/// work makes the stop short. start.conf is written whole: Debian lets comments stand in it, and takes none for `auto`.
/// Nothing is changed before it is known whose data these are, and all of it may be repeated.
const TAKE_OVER: &str = r#"
cd /
version=$(cat "$1/PG_VERSION") || exit
programs=/usr/lib/postgresql/$version/bin
told() { "$programs/pg_controldata" -D "$1" | sed -n "s/^$2: *//p"; }
id=$(told "$1" 'Database system identifier')
[ "$id" = "$2" ] || { echo "the data in $1 are of system $id" >&2; exit 1; }
case $(systemctl show patroni.service --property=ActiveState --value) in inactive | failed) ;; *)
    echo "patroni.service runs, or is about to" >&2
    exit 1
    ;;
esac
# plan_holds DATADIR TABLESPACE…: a slot that was made since would be removed with all that is unread, and a new tablespace
# has no folder on the other nodes.
plan_holds() {
    slots=$(find "$1/pg_replslot/." -mindepth 1 -maxdepth 1 -type d -printf '%f ')
    [ -z "$slots" ] || { echo "since the plan was made, it has got the replication slots $slots; run this again for a new plan" >&2; exit 1; }
    there=$(find "$1/pg_tblspc/." -mindepth 1 -maxdepth 1 -type l -printf '%l\n' | sort)
    shift
    [ "$there" = "$([ $# -eq 0 ] || printf '%s\n' "$@" | sort)" ] ||
        { echo "since the plan was made, its tablespaces have changed; run this again for a new plan" >&2; exit 1; }
}
datadir=$1 name=$3 port=$4
shift 4
plan_holds "$datadir" "$@"
umask 077
cat > "$datadir/postgresql.base.conf.new" && chown postgres:postgres "$datadir/postgresql.base.conf.new" || exit
runs() {
    pid=$(head -n 1 "$1/postmaster.pid" 2>/dev/null)
    [ -n "$pid" ] && [ "$(readlink "/proc/$pid/cwd")" = "$(readlink -f "$1")" ]
}
if runs "$datadir"; then
    timeout 240 runuser -u postgres -- "$programs/psql" -XAtqw -p "$port" -d postgres -c CHECKPOINT >/dev/null 2>&1
fi
if [ -n "$name" ]; then
    timeout 300 systemctl stop "postgresql@$version-$name.service" || exit
fi
if runs "$datadir"; then
    timeout 300 runuser -u postgres -- "$programs/pg_ctl" stop -s -w -t 290 -m fast -D "$datadir" || exit
fi
state=$(told "$datadir" 'Database cluster state')
[ "$state" = 'shut down' ] || { echo "its data are in state \"$state\", and not shut down in an orderly way" >&2; exit 1; }
plan_holds "$datadir" "$@"
# As long as its state was not known, Debian had to be able to start it.
if [ -n "$name" ]; then
    start=/etc/postgresql/$version/$name/start.conf
    if [ ! -e "$start.before-patroni" ]; then
        { [ -e "$start" ] && cat "$start" || echo auto; } > "$start.before-patroni.new" &&
            mv "$start.before-patroni.new" "$start.before-patroni" || exit
    fi
    echo disabled > "$start" && chmod 644 "$start" "$start.before-patroni" || exit
    systemctl daemon-reload
    ! runs "$datadir" || { echo "somebody has started its server again" >&2; exit 1; }
fi
for file in postgresql.conf pg_hba.conf; do
    [ ! -e "$datadir/$file" ] || [ -e "$datadir/postgresql.base.conf" ] || mv "$datadir/$file" "$datadir/$file.before-patroni" || exit
done
[ -e "$datadir/pg_ident.conf" ] || install -o postgres -g postgres -m 600 /dev/null "$datadir/pg_ident.conf" || exit
mv "$datadir/postgresql.base.conf.new" "$datadir/postgresql.base.conf" && sync -f "$datadir" || exit
told "$datadir" 'Latest checkpoint location'
"#;
/// Brings the files back that [`TAKE_OVER`] has renamed, and starts what Debian starts. Data that are none of Debian's have
/// their postgresql.conf again, and whoever started their server starts it.
const BACK: &str = "systemctl disable --now patroni; \
    for it in /etc/postgresql/*/*/start.conf.before-patroni /var/lib/postgresql/*/main/*.conf.before-patroni; do \
    [ ! -e \"$it\" ] || mv \"$it\" \"${it%.before-patroni}\"; done; \
    for it in /var/lib/postgresql/*/main; do \
    [ -e \"$it/patroni.dynamic.json\" ] || rm -f \"$it/postgresql.base.conf\"; done; systemctl daemon-reload; systemctl start postgresql";
const DEADLINE: Duration = Duration::from_secs(900);

pub async fn apply(context: &Context, step: &Step) -> Outcome {
    let Action::Patroni(PatroniAction::TakeOver { datadir, system_id, cluster, settings, tablespaces }) =
        &step.action
    else {
        return Err(StepError::new("this step takes no server over"));
    };
    let port = context.inventory.postgresql.port.to_string();
    let words = [datadir.clone(), system_id.to_string(), cluster.clone().unwrap_or_default(), port];
    let words = words.into_iter().chain(tablespaces.iter().cloned());
    let command = RemoteCommand::act(TAKE_OVER, words).input(base(settings)).deadline(DEADLINE);
    let stopped = context.host(&step.node)?.succeed(command).await.map_err(|error| {
        StepError::from(error).left("its data are as they were, and no Patroni was started").left(back(step))
    })?;
    Ok(Some(format!("stopped at {}", stopped.trim())))
}

/// How the standalone server comes back, as long as no Patroni has worked on its data.
pub fn back(step: &Step) -> String {
    format!("if it is to go on alone for now, on {}: sudo sh -c '{BACK}'", step.node)
}

fn base(settings: &BTreeMap<String, String>) -> String {
    let quoted = |value: &str| value.replace('\\', "\\\\").replace('\'', "''");
    let lines = settings.iter().map(|(name, value)| format!("{name} = '{}'\n", quoted(value)));
    lines.fold(format!("{HEADER}\n"), |text, line| text + &line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_stand_between_quotes() {
        let settings = BTreeMap::from([("timezone".to_owned(), "it's\\".to_owned())]);
        assert_eq!(base(&settings), format!("{HEADER}\ntimezone = 'it''s\\\\'\n"));
    }
}
