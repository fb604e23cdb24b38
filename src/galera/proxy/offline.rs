//! What is assumed of proxies' hosts that are not asked.

use super::facts::ProxyFacts;
use crate::kernel::facts::{Machine, Seen, UnitFacts};

/// A fresh host. `bare`: the package is to be installed.
pub fn fresh(bare: bool) -> Seen<ProxyFacts> {
    // The package enables its unit.
    let unit = UnitFacts { file: "enabled".into(), ..UnitFacts::default() };
    Seen::Facts(Box::new(ProxyFacts {
        machine: Machine { debian_family: true, ..Machine::default() },
        package: (!bare).then(String::new),
        candidate: bare.then(String::new),
        unit,
        ..ProxyFacts::default()
    }))
}

/// The same in words.
pub fn assumed(bare: bool) -> &'static str {
    match bare {
        true => "assumed: a proxy, nothing installed",
        false => "assumed: a proxy, installed and not set up",
    }
}
