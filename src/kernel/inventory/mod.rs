//! Reading an inventory's text, whatever engine it is for.
//!
//! bytes → `text` → `document` (YAML with places); what is wrong is said in located notes.

pub mod accept;
pub mod document;
pub mod engine;
pub mod entries;
mod entry;
mod hosts;
mod login;
pub mod note;
mod one_line;
pub mod parsing;
pub mod places;
pub mod raw;
mod reader;
pub mod secret_lines;
mod ssh;
mod survey;
mod tabs;
pub mod text;
pub mod unwise;
mod values;
pub mod wording;
pub mod writing;

use std::collections::BTreeMap;

pub use entry::{Entry, Login, Member, RawEntry, Written};
pub(crate) use entry::{entry, raw_entry};
pub use hosts::{Hosts, Machine, Placement, settle_on_hosts};
pub use reader::Reader;
pub use ssh::{SshFiles, SshTarget};
pub use values::Values;

/// Option names and values, in the order in which they are rendered.
pub type Settings = BTreeMap<String, String>;
