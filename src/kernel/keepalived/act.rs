//! Letting the proxies' hosts share an address. All of it may be repeated.

use std::sync::Arc;
use std::time::Duration;

use super::action::SharingAction;
use crate::kernel::model::NodeName;
use crate::kernel::run::Outcome;
use crate::kernel::run::interrupt::Interrupt;
use crate::kernel::run::poll::{Awaited, Look, Sign, Wait, Waited};
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::{Fleet, Host, RemoteCommand};

const POLL: Duration = Duration::from_millis(200);
const PATIENCE: Duration = Duration::from_secs(30);
const RUN: &str =
    "systemctl reset-failed keepalived.service 2>/dev/null; systemctl reload-or-restart keepalived.service";
/// $1 the address.
const HOLDS: &str = r#"ip -o address show | awk -v it="$1" '{ split($4, own, "/"); if (own[1] == it) { print "yes"; exit } }'"#;

/// Carries out one action on the host of a proxy. `all`: the proxies that share the address.
pub async fn apply(
    fleet: &Fleet,
    own: &NodeName,
    all: impl Iterator<Item = &NodeName>,
    action: &SharingAction,
    interrupt: &Interrupt,
) -> Outcome {
    let SharingAction::Share { address } = action;
    let connected = |name: &NodeName| Some((name.clone(), fleet.host_of(name)?));
    let proxies: Vec<_> = all.filter_map(connected).collect();
    let host = fleet.host_of(own).ok_or_else(|| StepError::new(format!("{own} is not connected")))?;
    host.succeed(RemoteCommand::act(RUN, [""; 0])).await?;
    let wait = Wait::new(POLL, PATIENCE).interrupted_by(interrupt);
    match wait.until(Shared { proxies: &proxies, address }).await? {
        Waited::Found(holder) => Ok(Some(format!("{holder} has {address}"))),
        Waited::Idle(last) => {
            let error = StepError::new(format!("the address is not on one proxy: {last}"));
            Err(error.left("the proxies must reach each other by VRRP, protocol 112"))
        }
    }
}

/// Waits until exactly one of the proxies' hosts has the address.
struct Shared<'a> {
    proxies: &'a [(NodeName, Arc<Host>)],
    address: &'a str,
}

impl Awaited for Shared<'_> {
    type Found = NodeName;

    async fn look(&mut self) -> Result<Look<NodeName>, StepError> {
        let mut holders = Vec::new();
        for (name, host) in self.proxies {
            if !host.succeed(RemoteCommand::new(HOLDS, [self.address])).await?.trim().is_empty() {
                holders.push(name.clone());
            }
        }
        let names: Vec<_> = holders.iter().map(ToString::to_string).collect();
        Ok(match holders.pop() {
            Some(only) if holders.is_empty() => Look::Found(only),
            Some(_) => Look::NotYet(Sign::word(format!("{} have it", names.join(" and ")))),
            None => Look::NotYet(Sign::word("nobody has it")),
        })
    }
}
