//! pt-online-schema-change on a node's host, in a unit of systemd of its own: it goes on where galactl or its connection
//! ends, and there is one at most.

use super::seen::Work;

/// What `run.sh` gives to it; `{change}` and so on stand for what the user wrote.
pub const OPTIONS: &str =
    "--recursion-method none --max-flow-ctl 30 --chunk-time 0.1 --tries copy_rows:50:0.1,swap_tables:20:1";
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

/// Behind the head of a look: whether the unit is at work and at what, the processes of any pt-online-schema-change, and
/// the package.
pub const LOOK: &str = r"
if systemctl --quiet is-active galactl-pt-osc.service && [ -e /run/galactl-pt-osc/work ]; then
    file_section work < /run/galactl-pt-osc/work
fi
pgrep -f '[p]t-online-schema-change' | section processes
dpkg-query -W -f '${Package}\t${db:Status-Status}\t${Version}\n' percona-toolkit 2>/dev/null | section packages
";

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
