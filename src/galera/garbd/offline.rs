//! What is assumed of arbitrators' hosts that are not asked.

use super::facts::ArbitratorFacts;
use crate::kernel::facts::{Machine, Seen, UnitFacts};

/// A fresh host. `bare`: the package is to be installed.
pub fn fresh(bare: bool) -> Seen<ArbitratorFacts> {
    // The package enables its unit.
    let unit = UnitFacts { file: "enabled".into(), ..UnitFacts::default() };
    Seen::Facts(Box::new(ArbitratorFacts {
        machine: Machine { debian_family: true, ..Machine::default() },
        package: (!bare).then(String::new),
        unit,
        ..ArbitratorFacts::default()
    }))
}

/// What [`fresh`] assumes, in words.
pub fn assumed(bare: bool) -> &'static str {
    match bare {
        true => "assumed: an arbitrator, nothing installed",
        false => "assumed: an arbitrator, garbd installed and stopped",
    }
}
