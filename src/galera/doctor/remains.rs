//! What earlier runs and transfers have left.

use super::{Ailment, Case};
use crate::galera::facts::HostFacts;
use crate::kernel::model::words::bytes;

pub fn ailments(case: &Case<'_>) -> Vec<Ailment> {
    let mut ailments: Vec<_> = case.cut_off.map(cut_off).into_iter().collect();
    for (node, facts) in case.nodes() {
        let of_node = transfer(case, facts, &case.start(&node.name)).into_iter().chain(kept(facts));
        ailments.extend(of_node.map(|ailment| ailment.on(&node.name)));
    }
    ailments.extend(write_tests(case));
    ailments
}

fn cut_off(told: &str) -> Ailment {
    Ailment::degraded("cut-off", told)
        .because("what it was about is half done")
        .mend("the same command again; galactl plan inventory.yaml tells what is left to do")
}

/// A server that starts, or that has just begun, may be receiving.
fn transfer(case: &Case<'_>, facts: &HostFacts, start: &str) -> Option<Ailment> {
    let files: Vec<_> = facts.datadir.joiners_leftovers().collect();
    let receives = facts.server_runs() && !facts.is_primary();
    if files.is_empty() || receives {
        return None;
    }
    let what = format!("a state transfer that did not finish left {}", files.join(", "));
    let remove =
        files.iter().map(|file| format!("{}/{file}", facts.datadir.path)).collect::<Vec<_>>().join(" ");
    Some(match facts.is_primary() {
        true if facts.live().is_some_and(crate::galera::facts::Live::is_synced) => {
            Ailment::note("sst-leftovers", what)
                .because("it takes room, and looks like half a copy")
                .mend(format!("on that host: sudo rm -r {remove}"))
        }
        true => return None,
        false => Ailment::degraded("sst-leftovers", what)
            .because("its data is half a copy")
            .mend(if case.stands() { start.to_owned() } else { "galactl recover inventory.yaml".into() }),
    })
}

/// What `galactl recover --keep-aside` has kept.
fn kept(facts: &HostFacts) -> Option<Ailment> {
    let kept = &facts.datadir.kept;
    (!kept.is_empty()).then(|| {
        Ailment::note("kept-data", format!("data that a recovery kept is there still: {}", kept.join(", ")))
            .because(format!("it takes room, of which {} are left", bytes(facts.datadir.free)))
            .mend(format!("once it is not wanted any more, on that host: sudo rm -r {}", kept.join(" ")))
    })
}

/// They replicate, so that one node tells for all.
fn write_tests(case: &Case<'_>) -> Option<Ailment> {
    let (node, facts) = case.nodes().find(|(_, facts)| !facts.datadir.write_tests.is_empty())?;
    let tests = &facts.datadir.write_tests;
    let drop = tests.iter().map(|name| format!("DROP DATABASE {name}")).collect::<Vec<_>>().join("; ");
    let mend = match case.stands() {
        true => "galactl apply-config inventory.yaml".to_owned(),
        false => format!("once the cluster stands, on that host: sudo mariadb -e '{drop}'"),
    };
    Some(
        Ailment::note("write-test", format!("a proof of writes that was cut off left {}", tests.join(", ")))
            .on(&node.name)
            .because("it is nobody's data")
            .mend(mend),
    )
}
