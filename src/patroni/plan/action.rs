//! The actions of a Patroni cluster's plans: one arm a role.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{EtcdAction, PatroniAction};
use crate::kernel::keepalived::action::SharingAction;
use crate::kernel::plan::{self, HostAction, PutFile};
use crate::patroni::proxy::action::ProxyAction;

/// One act. The executor has one arm for each, and nothing acts outside of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// On any host, whatever runs there.
    Host(HostAction),
    /// On the host of a member of etcd.
    Etcd(EtcdAction),
    /// On a data node.
    Patroni(PatroniAction),
    /// On a proxy's host.
    Proxy(ProxyAction),
    /// On the host of a proxy that shares an address.
    Keepalived(SharingAction),
}

impl Action {
    fn inner(&self) -> (Cow<'static, str>, String, Option<&PutFile>) {
        fn tell(action: &impl plan::Action) -> (Cow<'static, str>, String, Option<&PutFile>) {
            (action.slug(), action.summary(), action.file())
        }
        match self {
            Self::Host(action) => tell(action),
            Self::Etcd(action) => tell(action),
            Self::Patroni(action) => tell(action),
            Self::Proxy(action) => tell(action),
            Self::Keepalived(action) => tell(action),
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

impl From<EtcdAction> for Action {
    fn from(action: EtcdAction) -> Self {
        Self::Etcd(action)
    }
}

impl From<PatroniAction> for Action {
    fn from(action: PatroniAction) -> Self {
        Self::Patroni(action)
    }
}

impl From<ProxyAction> for Action {
    fn from(action: ProxyAction) -> Self {
        Self::Proxy(action)
    }
}

impl From<SharingAction> for Action {
    fn from(action: SharingAction) -> Self {
        Self::Keepalived(action)
    }
}
