//! What the cluster needs now, whichever command that is.

use super::{Choice, NoPlan, Plan, apply_config, bootstrap, recover};
use crate::patroni::judge::{Basis, codes};

/// Plans the one command that brings the cluster nearer to its inventory. Empty: nothing.
///
/// Errors: as those of that command.
pub fn needed(basis: &Basis<'_>) -> Result<Plan, NoPlan> {
    match bootstrap(basis) {
        Err(NoPlan::Refused(refusals)) if refusals.iter().any(|it| calls_for_recovery(it.code)) => {
            recover(basis, &Choice::default())
        }
        Err(NoPlan::Refused(refusals)) if refusals.iter().all(|it| it.code == codes::CONFIG_DRIFT) => {
            apply_config(basis)
        }
        // Files and configuration are right, and a server may wait for its restart.
        Ok(plan) if plan.is_empty() => Ok(apply_config(basis).unwrap_or(plan)),
        other => other,
    }
}

fn calls_for_recovery(code: crate::kernel::judge::Code) -> bool {
    [codes::DATA_WITHOUT_KEY, codes::NO_PRIMARY, codes::STORE_UNKNOWN, codes::FOUNDING_CUT_OFF]
        .contains(&code)
}
