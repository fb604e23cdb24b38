//! Whether a member speaks TLS with the others.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::galera::config::{encrypts, is_on, provider_options};

/// How a provider speaks with its group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Spoken {
    /// In clear text.
    Clear,
    /// It takes both, and speaks in clear text with whoever does (`socket.dynamic`; seen with 26.4.18 and 26.4.23).
    Both,
    /// By TLS, and with nobody who does not.
    Tls,
}

impl fmt::Display for Spoken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Clear => "speaks clear text",
            Self::Both => "takes clear text and TLS",
            Self::Tls => "speaks TLS",
        })
    }
}

impl Spoken {
    /// From the provider's options, as a file sets them or as a running server shows them. A running one that takes
    /// both shows `socket.ssl = YES` as well. `None`: there are no options, so there is no provider.
    pub fn told(options: &str) -> Option<Self> {
        (!options.trim().is_empty()).then(|| Self::of(options))
    }

    /// The same of a file, in which no options mean clear text.
    pub fn of(options: &str) -> Self {
        let options = provider_options(options);
        match options.get("socket.dynamic") {
            _ if !encrypts(&options) => Self::Clear,
            Some(value) if is_on(value) => Self::Both,
            _ => Self::Tls,
        }
    }

    /// Two members with these can be in one group.
    pub fn understands(self, other: Self) -> bool {
        self == other || self == Self::Both || other == Self::Both
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_provider_speaks_is_read_from_its_options() {
        for (options, spoken) in [
            ("", None),
            ("gcache.size=1G", Some(Spoken::Clear)),
            ("socket.dynamic=true", Some(Spoken::Clear)),
            ("socket.ssl = NO; socket.ssl_cert = ; socket.ssl_key = ", Some(Spoken::Clear)),
            ("socket.ssl_cert=/a; socket.ssl_key=/a", Some(Spoken::Tls)),
            ("socket.dynamic = true; socket.ssl = YES", Some(Spoken::Both)),
            ("socket.ssl = YES; socket.dynamic = false", Some(Spoken::Tls)),
        ] {
            assert_eq!(Spoken::told(options), spoken, "{options}");
        }
        assert!(!Spoken::Clear.understands(Spoken::Tls));
        assert!(Spoken::Clear.understands(Spoken::Both) && Spoken::Both.understands(Spoken::Tls));
    }
}
