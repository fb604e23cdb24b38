//! What tells one kind of proxy from another: the list of them.

use super::inventory::{Kind, Proxy};
use super::opinion::Opinion;
use super::program::Program;
use super::{haproxy, nginx, proxysql};
use crate::galera::endpoint::Endpoint;
use crate::galera::inventory::Inventory;
use crate::kernel;
use crate::kernel::facts::{File, Report};
use crate::kernel::model::{Secrets, UnitName};
use crate::kernel::plan::PutFile;

impl Kind {
    pub fn program(self) -> &'static Program {
        match self {
            Self::Haproxy => &haproxy::PROGRAM,
            Self::Nginx => &nginx::PROGRAM,
            Self::Proxysql => &proxysql::PROGRAM,
        }
    }

    /// What it is made of on its host, and the ports that it needs there.
    pub fn on_host(self, ports: &[u16]) -> kernel::facts::Program<'static> {
        let Program { packages, files, .. } = self.program();
        kernel::facts::Program { name: self.name(), ports: ports.to_vec(), packages, files }
    }

    /// The name of its unit.
    ///
    /// # Panics
    ///
    /// Never: each name of [`Kind::name`] is one.
    pub fn unit(self) -> UnitName {
        self.name().parse().expect("a unit's name")
    }

    /// What it thinks of the nodes, by what its script printed. `None`: it does not run, or not with what galactl
    /// wrote.
    pub fn opinion(self, report: &Report) -> Option<Opinion> {
        match self {
            Self::Haproxy => haproxy::opinion::read(report.text("stat"), report.text("table")),
            Self::Nginx => nginx::opinion::read(report),
            Self::Proxysql => proxysql::opinion::read(report),
        }
    }

    /// A file of its as it may be shown: its secrets replaced.
    pub fn shown(self, text: &str, secrets: &Secrets) -> String {
        match self {
            Self::Haproxy | Self::Nginx => text.to_owned(),
            Self::Proxysql => proxysql::secrets::hide(text, secrets),
        }
    }

    /// Where this file of its is.
    pub fn path(self, artefact: &str) -> Option<&'static str> {
        self.program().files.iter().find(|file| file.artefact == artefact).map(|file| file.path)
    }

    /// One of its files, with its check and what follows it.
    pub fn finished(self, file: PutFile) -> PutFile {
        match self {
            Self::Haproxy => haproxy::settings::finished(file),
            Self::Nginx => nginx::settings::finished(file),
            Self::Proxysql => proxysql::files::finished(file),
        }
    }

    /// The texts of its files, in the order of [`Program::files`].
    pub fn texts(self, inventory: &Inventory, endpoint: Endpoint, proxy: &Proxy) -> Vec<String> {
        match self {
            Self::Haproxy => vec![haproxy::settings::text(inventory, endpoint, proxy)],
            Self::Nginx => nginx::settings::texts(inventory, endpoint, proxy),
            Self::Proxysql => proxysql::files::texts(inventory, endpoint),
        }
    }
}

impl Proxy {
    /// It goes by what the nodes tell of themselves, so that a drain by that is noticed.
    pub fn heeds_health(&self) -> bool {
        self.kind.program().heeds_health
    }
}

/// The files of a proxy as they are to be: paths and texts.
pub fn texts(
    inventory: &Inventory,
    endpoint: Endpoint,
    proxy: &Proxy,
) -> impl Iterator<Item = (&'static File, String)> {
    let texts = proxy.kind.texts(inventory, endpoint, proxy);
    proxy.kind.program().files.iter().zip(texts)
}
