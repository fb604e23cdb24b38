//! How a plan's steps are carried out on a Galera cluster.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Context;
use super::on_server;
use super::settle::settle;
use crate::galera::config::{fill_in, redact};
use crate::galera::garbd;
use crate::galera::health;
use crate::galera::inventory::ROLE;
use crate::galera::monitoring;
use crate::galera::plan::cut_short;
use crate::galera::plan::{Action, Command, Plan, ServerAction, Step};
use crate::galera::proxy;
use crate::galera::tls;
use crate::kernel::keepalived;
use crate::kernel::model::HostName;
use crate::kernel::plan::Action as _;
use crate::kernel::run::event::{Failure, FailureKind, Reporter};
use crate::kernel::run::host_act;
use crate::kernel::run::interrupt::Interrupt;
use crate::kernel::run::step_error::StepError;
use crate::kernel::run::{Acting, Outcome};
use crate::kernel::transport::Fleet;

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
        error.each_text(|text| redact(text, &self.secrets))
    }

    /// The nodes go on without an arbitrator, and a step on its host fails without ending theirs.
    fn is_needed(&self, host: &HostName) -> bool {
        self.inventory.nodes.iter().any(|node| node.host == *host)
    }

    async fn act(self: &Arc<Self>, step: &Step) -> Outcome {
        match &step.action {
            Action::Host(action) => {
                let fill_in = |text: &str| fill_in(text, &self.secrets);
                host_act::apply(&*self.host(&step.node)?, action, fill_in).await
            }
            Action::Server(action) => on_server(self, step, action).await,
            Action::Garbd(action) => garbd::act::apply(self, &step.node, action).await,
            Action::Health(action) => health::act::apply(self, &step.node, action).await,
            Action::Proxy(action) => proxy::act::apply(self, &step.node, action).await,
            Action::Tls(action) => tls::act::apply(self, &step.node, action).await,
            Action::Keepalived(action) => {
                let all = self.inventory.proxies().iter().map(|proxy| &proxy.name);
                keepalived::act::apply(&self.fleet, &step.node, all, action, &self.interrupt).await
            }
            Action::Monitoring(action) => monitoring::act::apply(self, &step.node, action).await,
        }
    }

    async fn settle(self: &Arc<Self>, step: &Step, lost: StepError) -> Outcome {
        settle(self, step, lost).await
    }

    fn left_behind(&self, plan: &Plan, failure: &Failure, finished: &BTreeSet<String>) -> Vec<String> {
        let unit = &self.inventory.host.unit;
        let mut left: Vec<_> = way_back(plan, failure).into_iter().collect();
        left.extend(cut_short::down(plan, finished, &failure.step, unit));
        let tried = Some(failure.step.as_str()).filter(|_| failure.kind != FailureKind::Interrupted);
        left.extend(cut_short::drained(plan, finished, tried));
        left
    }

    fn resume(&self, plan: &Plan, finished: &BTreeSet<String>) -> Option<String> {
        cut_short::resume(plan, finished)
    }
}

/// A node that does not come back with a changed option file has its previous one beside it.
fn way_back(plan: &Plan, failure: &Failure) -> Option<String> {
    let failed = plan.steps().find(|step| step.id == failure.step)?;
    let Action::Server(ServerAction::Join { unit, .. }) = &failed.action else { return None };
    let of_node = plan.steps().filter(|step| step.node == failure.node);
    let files = of_node.filter(|step| step.role() == ROLE).filter_map(|step| step.action.file());
    let path = files.filter(|file| file.replaces).map(|file| &file.path).next()?;
    let (node, previous) = (&failure.node, host_act::previous(path));
    Some(format!(
        "the previous option file; to go back to it, on {node}: mv -- {previous} {path} && systemctl start {unit}"
    ))
}
