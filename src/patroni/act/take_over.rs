//! A standalone server gives its data up to Patroni: it stops, and Debian does not start it again.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Context;
use crate::kernel::run::Outcome;
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::RemoteCommand;
use crate::patroni::config::HEADER;
use crate::patroni::plan::{Action, PatroniAction, Step};

/// $1 data directory, $2 system identifier, $3 Debian's name of the cluster or nothing, $4 port; standard input:
/// postgresql.base.conf. Patroni's postgresql.conf includes that file, and where it is not there, Patroni makes it of a
/// postgresql.conf in the data directory, which Debian does not have there. A checkpoint while clients still work makes
/// the stop short. Nothing is changed before it is known whose data these are, and nothing here may not be repeated.
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
umask 077
cat > "$1/postgresql.base.conf.new" && chown postgres:postgres "$1/postgresql.base.conf.new" || exit
runs() {
    pid=$(head -n 1 "$1/postmaster.pid" 2>/dev/null)
    [ -n "$pid" ] && [ "$(readlink "/proc/$pid/cwd")" = "$(readlink -f "$1")" ]
}
if runs "$1"; then
    timeout 240 runuser -u postgres -- "$programs/psql" -XAtqw -p "$4" -d postgres -c CHECKPOINT >/dev/null 2>&1
fi
if [ -n "$3" ]; then
    timeout 300 systemctl stop "postgresql@$version-$3.service" || exit
fi
if runs "$1"; then
    timeout 300 runuser -u postgres -- "$programs/pg_ctl" stop -s -w -t 290 -m fast -D "$1" || exit
fi
if [ -n "$3" ]; then
    start=/etc/postgresql/$version/$3/start.conf
    sed -i 's/^[[:space:]]*\(auto\|manual\)[[:space:]]*$/disabled/' "$start" && grep -qx disabled "$start" || exit
    systemctl daemon-reload
fi
state=$(told "$1" 'Database cluster state')
[ "$state" = 'shut down' ] || { echo "its data are in state \"$state\", and not shut down in an orderly way" >&2; exit 1; }
for file in postgresql.conf pg_hba.conf; do
    [ ! -e "$1/$file" ] || [ -e "$1/postgresql.base.conf" ] || mv "$1/$file" "$1/$file.before-patroni" || exit
done
[ -e "$1/pg_ident.conf" ] || install -o postgres -g postgres -m 600 /dev/null "$1/pg_ident.conf" || exit
mv "$1/postgresql.base.conf.new" "$1/postgresql.base.conf" && sync -f "$1" || exit
told "$1" 'Latest checkpoint location'
"#;
const DEADLINE: Duration = Duration::from_secs(900);

pub async fn apply(context: &Context, step: &Step) -> Outcome {
    let Action::Patroni(PatroniAction::TakeOver { datadir, system_id, cluster, settings }) = &step.action
    else {
        return Err(StepError::new("this step takes no server over"));
    };
    let port = context.inventory.postgresql.port.to_string();
    let words = [datadir.clone(), system_id.to_string(), cluster.clone().unwrap_or_default(), port];
    let command = RemoteCommand::act(TAKE_OVER, words).input(base(settings)).deadline(DEADLINE);
    let stopped = context.host(&step.node)?.succeed(command).await.map_err(|error| {
        StepError::from(error).left("its data are as they were, and no Patroni was started").left(back(step))
    })?;
    Ok(Some(format!("stopped at {}", stopped.trim())))
}

/// How the standalone server comes back, as long as no Patroni has worked on its data.
pub fn back(step: &Step) -> String {
    format!(
        "if it is to go on alone for now, on {}: sudo systemctl disable --now patroni; sudo sed -i s/^disabled/auto/ \
         /etc/postgresql/*/*/start.conf; sudo systemctl daemon-reload; sudo systemctl start postgresql",
        step.node
    )
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
