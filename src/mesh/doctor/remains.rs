//! What earlier runs have left.

use crate::kernel::judge::{Finding, Remedy};
use crate::mesh::judge::codes;

pub fn findings(cut_off: Option<&str>) -> Option<Finding> {
    let next = Remedy::from("the same command again; ")
        .and(Remedy::galactl("plan", &[]))
        .and(" tells what is left to do");
    cut_off.map(|told| Finding::new(codes::CUT_OFF, told, next))
}
