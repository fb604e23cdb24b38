//! Where a member's certificate is from, as the first line of its file says.

use std::fmt;

/// `Display` and [`Origin::read`] are each other's inverse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The member brings it along, in this file on the operator's machine.
    Elsewhere(String),
    /// galactl issued it with the authority in this file.
    Issued { ca: String, days: u32 },
}

const WRITTEN: &str = ", written by galactl: ";
const FROM: &str = "from ";
const ISSUED: &str = "issued by the authority in ";

/// The first line of the file of a member's certificate and key.
pub fn first_line(member: &str, origin: &Origin) -> String {
    format!("# Certificate and key of {member}{WRITTEN}{origin}")
}

impl Origin {
    /// What the first lines of a file say; `None`: galactl has not written it.
    pub fn read(text: &str) -> Option<Self> {
        let told = text.lines().find_map(|line| Some(line.split_once(WRITTEN)?.1.trim()))?;
        if let Some(file) = told.strip_prefix(FROM) {
            return Some(Self::Elsewhere(file.to_owned()));
        }
        let (ca, days) = told.strip_prefix(ISSUED)?.strip_suffix(" days")?.rsplit_once(" for ")?;
        Some(Self::Issued { ca: ca.to_owned(), days: days.parse().ok()? })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Elsewhere(file) => write!(f, "{FROM}{file}"),
            Self::Issued { ca, days } => write!(f, "{ISSUED}{ca} for {days} days"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for origin in [
            Origin::Elsewhere("pki/db 1.pem".into()),
            Origin::Issued { ca: "galactl-ca.pem".into(), days: 397 },
            Origin::Issued { ca: "one for 2 days".into(), days: 3 },
        ] {
            let text = format!("{}\n# For db1\n", first_line("db1", &origin));
            assert_eq!(Origin::read(&text), Some(origin));
        }
        assert_eq!(Origin::read("# somebody else's\n-----BEGIN CERTIFICATE-----\n"), None);
        assert_eq!(Origin::read(""), None);
    }
}
