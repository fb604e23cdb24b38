//! Where Debian's cluster `main` has its files.

use crate::postgresql::Major;

/// The cluster `main` of one major version, as Debian's tools lay it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cluster(pub Major);

impl Cluster {
    /// The unit that runs its server.
    pub fn unit(self) -> String {
        format!("postgresql@{}-main", self.0)
    }

    /// The directory of its settings.
    pub fn settings(self) -> String {
        format!("/etc/postgresql/{}/main", self.0)
    }

    /// The data directory.
    pub fn data(self) -> String {
        format!("/var/lib/postgresql/{}/main", self.0)
    }

    /// galactl's own file of settings, which the last line of postgresql.conf includes.
    pub fn own_settings(self) -> String {
        format!("{}/{OWN_SETTINGS}", self.settings())
    }
}

/// The name of galactl's own file of settings.
pub const OWN_SETTINGS: &str = "galactl.conf";
/// The file from which libpq takes the password for the other nodes; connection strings name it in its place.
pub const PASSWORD_FILE: &str = "/var/lib/postgresql/.galactl-mesh.pgpass";
