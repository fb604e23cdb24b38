//! Reading an inventory's text, whatever engine it is for.
//!
//! bytes → `text` → `document` (YAML with places); what is wrong is said in located notes.

pub mod document;
mod hosts;
pub mod note;
pub mod places;
pub mod raw;
pub mod secret_lines;
mod ssh;
mod survey;
mod tabs;
pub mod text;
pub mod wording;

use std::collections::BTreeMap;

pub use hosts::{Hosts, Machine, Member, Placement, host_names};
pub use ssh::{SshFiles, SshTarget};

/// Option names and values, in the order in which they are rendered.
pub type Settings = BTreeMap<String, String>;
