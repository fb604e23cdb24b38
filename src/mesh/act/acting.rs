//! How each action has its arm.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::settle::settle;
use super::{
    Context, admit, compare_tables, configure, copy, ddl, deliver, feed, follow, merge, open, part, repair,
    reserve, resume, serve, shut_out, skip, verify_links, verify_rows,
};
use crate::kernel::model::HostName;
use crate::kernel::run::event::{Failure, Reporter};
use crate::kernel::run::host_act;
use crate::kernel::run::interrupt::Interrupt;
use crate::kernel::run::step_error::StepError;
use crate::kernel::run::{Acting, Outcome};
use crate::kernel::transport::Fleet;
use crate::mesh::config::{fill_in, redact};
use crate::mesh::facts::{Failing, Which};
use crate::mesh::plan::{Action, Command, NodeAction, Plan, Step};

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

    fn is_needed(&self, _: &HostName) -> bool {
        true
    }

    async fn act(self: &Arc<Self>, step: &Step) -> Outcome {
        match &step.action {
            Action::Host(action) => {
                let fill_in = |text: &str| fill_in(text, &self.secrets);
                host_act::apply(&*self.host(&step.node)?, action, fill_in).await
            }
            Action::Node(action) => on_node(self, step, action).await,
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

async fn on_node(context: &Arc<Context>, step: &Step, action: &NodeAction) -> Outcome {
    let node = &step.node;
    match action {
        NodeAction::CreateCluster { version } => configure::create(context, node, *version).await,
        NodeAction::Configure { version, access } => configure::apply(context, node, *version, access).await,
        NodeAction::Serve { version, restart } => serve::apply(context, node, *version, *restart).await,
        NodeAction::Account => open::give_account(context, node).await,
        NodeAction::Open { database, number, tables, merges } => {
            open::apply(context, node, database, *number, (tables, merges)).await
        }
        NodeAction::Reserve { version, source, members } => {
            reserve::apply(context, step, *version, source, members).await
        }
        NodeAction::Merge { database, merges } => merge::apply(context, node, database, merges).await,
        NodeAction::Resume { others } => resume::apply(context, step, others).await,
        NodeAction::Copy { version, source } => copy::apply(context, step, *version, source).await,
        NodeAction::Follow { version, source, members, number } => {
            follow::apply(context, step, (*version, *number), source, members).await
        }
        NodeAction::Feed { members } => feed::apply(context, step, members).await,
        NodeAction::Admit { version, access, number } => {
            admit::apply(context, node, *version, access, *number).await
        }
        NodeAction::Skip { database, provider, slot, xid, commit, end, digest } => {
            let which = Which {
                reader: node.clone(),
                provider: provider.clone(),
                database: database.clone(),
                slot: slot.clone(),
                failing: Failing { xid: *xid, commit: *commit },
            };
            skip::apply(context, step, &which, *end, digest).await
        }
        NodeAction::ShutOut { version, access, databases } => {
            shut_out::apply(context, step, *version, access, databases).await
        }
        NodeAction::Deliver { heirs } => deliver::apply(context, step, heirs).await,
        NodeAction::StopReading { databases } => part::stop(context, node, databases).await,
        NodeAction::Forget { node: gone, databases } => part::forget(context, node, gone, databases).await,
        NodeAction::Leave { version, access, databases } => {
            part::apply(context, node, *version, access, databases).await
        }
        NodeAction::VerifyGone { nodes, members, databases } => {
            part::verify(context, nodes, members, databases).await
        }
        NodeAction::VerifyLinks { nodes } => verify_links::apply(context, step, nodes).await,
        NodeAction::Repair { rows, .. } => repair::apply(context, node, rows).await,
        NodeAction::Ddl { database, statements, alone, .. } => {
            ddl::apply(context, step, database, statements, *alone).await
        }
        NodeAction::AwaitSent { database, .. } => ddl::await_sent(context, step, database).await,
        NodeAction::CompareTables { tables } => compare_tables::apply(context, tables).await,
        NodeAction::VerifyRows { nodes } => verify_rows::apply(context, step, nodes).await,
    }
}
