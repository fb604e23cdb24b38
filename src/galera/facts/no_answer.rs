//! Why a server that runs did not answer, from the words of the MariaDB client.

use std::fmt;

use serde::{Deserialize, Serialize};

/// `ER_ACCESS_DENIED_ERROR` and `ER_ACCESS_DENIED_NO_PASSWORD_ERROR` of the server's errmsg-utf8.txt.
const ACCESS_DENIED: [u32; 2] = [1045, 1698];
/// `ENOENT` and `ECONNREFUSED`: no socket file, or that of a server that is gone.
const NOBODY_LISTENS: [i32; 2] = [2, 111];

/// The client's words, sorted by what they mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum NoAnswer {
    /// The server does not let root in.
    Denied(String),
    Other(String),
}

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Denied(said) | Self::Other(said)) = self;
        f.write_str(said)
    }
}

impl From<String> for NoAnswer {
    fn from(said: String) -> Self {
        match server_code(&said) {
            Some(code) if ACCESS_DENIED.contains(&code) => Self::Denied(said),
            _ => Self::Other(said),
        }
    }
}

impl From<&str> for NoAnswer {
    fn from(said: &str) -> Self {
        said.to_owned().into()
    }
}

impl From<NoAnswer> for String {
    fn from(why: NoAnswer) -> Self {
        why.to_string()
    }
}

/// The client found nobody behind the socket, as `(111)` or, in later releases, `(111 "Connection refused")` at the
/// end of its words tells.
pub fn nobody_listens(said: &str) -> bool {
    let system = said.rsplit_once('(').and_then(|(_, end)| number_before(end, &[')', ' ']));
    system.is_some_and(|code| NOBODY_LISTENS.contains(&code))
}

/// The number in `ERROR 1045 (28000): …`.
fn server_code(said: &str) -> Option<u32> {
    said.lines().find_map(|line| number_before(line.strip_prefix("ERROR ")?, &[' ', ':']))
}

fn number_before<N: std::str::FromStr>(text: &str, ends: &[char]) -> Option<N> {
    text.split(ends).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_access_denied_are_told_from_other_errors() {
        for said in [
            "ERROR 1045 (28000): Access denied for user 'root'@'localhost' (using password: NO)",
            "ERROR 1698 (28000): Access denied for user 'root'@'localhost'",
        ] {
            assert_eq!(NoAnswer::from(said), NoAnswer::Denied(said.into()));
        }
        for said in ["ERROR 1040 (08004): Too many connections", "no answer within 5 s", "took 1045 ms"] {
            assert_eq!(NoAnswer::from(said), NoAnswer::Other(said.into()));
        }
    }

    #[test]
    fn a_socket_with_nobody_behind_it_is_told_by_the_systems_error() {
        let said = |end: &str| {
            format!("ERROR 2002 (HY000): Can't connect to local server through socket '/s' {end}")
        };
        for end in ["(111)", "(2)", "(2 \"No such file or directory\")", "(111 \"Connection refused\")"] {
            assert!(nobody_listens(&said(end)), "{end}");
        }
        for end in ["(13)", "(13 \"Permission denied\")", "(110)"] {
            assert!(!nobody_listens(&said(end)), "{end}");
        }
    }
}
