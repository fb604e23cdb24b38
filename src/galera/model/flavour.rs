//! Server flavour and SST method.

use serde::{Deserialize, Serialize};

/// Which distribution of Galera runs on the nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Flavour {
    /// MariaDB Server with galera-4.
    Mariadb,
    /// Percona XtraDB Cluster: rendered, not yet run.
    PerconaXtradbCluster,
    /// Codership's MySQL-wsrep: rendered, not yet run.
    MysqlWsrep,
}

impl Flavour {
    /// True where galactl has been proved on real hosts.
    pub fn can_be_run(self) -> bool {
        self == Self::Mariadb
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mariadb => "mariadb",
            Self::PerconaXtradbCluster => "percona-xtradb-cluster",
            Self::MysqlWsrep => "mysql-wsrep",
        }
    }
}

/// How a joiner gets a full copy of the data (State Snapshot Transfer).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SstMethod {
    /// Physical copy that does not block the donor; needs an account and `mariadb-backup`.
    Mariabackup,
    /// File copy; the donor takes no writes meanwhile.
    Rsync,
}

impl SstMethod {
    /// The value of `wsrep_sst_method`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mariabackup => "mariabackup",
            Self::Rsync => "rsync",
        }
    }
}
