//! Everything that galactl can do to a proxy: data only.

use std::borrow::Cow;
use std::net::IpAddr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kernel::model::words::names;
use crate::kernel::model::{NodeName, UnitName};
use crate::kernel::plan::{Action, PutFile};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum ProxyAction {
    /// Reload it, or start it, and wait until it sends clients to these nodes.
    Run { unit: UnitName, nodes: Vec<NodeName> },
    /// Copy a package to the host, and install it without letting its service start. `sha256`: of the file.
    InstallFile { file: String, sha256: String },
    /// If writes go to the node `from` there, let the first of `to` that serves take them, and wait until no write is
    /// under way on the old one, but no longer than `seconds`.
    MoveWrites { from: NodeName, to: Vec<NodeName>, seconds: u64 },
    /// Write a row through each of these proxies, and through the address that they share where they do, and read
    /// all rows through each of them and on every node.
    Verify { proxies: Vec<NodeName>, shared: Option<IpAddr>, nodes: Vec<NodeName> },
}

/// What is done so that it runs with its files.
fn running(unit: &UnitName) -> String {
    match unit.as_str() {
        "nginx" => "reload or start nginx.service, restart galactl-nginx.service".into(),
        "proxysql" => "start proxysql.service, load its statements if they are new".into(),
        unit => format!("reload or start {unit}.service"),
    }
}

impl Action for ProxyAction {
    fn slug(&self) -> Cow<'static, str> {
        match self {
            Self::Run { .. } => "run".into(),
            Self::InstallFile { .. } => "install-file".into(),
            Self::MoveWrites { from, .. } => format!("move-writes-from-{from}").into(),
            Self::Verify { .. } => "verify".into(),
        }
    }

    fn summary(&self) -> String {
        match self {
            Self::Run { unit, nodes } => {
                format!("{}, and wait until it sends clients to {}", running(unit), names(nodes, "and"))
            }
            Self::InstallFile { file, sha256 } => {
                format!("install {file} (sha256 {})", sha256.get(..16).unwrap_or(sha256))
            }
            Self::MoveWrites { from, to, seconds } => format!(
                "if {from} takes the writes there, let {} take them, and wait up to {seconds} s for writes that are under way",
                names(to, "or")
            ),
            Self::Verify { proxies, shared, nodes } => {
                let proxies = proxies.iter().map(ToString::to_string);
                let through: Vec<_> = proxies.chain(shared.map(|it| it.to_string())).collect();
                let (through, nodes) = (names(&through, "and"), names(nodes, "and"));
                format!("a row written through {through}, read there and on {nodes}, removed")
            }
        }
    }

    fn file(&self) -> Option<&PutFile> {
        None
    }
}
