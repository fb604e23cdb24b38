//! Who may connect to a server, by its own word: the rules of pg_hba.conf that it has read.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// A row of `pg_hba_file_rules`, without its options, in which a password may stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HbaRule {
    /// local, host, hostssl, hostnossl, hostgssenc, hostnogssenc.
    pub kind: String,
    pub databases: Vec<String>,
    pub users: Vec<String>,
    /// Not there for `local`.
    pub address: Option<String>,
    /// Not there for a name, or a word such as `samenet`.
    pub netmask: Option<String>,
    pub method: String,
}

impl HbaRule {
    /// The address as a network with its prefix, such as `10.0.0.0/24`; a name as it is.
    pub fn network(&self) -> Option<String> {
        let address = self.address.as_ref()?;
        let mask: Option<IpAddr> = self.netmask.as_ref().and_then(|mask| mask.parse().ok());
        Some(match mask {
            Some(IpAddr::V4(mask)) => format!("{address}/{}", u32::from(mask).count_ones()),
            Some(IpAddr::V6(mask)) => format!("{address}/{}", u128::from(mask).count_ones()),
            None => address.clone(),
        })
    }

    /// The rule as one line of the file, in one spelling for all.
    pub fn line(&self) -> String {
        let words = [self.kind.clone(), self.databases.join(","), self.users.join(",")];
        let words = words.into_iter().chain(self.network()).chain([self.method.clone()]);
        words.collect::<Vec<_>>().join(" ")
    }

    pub fn is_of_everybody(&self) -> bool {
        self.databases == ["all"] && self.users == ["all"]
    }
}

#[cfg(test)]
mod tests {
    use super::HbaRule;

    #[test]
    fn a_rule_is_one_line_whatever_its_mask_looks_like() {
        let rule = |address: Option<&str>, netmask: Option<&str>| HbaRule {
            kind: if address.is_some() { "host" } else { "local" }.into(),
            databases: vec!["shop".into(), "crm".into()],
            users: vec!["all".into()],
            address: address.map(str::to_owned),
            netmask: netmask.map(str::to_owned),
            method: "md5".into(),
        };
        let line = |address, netmask| rule(address, netmask).line();
        assert_eq!(line(Some("10.1.0.0"), Some("255.255.240.0")), "host shop,crm all 10.1.0.0/20 md5");
        assert_eq!(line(Some("fd00::"), Some("ffff:ffff::")), "host shop,crm all fd00::/32 md5");
        assert_eq!(line(Some("samenet"), None), "host shop,crm all samenet md5");
        assert_eq!(line(None, None), "local shop,crm all md5");
    }
}
