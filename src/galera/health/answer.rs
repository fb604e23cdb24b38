//! What a node says to a proxy that asks whether it serves.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An answer: an HTTP status, and the reason in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub status: u16,
    pub why: String,
}

impl Answer {
    /// Reads an HTTP response without carriage returns; `None` where the text is none.
    pub fn parse(text: &str) -> Option<Self> {
        let (head, body) = text.split_once("\n\n")?;
        let status = head.strip_prefix("HTTP/1.0 ")?.split(' ').next()?.parse().ok()?;
        Some(Self { status, why: body.trim().to_owned() })
    }

    /// Clients are sent to it.
    pub fn serves(&self) -> bool {
        self.status == 200
    }

    /// Open sessions go on, new ones go elsewhere.
    pub fn drains(&self) -> bool {
        self.status == 404
    }

    /// The database account of the script is not there.
    pub fn lacks_account(&self) -> bool {
        // ER_ACCESS_DENIED_ERROR, ER_ACCESS_DENIED_NO_PASSWORD_ERROR
        ["ERROR 1045", "ERROR 1698"].iter().any(|error| self.why.contains(error))
    }

    /// The disk has no room for the server's files to grow, or hardly any.
    pub fn lacks_room(&self) -> bool {
        self.why.starts_with("the file system of ")
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.status, self.why)
    }
}

#[cfg(test)]
mod tests {
    use super::Answer;

    #[test]
    fn a_response_is_read_and_anything_else_is_none() {
        let said =
            Answer::parse("HTTP/1.0 503 Service Unavailable\nContent-Type: text/plain\n\nit is Joined\n");
        assert_eq!(said, Some(Answer { status: 503, why: "it is Joined".into() }));
        for text in
            ["", "runuser: user galactl-health does not exist", "HTTP/1.0 x y\n\n", "HTTP/1.0 200 OK\n"]
        {
            assert_eq!(Answer::parse(text), None, "{text:?}");
        }
    }
}
