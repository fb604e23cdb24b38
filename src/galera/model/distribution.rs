//! What differs between the flavours of the server, before a host has been asked.

use super::{Flavour, SstMethod};

/// Where a flavour's Debian packages put things, and what they call them.
///
/// Sources: Debian's MariaDB packages (10.5, 10.11, 11.8); Percona's 8.x documentation.
#[derive(Debug, Clone, Copy)]
pub struct Distribution {
    pub unit: &'static str,
    /// Sorts after every file that the distribution ships.
    pub config_file: &'static str,
    /// In the order in which they are looked for on a host; the first is assumed where no host is asked.
    pub providers: &'static [&'static str],
    /// The option for the number of appliers.
    pub appliers: &'static str,
    /// `wsrep_sst_method` for a physical backup: every fork of the tool has a name of its own.
    pub backup_sst: &'static str,
    /// False where the server has an SST account of its own (PXC 8).
    pub sst_account: bool,
}

const MARIADB: Distribution = Distribution {
    unit: "mariadb",
    config_file: "/etc/mysql/mariadb.conf.d/99-galactl.cnf",
    providers: &[
        "/usr/lib/galera/libgalera_smm.so",
        "/usr/lib/libgalera_smm.so",
        "/usr/lib64/galera-4/libgalera_smm.so",
        "/usr/lib64/galera/libgalera_smm.so",
    ],
    appliers: "wsrep_slave_threads",
    backup_sst: "mariabackup",
    sst_account: true,
};

const PERCONA: Distribution = Distribution {
    unit: "mysql",
    config_file: "/etc/mysql/mysql.conf.d/99-galactl.cnf",
    providers: &["/usr/lib/galera4/libgalera_smm.so", "/usr/lib64/galera4/libgalera_smm.so"],
    appliers: "wsrep_applier_threads",
    backup_sst: "xtrabackup-v2",
    sst_account: false,
};

const CODERSHIP: Distribution = Distribution {
    unit: "mysql",
    config_file: "/etc/mysql/mysql.conf.d/99-galactl.cnf",
    providers: &["/usr/lib/galera-4/libgalera_smm.so", "/usr/lib64/galera-4/libgalera_smm.so"],
    appliers: "wsrep_applier_threads",
    backup_sst: "xtrabackup-v2",
    ..MARIADB
};

impl Distribution {
    pub fn of(flavour: Flavour) -> &'static Self {
        match flavour {
            Flavour::Mariadb => &MARIADB,
            Flavour::PerconaXtradbCluster => &PERCONA,
            Flavour::MysqlWsrep => &CODERSHIP,
        }
    }

    /// True when an SST of this method logs in to the donor with the inventory's account.
    pub fn needs_sst_account(&self, method: SstMethod) -> bool {
        self.sst_account && method == SstMethod::Mariabackup
    }

    /// The value of `wsrep_sst_method`.
    pub fn sst_method(&self, method: SstMethod) -> &'static str {
        match method {
            SstMethod::Mariabackup => self.backup_sst,
            SstMethod::Rsync => "rsync",
        }
    }
}
