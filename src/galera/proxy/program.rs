//! What a kind of proxy is made of on its host.

use crate::kernel::facts::File;

/// What a kind of proxy is made of on its host.
pub struct Program {
    /// The packages, the one with the program itself first.
    pub packages: &'static [&'static str],
    /// Its files.
    pub files: &'static [File],
    /// The unit that asks the nodes whether they serve: its own, or that of a follower beside it.
    pub asked_by: &'static str,
    /// True where the proxy follows the nodes' health units, so that it notices a drain.
    pub heeds_health: bool,
    /// A script that prints sections with what the running proxy thinks of the nodes.
    pub opinion: &'static str,
    /// The command that stops it for good, to be typed on its host.
    pub end: &'static str,
    /// A script that lets its files take effect: reloads the proxy, or starts it.
    pub run: &'static str,
    /// The arguments to call that script with, one after the other until clients are sent to all nodes.
    pub run_with: &'static [&'static str],
}
