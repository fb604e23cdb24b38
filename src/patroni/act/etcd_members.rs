//! Changing the members of an etcd that runs, at one of its healthy members.

use std::sync::Arc;
use std::time::Duration;

use super::Context;
use crate::kernel::run::Outcome;
use crate::kernel::run::poll::{Awaited, Look, Sign, Wait, Waited};
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::{Host, RemoteCommand};
use crate::patroni::plan::Step;

const POLL: Duration = Duration::from_secs(1);
/// The keys of Patroni are a few kilobytes; what takes time is that the members find each other. etcd changes nothing
/// before all of them, or a majority where one goes, have been connected for 5 s (its `HealthInterval`).
const PATIENCE: Duration = Duration::from_secs(60);

/// Asks the member on this host; each script prints `done`, or why it is not. Of what etcdctl says when it fails, the last line tells why; the others are its log.
macro_rules! etcdctl {
    () => {
        r#"
etcdctl() {
    said=$(ETCDCTL_API=3 timeout 20 etcdctl --endpoints=http://127.0.0.1:2379 "$@" 2>&1) && { printf '%s\n' "$said"; return; }
    printf '%s\n' "$said" | tail -n 1 >&2
    return 1
}
"#
    };
}

/// $1 the new member's peer URL  $2 its name. `member list` prints: id, state, name, peer URLs, client URLs, learner.
const ADD: &str = concat!(
    etcdctl!(),
    r#"
members=$(etcdctl member list) || exit
case $members in *", $1, "*) echo done; exit 0 ;; esac
etcdctl member add "$2" --learner --peer-urls="$1" 2>&1 >/dev/null && echo done
exit 0
"#
);

/// $1 the member's peer URL.
const PROMOTE: &str = concat!(
    etcdctl!(),
    r#"
members=$(etcdctl member list) || exit
line=$(printf '%s\n' "$members" | grep -F ", $1, ") || { echo "etcd does not list a member at $1" >&2; exit 1; }
case $line in *', true') ;; *) echo done; exit 0 ;; esac
etcdctl member promote "${line%%,*}" 2>&1 >/dev/null && echo done
exit 0
"#
);

/// $1 the member's id, hexadecimal.
const REMOVE: &str = concat!(
    etcdctl!(),
    r#"
members=$(etcdctl member list) || exit
printf '%s\n' "$members" | grep -q "^$1, " || { echo done; exit 0; }
etcdctl member remove "$1" 2>&1 >/dev/null && echo done
exit 0
"#
);

/// Tells etcd of a new member. Nothing is done where it knows it already.
pub async fn add(context: &Arc<Context>, step: &Step, [peer, name]: [&str; 2]) -> Outcome {
    until_done(context, step, ADD, &[peer, name]).await
}

/// Waits until a new member has all keys, and gives it its vote.
pub async fn promote(context: &Arc<Context>, step: &Step, peer: &str) -> Outcome {
    until_done(context, step, PROMOTE, &[peer]).await
}

/// Takes a member off etcd's list; etcd refuses where that would cost the quorum.
pub async fn remove(context: &Arc<Context>, step: &Step, id: &str) -> Outcome {
    until_done(context, step, REMOVE, &[id]).await
}

async fn until_done(
    context: &Arc<Context>,
    step: &Step,
    script: &'static str,
    arguments: &[&str],
) -> Outcome {
    let host = context.host(&step.node)?;
    let arguments = arguments.iter().map(|it| (*it).to_owned()).collect();
    let wait =
        Wait::new(POLL, PATIENCE).told(&*context.reporter, &step.id).interrupted_by(&context.interrupt);
    match wait.until(Change { host, script, arguments }).await? {
        Waited::Found(()) => Ok(None),
        Waited::Idle(why) => {
            let message = format!("{why}; that has not changed for {} s", PATIENCE.as_secs());
            Err(StepError::new(message).left("etcd goes on with the members that it has"))
        }
    }
}

struct Change {
    host: Arc<Host>,
    script: &'static str,
    arguments: Vec<String>,
}

impl Awaited for Change {
    type Found = ();

    async fn look(&mut self) -> Result<Look<()>, StepError> {
        let command = RemoteCommand::act(self.script, self.arguments.clone());
        Ok(match self.host.succeed(command).await?.trim() {
            "done" => Look::Found(()),
            why => Look::NotYet(Sign::word(why.trim_start_matches("Error: ").to_owned())),
        })
    }
}
