//! How each action has its arm.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::settle::settle;
use super::{
    Context, accounts, configure, etcd, etcd_keys, etcd_members, failover, found, found_from, join,
    no_rewind, reload, restart, start_first, stop, switchover, synchronous, take_over, verify_members,
    verify_settings, verify_writes,
};
use crate::kernel::keepalived;
use crate::kernel::model::HostName;
use crate::kernel::run::event::{Failure, Reporter};
use crate::kernel::run::host_act;
use crate::kernel::run::interrupt::Interrupt;
use crate::kernel::run::step_error::StepError;
use crate::kernel::run::{Acting, Outcome};
use crate::kernel::transport::Fleet;
use crate::patroni::config::{fill_in, redact_words};
use crate::patroni::plan::{Action, Command, EtcdAction, PatroniAction, Plan, Step};
use crate::patroni::proxy;

impl Acting for Context {
    type Command = Command;
    type Action = Action;

    fn reporter(&self) -> &dyn Reporter {
        self.reporter.as_ref()
    }

    fn interrupt(&self) -> &Interrupt {
        &self.interrupt
    }

    fn fleet(&self) -> &Fleet {
        &self.fleet
    }

    fn without_secrets(&self, error: StepError) -> StepError {
        error.each_text(|text| redact_words(text, &self.secrets))
    }

    /// Every host of the cluster itself: who leads may be elsewhere a moment later.
    fn is_needed(&self, host: &HostName) -> bool {
        self.inventory.hosts().on(host).any(|member| member.role != proxy::ROLE)
    }

    async fn act(self: &Arc<Self>, step: &Step) -> Outcome {
        match &step.action {
            Action::Host(action) => {
                let fill_in = |text: &str| fill_in(text, &self.secrets);
                host_act::apply(&*self.host(&step.node)?, action, fill_in).await
            }
            Action::Etcd(EtcdAction::Start) => etcd::start(self, step).await,
            Action::Etcd(EtcdAction::Verify { members }) => etcd::verify(self, step, members).await,
            Action::Etcd(EtcdAction::Add { name, peer }) => {
                etcd_members::add(self, step, [peer, name.as_str()]).await
            }
            Action::Etcd(EtcdAction::Promote { peer, .. }) => etcd_members::promote(self, step, peer).await,
            Action::Etcd(EtcdAction::Remove { id, .. }) => etcd_members::remove(self, step, id).await,
            Action::Etcd(EtcdAction::Leave) => etcd::leave(self, &step.node).await,
            Action::Etcd(EtcdAction::Stop) => etcd::stop(self, &step.node).await,
            Action::Etcd(EtcdAction::KeepAside { datadir, kept }) => {
                stop::keep_aside(self, &step.node, [datadir, kept, "etcd"]).await
            }
            Action::Etcd(EtcdAction::Forget { folder, endpoint, founding }) => {
                etcd_keys::forget(self, &step.node, [folder, endpoint], *founding).await
            }
            Action::Patroni(action) => on_node(self, step, action).await,
            Action::Proxy(action) => proxy::act::apply(self, &step.node, action).await,
            Action::Keepalived(action) => {
                let all = self.inventory.proxies.iter().map(|proxy| &proxy.name);
                keepalived::act::apply(&self.fleet, &step.node, all, action, &self.interrupt).await
            }
        }
    }

    async fn settle(self: &Arc<Self>, step: &Step, lost: StepError) -> Outcome {
        settle(self, step, lost).await
    }

    fn left_behind(&self, _: &Plan, _: &Failure, _: &BTreeSet<String>) -> Vec<String> {
        Vec::new()
    }

    fn resume(&self, _: &Plan, _: &BTreeSet<String>) -> Option<String> {
        None
    }
}

async fn on_node(context: &Arc<Context>, step: &Step, action: &PatroniAction) -> Outcome {
    match action {
        PatroniAction::Found { patience_seconds } => found::apply(context, step, *patience_seconds).await,
        PatroniAction::TakeOver { .. } => take_over::apply(context, step).await,
        PatroniAction::FoundFrom { system_id, patience_seconds } => {
            found_from::apply(context, step, system_id, *patience_seconds).await
        }
        PatroniAction::Accounts => accounts::apply(context, &step.node).await,
        PatroniAction::Join { leader, patience_seconds } => {
            join::apply(context, step, leader, *patience_seconds).await
        }
        PatroniAction::Stop { datadir, only_as } => stop::stop(context, &step.node, datadir, *only_as).await,
        PatroniAction::Switchover { .. } => switchover::apply(context, step).await,
        PatroniAction::NoRewind => no_rewind::apply(context, step).await,
        PatroniAction::Failover { .. } => failover::apply(context, step).await,
        PatroniAction::Restart { .. } => restart::apply(context, step).await,
        PatroniAction::Reload { settings } => reload::apply(context, step, settings).await,
        PatroniAction::Configure { change } => configure::apply(context, step, change).await,
        PatroniAction::VerifySettings { nodes } => verify_settings::apply(context, step, nodes).await,
        PatroniAction::StartFirst { .. } => start_first::apply(context, step).await,
        PatroniAction::Synchronous { wanted } => synchronous::apply(context, step, wanted).await,
        PatroniAction::KeepAside { datadir, kept } => {
            stop::keep_aside(context, &step.node, [datadir, kept, "patroni"]).await
        }
        PatroniAction::VerifyMembers { nodes, synchronous } => {
            verify_members::apply(context, step, nodes, *synchronous).await
        }
        PatroniAction::VerifyWrites { nodes } => verify_writes::apply(context, nodes).await,
    }
}
