//! The steps of a change by pt-online-schema-change.

use super::words_of_stall;
use crate::galera::alter::pt_osc::{Left, PACKAGE, program};
use crate::galera::alter::{Forecast, Shape, Study, TableSeen, seconds};
use crate::galera::inventory::Node;
use crate::galera::judge::pt_osc::Found;
use crate::galera::plan::{Plan, ServerAction, Step};
use crate::kernel::model::words::{bytes, names};
use crate::kernel::plan::{HostAction, Width};

/// What it takes on a cluster at rest, and on a busy one: a time in milliseconds, and so many times what one ALTER takes.
/// Measured: docs/how-to/alter.md.
const AT_REST: (u64, u64) = (2000, 3);
const BUSY: (u64, u64) = (3000, 10);

/// Removes what an earlier one has left, before anything else.
pub fn clear(plan: &mut Plan, at: &Node, study: &Study, left: &Left) {
    if left.is_empty() {
        return;
    }
    let table = study.table.clone();
    let action = ServerAction::ClearPtOsc { table, left: left.clone() };
    let why = "each write to the table is made in the copy as well, and the names are taken";
    plan.stage("Remove leftovers", Width::Serial, vec![Step::new(at, action, why)]);
}

/// Installs the tool where it is missing.
pub fn install(plan: &mut Plan, at: &Node, seen: &TableSeen) {
    if seen.osc.installed.is_some() {
        return;
    }
    let action = HostAction::InstallPackages { packages: vec![PACKAGE.into()] };
    plan.stage(
        "Install",
        Width::Serial,
        vec![Step::new(at, action, "pt-online-schema-change is part of it")],
    );
}

/// What comes of it, one sentence each.
pub fn consequences(
    at: &Node,
    study: &Study,
    seen: &TableSeen,
    forecast: &Forecast,
    found: &Found,
) -> Vec<String> {
    let [what, _] = forecast.sentences();
    let mut sentences = vec![
        what,
        format!(
            "{}; so {} runs pt-online-schema-change, which copies the rows in small pieces while writes go on",
            words_of_stall(forecast),
            at.name
        ),
        duration(forecast),
        format!(
            "it pauses while flow control holds the cluster's writes back for more than 30 % of the time, and while more than 25 statements run at once; its options: {}",
            program::OPTIONS
        ),
        format!(
            "meanwhile each write to {} is made twice, by triggers, and each node holds a second table of about {}; at the end, the tables change places at one point among the writes (TOI)",
            study.table,
            bytes(forecast.bytes)
        ),
        format!(
            "then the table of before is dropped, by TOI as well: all writes of all nodes wait while {} of files are removed",
            bytes(forecast.bytes)
        ),
        format!(
            "every binary log and the gcache of each node get about {} more: a node that leaves meanwhile may need an SST to come back",
            bytes(forecast.bytes)
        ),
    ];
    sentences.extend(renamed_keys(seen));
    if found.attached.is_some() {
        sentences.push(format!(
            "{} is at work on this change already, for a run of galactl that was cut off: it is waited for",
            at.name
        ));
    }
    sentences
}

const UNTOLD: &str = "how long that takes cannot be told; it goes on until all rows are copied; galactl shows how far it is, `systemctl status galactl-pt-osc` on its node tells whether it runs, and Ctrl-C in galactl ends it";

fn duration(forecast: &Forecast) -> String {
    let Some(stall) = forecast.stall_ms else { return UNTOLD.into() };
    let [rest, busy] =
        [AT_REST, BUSY].map(|(least, times)| seconds(stall.saturating_mul(times).saturating_add(least)));
    format!(
        "that takes about {rest} on a cluster at rest, and about {busy} beside many writes: a guess from the rate of one ALTER, good for its order of magnitude"
    )
}

/// Tables of the tool's names prove nothing, and are left alone.
pub fn beside(study: &Study, found: &Found) -> Option<String> {
    (!found.tables.is_empty()).then(|| {
        format!(
            "beside {} there are {}: if a pt-online-schema-change has just begun, end it first; galactl leaves them alone",
            study.table,
            names(&found.tables, "and")
        )
    })
}

fn renamed_keys(seen: &TableSeen) -> Option<String> {
    let shape = Shape::of(&seen.definition);
    let keys = shape.rules.iter().filter(|line| line.contains(" FOREIGN KEY "));
    let renamed: Vec<_> = keys
        .filter_map(|line| line.split('`').nth(1))
        .map(|name| format!("`{name}` becomes `{}`", renamed(name)))
        .collect();
    (!renamed.is_empty()).then(|| {
        format!(
            "its foreign keys get other names, because two tables cannot have keys of one name: {}",
            names(&renamed, "and")
        )
    })
}

/// Two underscores at the beginning go, and else one comes. (bin/pt-online-schema-change 3.2.1: `create_new_table`)
fn renamed(name: &str) -> String {
    let name = match name.strip_prefix("__") {
        Some(rest) => rest.to_owned(),
        None => format!("_{name}"),
    };
    name.chars().take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_gets_the_name_that_the_tool_gives() {
        for (before, after) in [("f", "_f"), ("_f", "__f"), ("__f", "f")] {
            assert_eq!(renamed(before), after);
        }
        let definition = "CREATE TABLE `t` (\n  `n` int(11),\n  CONSTRAINT `f` FOREIGN KEY (`n`) REFERENCES `p` (`id`),\n  CONSTRAINT `__g` FOREIGN KEY (`n`) REFERENCES `q` (`id`)\n) ENGINE=InnoDB";
        let seen = TableSeen { definition: definition.into(), ..TableSeen::default() };
        let said = renamed_keys(&seen).expect("two keys");
        assert!(said.ends_with("`f` becomes `_f` and `__g` becomes `g`"), "{said}");
    }
}
