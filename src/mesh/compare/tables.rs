//! The tables of a node, as its server tells them.

use serde::Deserialize;

use crate::kernel::compare::{Column, Table};
use crate::mesh::model::DatabaseName;
use crate::mesh::statements::full_name;

#[derive(Deserialize)]
struct Told {
    schema: String,
    name: String,
    estimate: u64,
    sent: bool,
    /// Schema and name.
    root: Option<(String, String)>,
    key: Vec<String>,
    columns: Vec<ToldColumn>,
}

#[derive(Deserialize)]
struct ToldColumn {
    name: String,
    kind: String,
    definition: String,
    computed: bool,
}

/// The answer of one database; `None`: it cannot be read.
pub fn read(database: &DatabaseName, answer: &str) -> Option<Vec<Table>> {
    let told: Vec<Told> = serde_json::from_str(answer.trim()).ok()?;
    let column = |it: ToldColumn| Column {
        name: it.name,
        kind: it.kind,
        definition: it.definition,
        computed: it.computed,
    };
    let table = |it: Told| Table {
        name: full_name(database.as_str(), &it.schema, &it.name),
        part_of: it.root.map(|(schema, name)| full_name(database.as_str(), &schema, &name)),
        key: it.key,
        index: "primary key".into(),
        columns: it.columns.into_iter().map(column).collect(),
        estimate: it.estimate,
        apart: (!it.sent).then(|| "its changes are not sent".to_owned()),
    };
    Some(told.into_iter().map(table).collect())
}
