//! What is assumed of proxies' hosts that are not asked.

use super::facts::ProxyFacts;
use crate::kernel::facts::{Machine, ProgramFacts, Seen, UnitFacts};

/// A fresh host. `bare`: the package is to be installed.
pub fn fresh(bare: bool) -> Seen<ProxyFacts> {
    // The package enables its unit.
    let unit = UnitFacts { file: "enabled".into(), ..UnitFacts::default() };
    let machine = Machine { debian_family: true, ..Machine::default() };
    let program =
        ProgramFacts { machine, package: (!bare).then(String::new), unit, ..ProgramFacts::default() };
    Seen::Facts(Box::new(ProxyFacts { program, candidate: bare.then(String::new), ..ProxyFacts::default() }))
}

/// What [`fresh`] assumes, in words.
pub fn assumed(bare: bool) -> &'static str {
    match bare {
        true => "assumed: a proxy, nothing installed",
        false => "assumed: a proxy, installed and not set up",
    }
}
