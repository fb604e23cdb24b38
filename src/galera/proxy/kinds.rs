//! The kinds of proxies, and what differs between them.

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

    /// Its package, unit and files on its host, and the ports that it needs there.
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

    /// Which nodes the running proxy uses, by what its script printed. `None`: it does not run, or not with what
    /// galactl wrote.
    pub fn opinion(self, report: &Report) -> Option<Opinion> {
        match self {
            Self::Haproxy => haproxy::opinion::read(report.text("stat"), report.text("table")),
            Self::Nginx => nginx::opinion::read(report),
            Self::Proxysql => proxysql::opinion::read(report),
        }
    }

    /// The text of one of its files as it may be shown, with secrets replaced.
    pub fn shown(self, text: &str, secrets: &Secrets) -> String {
        match self {
            Self::Haproxy | Self::Nginx => text.to_owned(),
            Self::Proxysql => proxysql::secrets::hide(text, secrets),
        }
    }

    /// The path of one of its files.
    pub fn path(self, artefact: &str) -> Option<&'static str> {
        self.program().files.iter().find(|file| file.artefact == artefact).map(|file| file.path)
    }

    /// One of its files, with its check and what follows it.
    pub fn finished(self, file: PutFile) -> PutFile {
        match self {
            Self::Haproxy => kernel::haproxy::finished(file),
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
    /// True where it follows the nodes' health units, so that it notices a drain.
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
