//! Which way a change takes.

use super::case::Case;
use super::{Altering, rsu, words_of_stall};
use crate::galera::alter::{TableSeen, Way, seconds};
use crate::galera::judge::codes;
use crate::galera::plan::NoPlan;
use crate::galera::plan::no_plan::refuse;
use crate::kernel::judge::{Finding, Remedy};

/// The way that the user named; or else TOI where it costs little.
///
/// Errors: the way cannot be taken, or there is none.
pub fn choose(case: &Case<'_>, seen: &TableSeen) -> Result<Way, NoPlan> {
    let Altering { by, longest_stall_ms, .. } = case.wanted;
    let short = case.forecast.stall_ms.is_some_and(|stall| stall <= *longest_stall_ms);
    match by {
        Some(Way::Rsu) => refuse(rsu::refusals(case, seen)).map(|()| Way::Rsu),
        None if !short => Err(NoPlan::Refused(vec![too_long(case, seen)])),
        Some(Way::Toi) | None => Ok(Way::Toi),
    }
}

/// `galactl alter` for the same change by another way.
fn by(case: &Case<'_>, way: Way) -> Remedy {
    let table = case.study.table.to_string();
    Remedy::galactl("alter", &["--table", &table, case.study.change.as_str(), "--by", way.word()])
}

fn too_long(case: &Case<'_>, seen: &TableSeen) -> Finding {
    let mut evidence = words_of_stall(case.forecast);
    if case.forecast.stall_ms.is_some() {
        evidence += &format!(", and no more than {} is allowed", seconds(case.wanted.longest_stall_ms));
    }
    let next = by(case, Way::Toi).and(" changes it all the same, in a quiet moment");
    let next = match rsu::refusals(case, seen).is_empty() {
        true => next
            .and("; or one node after the other, each out of its clients' reach: ")
            .and(by(case, Way::Rsu)),
        false => next,
    };
    Finding::new(codes::WRITE_STALL, evidence, next)
}
