//! Programs of accounts that do not exist.

use crate::galera::lint::codes::DEFINER;
use crate::galera::lint::place::Place;
use crate::galera::lint::schema::{Program, Schema};
use crate::kernel::lint::Finding;

/// Where accounts are not known, nothing is found.
pub fn check(schema: &Schema, _place: Place) -> Vec<Finding> {
    let Some(accounts) = &schema.accounts else { return Vec::new() };
    let finding = |program: &Program| {
        let definer = program.definer.as_ref().filter(|definer| !accounts.contains(*definer))?;
        let evidence = format!("is a {} of {definer}, who does not exist", program.kind.word());
        let evidence = evidence.replacen("is a event", "is an event", 1);
        Some(Finding::new(DEFINER, &program.name, evidence, fix(definer)))
    };
    schema.programs.iter().filter(|program| !program.invoker).filter_map(finding).collect()
}

fn fix(definer: &str) -> String {
    let part = |text: &str| format!("'{}'", text.replace('\'', "''").replace(char::is_control, "\u{fffd}"));
    match definer.split_once('@') {
        Some((role, "")) => {
            format!("CREATE ROLE {}; or define it anew, with a DEFINER that exists", part(role))
        }
        Some((user, host)) => format!(
            "CREATE USER {}@{} ACCOUNT LOCK, and grant what it needs; or define it anew, with a DEFINER that exists",
            part(user),
            part(host)
        ),
        None => "define it anew, with a DEFINER that exists".to_owned(),
    }
}
