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

/// What the narration says of the steps at which galactl is killed (`->` or `ok`), and of which kind the first of them
/// is: each kill changes what is left to do, so that some steps come only where there was no kill before them.
pub type Round = (&'static str, &'static str);

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

    /// The rounds of a scene in which these are killed.
    pub fn rounds(all: &[Self], every: &'static [Round]) -> &'static [Round] {
        if all.contains(&Self::Every) { every } else { &every[..1] }
    }
}

/// Three hosts of the usual release, or of the one that GALACTL_TLS_RELEASE names: a lab of another name then.
pub fn up(name: &'static str, hosts: &[&str], usual: &str) -> Lab {
    let release = std::env::var("GALACTL_TLS_RELEASE").unwrap_or_else(|_| usual.into());
    let name = if release == usual { name } else { format!("{name}-{}", &release[..4]).leak() };
    let hosts: Vec<_> = hosts.iter().map(|host| format!("{host}:{release}")).collect();
    Lab::up(name, &hosts.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Kills `apply-config` at each step at which it was not killed yet, until it comes to its end.
pub fn at_every_step(inventory: &Inventory<'_>, (mark, first): Round) {
    let (mut killed, began) = (BTreeSet::new(), Instant::now());
    for ends in 0.. {
        let ended = inventory.galactl_killed_where(&["apply-config", "--yes"], |before, told| {
            let Some(id) = told.strip_prefix(mark).and_then(|told| told.trim().split([':', ' ']).next())
            else {
                return false;
            };
            // In a run of its own, steps of the first round have the names of those of the second one.
            let round = if before.contains("this is the first one") { " (first round)" } else { "" };
            let wanted = ends > 0 || !killed.is_empty() || id.ends_with(first);
            let is_new = wanted && killed.insert(format!("{id}{round}"));
            if is_new {
                println!("{:4.0} s: killed at {mark} {id}{round}", began.elapsed().as_secs_f64());
            }
            is_new
        });
        let Some(ended) = ended else { continue };
        assert!([0, 2].contains(&ended.code), "{}", ended.text());
        if ended.text().contains("Nothing to do") {
            break;
        }
    }
    println!("killed at {mark} of {} steps in {:.0} s", killed.len(), began.elapsed().as_secs_f64());
}
