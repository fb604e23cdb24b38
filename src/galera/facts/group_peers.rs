//! With whom a host has connections for group communication.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::kernel::facts::Report;

/// The addresses that `peers.sh` found; `None` where it could not tell.
pub fn group_peers(report: &Report) -> Option<BTreeSet<IpAddr>> {
    let address = |line: &str| {
        let bare = line.trim_matches(['[', ']']).split('%').next()?;
        bare.parse().ok().map(|ip: IpAddr| ip.to_canonical())
    };
    report.has("group_peers").then(|| report.lines("group_peers").filter_map(address).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_in_every_form_that_ss_gives_them() {
        let text = "\n@group_peers\n|10.0.0.2\n|[::ffff:10.0.0.3]\n|[fe80::1%eth0]\n|\n\n@end\n";
        let peers = group_peers(&Report::parse(text).expect("a report")).expect("a list");
        let expected = ["10.0.0.2", "10.0.0.3", "fe80::1"].map(|ip| ip.parse().expect("an address"));
        assert_eq!(peers, expected.into());
        assert_eq!(group_peers(&Report::parse("\n@end\n").expect("a report")), None);
    }
}
