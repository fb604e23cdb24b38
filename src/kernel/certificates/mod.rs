//! Certificates and private keys: what they say, how they are issued, and what is wrong with them.
//!
//! Nothing here reads a file or a clock. Texts come in as PEM, times as seconds since 1970. A private key is a
//! `SecretString` from the moment it is made, and no error says anything of its text.

mod authority;
mod certificate;
mod chain;
mod check;
mod der;
mod fault;
mod issue;
mod issue_error;
mod key;
mod last_word;
mod moment;
mod pair;
mod pem;
mod remedy;
mod san;
mod sentence;

pub use certificate::{Certificate, Unreadable};
pub use check::{check, check_ca, issuer, leads_to, mode_fault};
pub use fault::{Fault, File};
pub use issue::{Issued, LeafEnd, issue, leaf_end, make_ca};
pub use issue_error::IssueError;
pub use key::{Key, KeyError};
pub use moment::moment;
pub use pair::Pair;
pub use san::San;
