//! Members that are Primary and not Synced, and what makes them so again.

use crate::galera::facts::{Live, LocalState};
use crate::galera::judge::codes;
use crate::kernel::judge::{Finding, Remedy};

/// Ends what somebody has set by hand.
pub fn sync_again() -> Remedy {
    Remedy::on_host("sudo mariadb -e \"SET GLOBAL wsrep_desync=OFF\"")
}

/// A refusal, unless it is Synced.
pub fn refusal(live: &Live) -> Option<Finding> {
    if live.is_synced() {
        return None;
    }
    let next = match live.local_state.is_desynced_by_hand() {
        true => sync_again().and("; then run this again"),
        false => "wait until it is Synced, then run this again".into(),
    };
    Some(Finding::new(codes::UNHEALTHY, evidence(&live.local_state), next))
}

fn evidence(state: &LocalState) -> String {
    let set = if state.is_desynced_by_hand() { " (wsrep_desync is ON)" } else { "" };
    format!("it is Primary, but {state}{set}")
}
