//! Which node wrote the rows of a region, as the events of a member's binary log tell.
//!
//! A row event has the `server_id` of the server on which a client wrote, also in the binary logs of the others (measured on
//! 10.5, 10.11 and 11.8, with `log_slave_updates` ON and OFF).

use std::collections::BTreeMap;

use serde::Serialize;

use super::name::{Name, quoted, shown};
use crate::kernel::model::NodeName;

/// What a binary log has told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Written {
    /// The member whose binary log was read.
    pub member: NodeName,
    /// Back from now.
    pub seconds: u64,
    /// Tables with the column.
    pub tables: usize,
    /// Different values in one table, all tables together.
    pub values: usize,
    /// Values that several nodes wrote.
    pub crossed: Vec<Crossed>,
    /// There were more values than are read.
    pub cut: bool,
}

/// Rows of one region that several nodes wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Crossed {
    #[serde(serialize_with = "as_text")]
    pub table: Name,
    /// As SQL writes it: `'eu'`, `7`.
    pub value: String,
    /// Most rows first.
    pub by: Vec<By>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct By {
    pub node: String,
    pub rows: u64,
    /// The time of the last one, by the clock of that node.
    pub last: String,
}

fn as_text<S: serde::Serializer>(name: &Name, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(name)
}

/// A table whose rows are looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    pub name: Name,
    /// The column's place in a row, from 1.
    pub place: usize,
}

/// What `written.sh` is told: a line for each table, with its number, the column's place, and the name as the decoded log
/// has it.
pub fn lines(watched: &[Watched]) -> String {
    let line = |(number, it): (usize, &Watched)| format!("{number}\t{}\t{}\n", it.place, it.name.quoted());
    watched.iter().enumerate().map(line).collect()
}

/// What `written.sh` has told: rows, server_id, number of the table, time, value. `nodes`: by their server_id.
pub fn read(
    rows: &[&str],
    watched: &[Watched],
    nodes: &BTreeMap<u64, NodeName>,
    (member, seconds): (NodeName, u64),
) -> Written {
    let mut values: BTreeMap<(&Name, &str), Vec<By>> = BTreeMap::new();
    for row in rows {
        let mut fields = row.splitn(5, '\t');
        let mut number = || fields.next()?.parse::<u64>().ok();
        let (Some(count), Some(id), Some(table)) = (number(), number(), number()) else { continue };
        let table = usize::try_from(table).ok().and_then(|at| watched.get(at));
        let (Some(Watched { name, .. }), Some(last), Some(value)) = (table, fields.next(), fields.next())
        else {
            continue;
        };
        let node =
            nodes.get(&id).map_or_else(|| format!("a server with server_id {id}"), ToString::to_string);
        values.entry((name, value)).or_default().push(By { node, rows: count, last: shown(last) });
    }
    let of = values.len();
    let crossed = values.into_iter().filter(|(_, by)| by.len() > 1).map(|((table, value), mut by)| {
        by.sort_by(|a, b| b.rows.cmp(&a.rows).then_with(|| a.node.cmp(&b.node)));
        Crossed { table: table.clone(), value: shown(value), by }
    });
    let cut = rows.contains(&"@more");
    Written { member, seconds, tables: watched.len(), values: of, crossed: crossed.collect(), cut }
}

/// `column = 'eu'`, as a statement has it. The decoded log leaves quotes in a text as they are, and tells a number without
/// a sign in brackets behind the one with it.
pub fn condition(column: &str, value: &str) -> String {
    let inside = value.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    let value = match (inside, value.split_once(" (")) {
        (Some(text), _) => format!("'{}'", text.replace('\'', "''")),
        (None, Some((_, unsigned))) => unsigned.trim_end_matches(')').to_owned(),
        (None, None) => value.to_owned(),
    };
    format!("{} = {value}", quoted(column))
}
