//! Which release a scene of TLS runs on, and at which steps galactl is killed in it; both may come from the environment.

use std::collections::BTreeSet;
use std::time::Instant;

use crate::lab::Lab;
use crate::run::Inventory;

/// What a scene does without its values from the environment, and with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kills {
    /// At the steps that the scene names.
    Few,
    Never,
    /// At every step of the plan: as it begins, and as it has ended.
    Every,
}

impl Kills {
    /// GALACTL_TLS_KILL names what is killed at every step (`on`, `off`, `ca`, with commas), and nothing else is killed
    /// then; `none` is a name as well.
    pub fn of(what: &str) -> Self {
        match std::env::var("GALACTL_TLS_KILL") {
            Ok(named) if named.split(',').any(|it| it == what) => Self::Every,
            Ok(_) => Self::Never,
            Err(_) => Self::Few,
        }
    }

    /// What the narration says of the steps at which galactl is killed, one round of kills each.
    pub fn marks(all: &[Self]) -> &'static [&'static str] {
        if all.contains(&Self::Every) { &["->", "ok"] } else { &["->"] }
    }
}

/// Three hosts of the usual release, or of the one that GALACTL_TLS_RELEASE names: a lab of another name then.
pub fn up(name: &'static str, hosts: &[&str], usual: &str) -> Lab {
    let release = std::env::var("GALACTL_TLS_RELEASE").unwrap_or_else(|_| usual.into());
    let name = if release == usual { name } else { format!("{name}-{release}").leak() };
    let hosts: Vec<_> = hosts.iter().map(|host| format!("{host}:{release}")).collect();
    Lab::up(name, &hosts.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Kills `apply-config` at each step of its plan, then at each of the plan that is left, until there was a kill at
/// every one; and lets it come to its end. A step whose work is done is in no later plan.
pub fn at_every_step(inventory: &Inventory<'_>, mark: &str) {
    let (mut killed, began) = (BTreeSet::new(), Instant::now());
    while let Some(id) = inventory.steps(&["apply-config"]).into_iter().find(|id| !killed.contains(id)) {
        let end = if mark == "ok" { " " } else { ":" };
        inventory.galactl_killed(&["apply-config", "--yes"], &format!("{mark} {id}{end}"), || {});
        println!("{:4.0} s: killed at {mark} {id}", began.elapsed().as_secs_f64());
        killed.insert(id);
    }
    // A node that is missing joins in the first round, and what is left is a run of its own.
    let last = inventory.galactl(&["apply-config", "--yes"]);
    if last.code == 2 {
        last.says(&["next: galactl apply-config "]);
        inventory.galactl(&["apply-config", "--yes"]).expect_code(0);
    } else {
        last.expect_code(0);
    }
    inventory.galactl(&["apply-config", "--yes"]).expect_code(0).says(&["Nothing to do"]);
    println!("killed at {mark} of {} steps in {:.0} s", killed.len(), began.elapsed().as_secs_f64());
}
