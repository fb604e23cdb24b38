//! A file for programs that somebody else runs.

/// A file for a Prometheus, an Alertmanager, a Grafana or a timer that somebody else runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its path below the folder into which the files are written.
    pub name: String,
    pub text: String,
}
