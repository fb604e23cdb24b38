//! The actions of a Galera cluster's plans: one arm a role.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ServerAction;
use crate::galera::garbd::action::GarbdAction;
use crate::galera::health::action::HealthAction;
use crate::galera::monitoring::action::MonitoringAction;
use crate::galera::proxy::action::ProxyAction;
use crate::galera::tls::action::TlsAction;
use crate::kernel::keepalived::action::SharingAction;
use crate::kernel::plan::{self, HostAction, PutFile};

/// One act. The executor has one arm for each, and nothing acts outside of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// On any host, whatever runs there.
    Host(HostAction),
    /// On a data node.
    Server(ServerAction),
    /// On an arbitrator's host.
    Garbd(GarbdAction),
    /// On a data node: how it tells whether it serves.
    Health(HealthAction),
    /// On a proxy's host.
    Proxy(ProxyAction),
    /// On the host of a data node or an arbitrator: its certificates.
    Tls(TlsAction),
    /// On a proxy's host: the address that they share.
    Keepalived(SharingAction),
    /// On any host: who watches the cluster.
    Monitoring(MonitoringAction),
}

impl Action {
    fn inner(&self) -> (Cow<'static, str>, String, Option<&PutFile>) {
        fn tell(action: &impl plan::Action) -> (Cow<'static, str>, String, Option<&PutFile>) {
            (action.slug(), action.summary(), action.file())
        }
        match self {
            Self::Host(action) => tell(action),
            Self::Server(action) => tell(action),
            Self::Garbd(action) => tell(action),
            Self::Health(action) => tell(action),
            Self::Proxy(action) => tell(action),
            Self::Tls(action) => tell(action),
            Self::Keepalived(action) => tell(action),
            Self::Monitoring(action) => tell(action),
        }
    }
}

impl plan::Action for Action {
    fn slug(&self) -> Cow<'static, str> {
        self.inner().0
    }

    fn summary(&self) -> String {
        self.inner().1
    }

    fn file(&self) -> Option<&PutFile> {
        self.inner().2
    }
}

impl From<HostAction> for Action {
    fn from(action: HostAction) -> Self {
        Self::Host(action)
    }
}

impl From<ServerAction> for Action {
    fn from(action: ServerAction) -> Self {
        Self::Server(action)
    }
}

impl From<GarbdAction> for Action {
    fn from(action: GarbdAction) -> Self {
        Self::Garbd(action)
    }
}

impl From<HealthAction> for Action {
    fn from(action: HealthAction) -> Self {
        Self::Health(action)
    }
}

impl From<ProxyAction> for Action {
    fn from(action: ProxyAction) -> Self {
        Self::Proxy(action)
    }
}

impl From<TlsAction> for Action {
    fn from(action: TlsAction) -> Self {
        Self::Tls(action)
    }
}

impl From<SharingAction> for Action {
    fn from(action: SharingAction) -> Self {
        Self::Keepalived(action)
    }
}

impl From<MonitoringAction> for Action {
    fn from(action: MonitoringAction) -> Self {
        Self::Monitoring(action)
    }
}
