//! pt-online-schema-change on a node's host, in a unit of systemd of its own: it goes on where galactl or its connection
//! ends, and there is one at most.

use super::seen::Work;

/// What `run.sh` gives to it; `{change}` and so on stand for what the user wrote.
pub const OPTIONS: &str = "--recursion-method none --max-flow-ctl 30 --max-load Threads_running=25 --critical-load Threads_running=100000 --chunk-time 0.1 --tries copy_rows:50:0.1,swap_tables:20:1 --no-check-unique-key-change --set-vars wsrep_OSU_method=TOI,max_error_count=65535 --new-table-name _%T_galactl_new --plugin /run/galactl-pt-osc/plugin.pm";
/// The unit, without `.service`.
pub const UNIT: &str = "galactl-pt-osc";

pub const RUN: &str = include_str!("run.sh");
pub const PLUGIN: &str = include_str!("plugin.pm");

/// $1 the script that the unit runs, $2 the plugin; on standard input what `run.sh` reads. `--collect`: a unit that has
/// failed is gone as well, and its log stays.
pub const START: &str = r#"
set -eu
here=/run/galactl-pt-osc
if systemctl --quiet is-active galactl-pt-osc.service; then
    echo "galactl-pt-osc.service is at work already" >&2
    exit 1
fi
rm -rf "$here"
mkdir -m 0700 "$here"
cat > "$here/work"
printf '%s' "$1" > "$here/run"
printf '%s' "$2" > "$here/plugin.pm"
: > "$here/log"
systemd-run --quiet --collect --unit=galactl-pt-osc --property=LogLevelMax=warning /bin/sh /run/galactl-pt-osc/run
"#;

/// Ends it: pt-online-schema-change gets SIGTERM, and SIGKILL after systemd's usual patience.
pub const STOP: &str = "systemctl stop galactl-pt-osc.service 2>/dev/null || true";

/// Behind the head of a look: whether the unit is at work and at what; the processes of any other
/// pt-online-schema-change, each with the tables that its words name (`t=`, and nothing else of them, because a password may
/// be there); and the package.
pub const LOOK: &str = r#"
own=
case $(systemctl is-active galactl-pt-osc.service 2>/dev/null) in
active | activating | deactivating | reloading)
    if [ -e /run/galactl-pt-osc/work ]; then
        own=yes
        file_section work < /run/galactl-pt-osc/work
    fi
    ;;
esac
for pid in $(pgrep -f '[p]t-online-schema-change'); do
    [ -n "$own" ] && grep -qs galactl-pt-osc.service "/proc/$pid/cgroup" && continue
    [ -r "/proc/$pid/cmdline" ] || continue
    tables=$(tr '\000\n' '\n ' < "/proc/$pid/cmdline" | sed -n 's/^\(.*,\)\{0,1\}t=\([^,]*\).*$/\2/p' | tr '\n' '\t')
    printf '%s\t%s\n' "$pid" "$tables"
done | section processes
dpkg-query -W -f '${Package}\t${db:Status-Status}\t${Version}\n' percona-toolkit 2>/dev/null | section packages
"#;

/// Behind the same: the unit, and the end of its log.
pub const FOLLOW: &str = r"
systemctl is-active galactl-pt-osc.service 2>/dev/null | section state
[ -e /run/galactl-pt-osc/work ] && file_section work < /run/galactl-pt-osc/work
[ -e /run/galactl-pt-osc/log ] && tail -n 40 /run/galactl-pt-osc/log | file_section log
";

/// What [`START`] reads: one value a line, none of which has the end of a line in it.
pub fn input(work: &Work, socket: &str) -> String {
    let Work { table, change } = work;
    format!("{}\n{}\n{change}\n{socket}\n", table.schema, table.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_says_the_options_that_the_plan_shows() {
        let said = RUN.replace("\\\n    ", "");
        assert!(said.contains(OPTIONS), "{said}");
        assert!(
            said.contains("pt-online-schema-change --config /dev/null "),
            "the tool takes it as the first one"
        );
        assert!([START, STOP, LOOK, FOLLOW].iter().all(|script| script.contains(UNIT)));
    }

    #[test]
    fn what_is_written_down_is_read_again() {
        let work = Work {
            table: "shop.orders".parse().expect("a table"),
            change: "ADD COLUMN a CHAR(9) DEFAULT '$(x)`'".parse().expect("a change"),
        };
        assert_eq!(Work::parse(&input(&work, "/run/s.sock")), Some(work));
    }
}
