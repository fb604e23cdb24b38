//! Transactions that changed many rows, as the server's logs tell.

use std::collections::BTreeMap;

use crate::galera::lint::codes::LARGE_TRANSACTION;
use crate::galera::lint::log::Large;
use crate::galera::lint::place::Place;
use crate::galera::lint::schema::Schema;
use crate::kernel::judge::Severity;
use crate::kernel::lint::Finding;

/// Where Galera itself cuts a transaction (MariaDB documentation, wsrep_load_data_splitting).
const MANY: u64 = 10_000;

/// Rows from which on a transaction is told.
pub fn limit(settings: &BTreeMap<String, String>) -> u64 {
    refused(settings).map_or(MANY, |most| MANY.min(most + 1))
}

/// The most rows that a member takes, where that is set.
fn refused(settings: &BTreeMap<String, String>) -> Option<u64> {
    settings.get("wsrep_max_ws_rows")?.parse().ok().filter(|most| *most > 0)
}

/// Tables that do not exist any more, and temporary ones, are no concern of a cluster.
pub fn check(schema: &Schema, _place: Place) -> Vec<Finding> {
    let none = BTreeMap::new();
    let settings = schema.settings.as_ref().unwrap_or(&none);
    let splits = settings.get("wsrep_load_data_splitting").is_some_and(|value| value == "ON");
    let is_there = |large: &&Large| match large.verb {
        "CALL" => schema.programs.iter().any(|program| program.name == large.name),
        "LOAD" if splits => false,
        _ => schema.tables.iter().any(|table| table.name == large.name && table.is("InnoDB")),
    };
    let large = schema.large.iter().flatten().filter(is_there);
    large.map(|large| finding(large, refused(settings))).collect()
}

fn finding(large: &Large, most: Option<u64>) -> Finding {
    let Large { log, verb, rows, statements, times, .. } = large;
    let at_least = if large.at_least { "at least " } else { "" };
    let what = match (*verb, statements) {
        ("CALL", _) => format!("changed {at_least}{rows} rows in one call, maybe in several transactions"),
        (_, 1) => format!("had {at_least}{rows} rows changed by one statement ({verb})"),
        _ => format!(
            "had {at_least}{rows} rows changed in one transaction of {statements} statements, most by {verb}"
        ),
    };
    let again = match times {
        1 => String::new(),
        2 => "; there is another one".to_owned(),
        times => format!("; there are {} more", times - 1),
    };
    let too_many = most.filter(|most| rows > most);
    let refused = too_many.map_or_else(String::new, |most| {
        format!("; a member refuses more than {most} (wsrep_max_ws_rows, error 1180)")
    });
    let evidence = format!("{what}{again}, says the {}{refused}", log.word());
    let fix = match too_many {
        Some(most) => format!("change {most} rows at a time at most, for example with LIMIT, and commit each time"),
        None => "change 1,000 to 10,000 rows at a time, for example with LIMIT, and commit each time; or before such a transaction: SET SESSION wsrep_trx_fragment_unit = 'rows', SESSION wsrep_trx_fragment_size = 10000".to_owned(),
    };
    let found = Finding::new(LARGE_TRANSACTION, &large.name, evidence, fix);
    if too_many.is_some() { found.severity(Severity::Degraded) } else { found }
}
