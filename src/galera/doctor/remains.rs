//! What earlier runs and transfers have left.

use super::Case;
use crate::galera::facts::{HostFacts, Live};
use crate::galera::judge::codes;
use crate::kernel::judge::{Finding, Remedy, Severity};
use crate::kernel::model::words::bytes;

pub fn findings(case: &Case<'_>) -> Vec<Finding> {
    let mut findings: Vec<_> = case.cut_off.map(cut_off).into_iter().collect();
    for (node, facts) in case.nodes() {
        let of_node = transfer(facts, case.start(&node.name)).into_iter();
        let of_node = of_node.chain(kept(facts)).chain(tried_changes(facts));
        findings.extend(of_node.map(|finding| finding.on(&node.name)));
    }
    findings.extend(write_tests(case));
    findings.extend(super::pt_osc::findings(case));
    findings
}

fn cut_off(told: &str) -> Finding {
    let next = Remedy::from("the same command again; ")
        .and(Remedy::galactl("plan", &[]))
        .and(" tells what is left to do");
    Finding::new(codes::CUT_OFF, told, next)
}

/// A server that starts, or that has just begun, may be receiving.
fn transfer(facts: &HostFacts, start: Remedy) -> Option<Finding> {
    let files: Vec<_> = facts.datadir.joiners_leftovers().collect();
    let receives = facts.server_runs() && !facts.is_primary();
    if files.is_empty() || receives {
        return None;
    }
    let what = format!("a state transfer that did not finish left {}", files.join(", "));
    let remove =
        files.iter().map(|file| format!("{}/{file}", facts.datadir.path)).collect::<Vec<_>>().join(" ");
    Some(match facts.is_primary() {
        true if facts.live().is_some_and(Live::is_synced) => {
            Finding::new(codes::SST_LEFTOVERS, what, Remedy::on_host(format!("sudo rm -r {remove}")))
                .severity(Severity::Note)
                .because("it takes room, and looks like half a copy")
        }
        true => return None,
        false => Finding::new(codes::SST_LEFTOVERS, what, start),
    })
}

/// What `galactl recover --keep-aside` has kept.
fn kept(facts: &HostFacts) -> Option<Finding> {
    let kept = &facts.datadir.kept;
    (!kept.is_empty()).then(|| {
        let what = format!("data that a recovery kept is there still: {}", kept.join(", "));
        let next = Remedy::from("once it is not wanted any more, ")
            .and(Remedy::on_host(format!("sudo rm -r {}", kept.join(" "))));
        Finding::new(codes::KEPT_DATA, what, next)
            .because(format!("it takes room, of which {} are left", bytes(facts.datadir.free)))
    })
}

/// They do not replicate, nor may the statement that drops them. The trial of a `galactl alter` that runs just now has one too.
fn tried_changes(facts: &HostFacts) -> Option<Finding> {
    let tried = &facts.datadir.tried_changes;
    (!tried.is_empty()).then(|| {
        let drops: Vec<_> = tried.iter().map(|name| format!("; DROP DATABASE {name}")).collect();
        let drop = drops.concat();
        let what =
            format!("a trial of galactl alter that was cut off, or runs just now, left {}", tried.join(", "));
        let next = Remedy::from("the next galactl alter removes it; or, where none runs, ")
            .and(Remedy::on_host(format!("sudo mariadb -e 'SET SESSION wsrep_on=OFF, sql_log_bin=0{drop}'")));
        Finding::new(codes::TRIED_CHANGE, what, next)
    })
}

/// They replicate, so that one node tells for all.
fn write_tests(case: &Case<'_>) -> Option<Finding> {
    let (node, facts) = case.nodes().find(|(_, facts)| !facts.datadir.write_tests.is_empty())?;
    let tests = &facts.datadir.write_tests;
    let drop = tests.iter().map(|name| format!("DROP DATABASE {name}")).collect::<Vec<_>>().join("; ");
    let next = match case.stands() {
        true => Remedy::galactl("apply-config", &[]),
        false => Remedy::from("once the cluster stands, ")
            .and(Remedy::on_host(format!("sudo mariadb -e '{drop}'"))),
    };
    let what = format!("a proof of writes that was cut off left {}", tests.join(", "));
    Some(Finding::new(codes::WRITE_TEST, what, next).on(&node.name))
}
