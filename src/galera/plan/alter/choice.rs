//! Which way a change takes.

use super::case::Case;
use super::{Altering, rsu, words_of_stall};
use crate::galera::alter::{TableSeen, Way, seconds};
use crate::galera::judge::codes;
use crate::galera::judge::pt_osc::{obstacles, refusal};
use crate::galera::plan::NoPlan;
use crate::galera::plan::no_plan::refuse;
use crate::kernel::judge::{Finding, Remedy};

/// The way that the user named; or else TOI where it costs little, or else pt-online-schema-change.
///
/// Errors: the way cannot be taken, or there is none.
pub fn choose(case: &Case<'_>, seen: &TableSeen) -> Result<Way, NoPlan> {
    let Altering { by, longest_stall_ms, .. } = case.wanted;
    let short = case.forecast.stall_ms.is_some_and(|stall| stall <= *longest_stall_ms);
    let way = match by {
        Some(way) => *way,
        None if short && case.found.attached.is_none() => Way::Toi,
        None => Way::PtOsc,
    };
    if way == Way::PtOsc && case.found.attached.is_some() {
        return Ok(way);
    }
    let why = obstacles(&case.basis, case.study, &case.at.name, case.after);
    match way {
        _ if case.found.attached.is_some() && way != Way::PtOsc => Err(NoPlan::Refused(vec![at_work(case)])),
        Way::PtOsc if by.is_none() && !why.is_empty() => {
            Err(NoPlan::Refused(vec![too_long(case, seen, &why)]))
        }
        Way::PtOsc => refuse(refusal(case.study, &why).into_iter().collect()).map(|()| way),
        Way::Rsu => refuse(rsu::refusals(case, seen)).map(|()| way),
        Way::Toi => Ok(way),
    }
}

/// `galactl alter` for the same change by another way.
fn by(case: &Case<'_>, way: Way) -> Remedy {
    let table = case.study.table.to_string();
    Remedy::galactl("alter", &["--table", &table, case.study.change.as_str(), "--by", way.word()])
}

fn too_long(case: &Case<'_>, seen: &TableSeen, why: &[String]) -> Finding {
    let mut evidence = words_of_stall(case.forecast);
    if case.forecast.stall_ms.is_some() {
        evidence += &format!(", and no more than {} is allowed", seconds(case.wanted.longest_stall_ms));
    }
    evidence += &format!("; pt-online-schema-change cannot be used: {}", why.join("; "));
    let next = by(case, Way::Toi).and(" changes it all the same, in a quiet moment");
    let next = match rsu::refusals(case, seen).is_empty() {
        true => next
            .and("; or one node after the other, each out of its clients' reach: ")
            .and(by(case, Way::Rsu)),
        false => next,
    };
    Finding::new(codes::WRITE_STALL, evidence, next)
}

fn at_work(case: &Case<'_>) -> Finding {
    let evidence = format!("pt-online-schema-change is at work on this change, on {}", case.at.name);
    let next = Remedy::from("wait for it with ").and(by(case, Way::PtOsc));
    Finding::new(codes::TABLE_CHANGE, evidence, next).because("its copy takes the table's place at the end")
}
