//! The option file that galactl owns on each node: its values, its text, its secrets.

mod defaults;
mod effect;
mod encryption;
mod redact;
mod render;
mod section;
mod server_options;

pub use defaults::usual;
pub use effect::{Difference, EVERYWHERE_ON_IPV4, differences, provider_options, same_effect, taken};
pub use encryption::{encrypts, is_on};
pub use redact::{FOREIGN_SECRET, fill_in, presentable, redact, redact_value, sst_password_in};
pub use render::{RenderError, Renderer, TEMPLATE};
pub use section::{lines_of, with_section_of};
pub use server_options::server_options;

/// The lines that matter to a running server: all but comments and the address list, which is
/// read only at the next start.
pub fn lines_in_force(text: &str) -> Vec<&str> {
    text.lines()
        .map(str::trim)
        .filter(|line| {
            !line.is_empty() && !line.starts_with('#') && !line.starts_with("wsrep_cluster_address")
        })
        .collect()
}
