//! To which nodes nginx sends clients, by what its follower wrote.

use crate::galera::proxy::opinion::Opinion;
use crate::kernel::facts::Report;

/// Reads the sections that `opinion.sh` prints. `None`: it does not run, or has read no list yet.
pub fn read(report: &Report) -> Option<Opinion> {
    report.has("takes").then(|| {
        let named = |section| report.lines(section).filter_map(|name| name.parse().ok());
        let mut writers = named("writers");
        let writer = writers.next();
        Opinion { takes: named("takes").collect(), writer: writer.filter(|_| writers.next().is_none()) }
    })
}
