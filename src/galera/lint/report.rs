//! All that a schema's rules have found.

use serde::Serialize;

use super::log::Log;
use super::place::Place;
use super::region::{Ownership, by_region};
use super::rules;
use super::schema::Schema;
use super::written::Written;
use crate::kernel;
use crate::kernel::lint::{Acceptance, Looked, Source};

/// All that the rules have found.
pub type Report = kernel::lint::Report<Regions>;

/// Which tables' rows can be owned by regions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Regions {
    /// The column that tells a row's region.
    pub column: String,
    pub tables: Vec<Ownership>,
    /// For `--written`: what a binary log tells of who wrote them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub written: Option<Written>,
}

/// Asks every rule.
pub fn lint(schema: Schema, source: Source, place: Place, accepted: &[Acceptance]) -> Report {
    with_regions(schema, source, place, accepted, None)
}

/// As [`lint`], and looks which tables' rows the column gives to regions.
pub fn with_regions(
    schema: Schema,
    source: Source,
    place: Place,
    accepted: &[Acceptance],
    column: Option<&str>,
) -> Report {
    let schema = schema.without_the_servers_own();
    let written = || schema.written.as_ref().map(|(_, written)| written.clone());
    let regions = column.map(|column| Regions {
        column: column.to_owned(),
        tables: by_region(&schema, column),
        written: written(),
    });
    let looked = Looked {
        source,
        version: schema.version.as_ref().map(ToString::to_string),
        product: if schema.of_mysql { "MySQL" } else { "MariaDB" },
        whole: "cluster",
        nodes: place.nodes,
        member: place.member,
        tables: schema.tables.len(),
        programs: schema.programs.len(),
        sequences: schema.sequences.len(),
    };
    let report = Report::of(looked, rules::check(&schema, place), accepted);
    Report { regions, not_looked_at: not_looked_at(&schema), unread: schema.unread, ..report }
}

fn not_looked_at(schema: &Schema) -> Vec<&'static str> {
    let accounts = schema.accounts.is_none().then_some("whether definers exist");
    let settings = schema.settings.is_none().then_some("the settings of the server");
    let large = schema.large.is_none().then(|| large(schema)).flatten();
    accounts.into_iter().chain(settings).chain(large).collect()
}

/// Why nobody looked; a log that could not be read is told as such.
fn large(schema: &Schema) -> Option<&'static str> {
    let Some(settings) = &schema.settings else { return Some("how large transactions are") };
    let off = [Log::Slow, Log::General].iter().all(|log| log.written(settings).is_none());
    off.then_some("how large transactions are (slow_query_log and general_log are OFF)")
}
