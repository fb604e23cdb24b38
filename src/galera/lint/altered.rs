//! Statements that change a table, before the move into a cluster and on a member.

use super::name::Name;
use super::place::Place;
use super::schema::{ProgramKind, Schema, Table};

/// What follows `ALTER TABLE name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The columns stay as they are.
    SameColumns(String),
    /// A new column comes first, and gives its values by itself.
    NewFirstColumn(String),
}

/// Statements that change a table. On a member a plain ALTER TABLE runs on every node with that node's own rows; where
/// these may differ, the rows are copied through replication, which gives them to all nodes alike.
pub fn altered(schema: &Schema, table: &Table, change: &Change, place: Place) -> String {
    match place.member {
        true => copied(schema, table, change),
        false => format!("before the move: ALTER TABLE {} {}", table.name.quoted(), change.clause()),
    }
}

/// Statements that copy a table's rows through replication, where a copy has all that the table has. The old table is
/// left to the reader: rows that somebody wrote during the copy are only there.
fn copied(schema: &Schema, table: &Table, change: &Change) -> String {
    const QUIET: &str = "while nobody writes to it";
    let lost = lost_in_a_copy(schema, table);
    if !lost.is_empty() {
        return format!(
            "{QUIET}, write it to a file with mariadb-dump --complete-insert, give its CREATE TABLE there {}, and load the file; a copy by INSERT … SELECT loses {}",
            change.definition(),
            lost.join(", ")
        );
    }
    let [old, new, kept] = ["", "_new", "_old"]
        .map(|end| Name::new(table.name.schema.clone(), format!("{}{end}", table.name.name)).quoted());
    let columns = match change {
        Change::SameColumns(_) => "t.*",
        Change::NewFirstColumn(_) => "NULL, t.*",
    };
    format!(
        "{QUIET}, and for a small table only, whose rows are one write-set; then compare the rows, and drop {kept}: CREATE TABLE {new} LIKE {old}; ALTER TABLE {new} {}; INSERT INTO {new} SELECT {columns} FROM {old} t; RENAME TABLE {old} TO {kept}, {new} TO {old}",
        change.clause()
    )
}

/// What `CREATE TABLE … LIKE` and `INSERT … SELECT` do not take over, or do not take.
fn lost_in_a_copy(schema: &Schema, table: &Table) -> Vec<String> {
    let is_its_trigger =
        |kind, of: &Option<Name>| kind == ProgramKind::Trigger && of.as_ref() == Some(&table.name);
    let triggers = schema.programs.iter().filter(|it| is_its_trigger(it.kind, &it.table));
    let triggers = triggers.map(|it| format!("its trigger {}", it.name.name));
    let own = table.foreign_keys.iter().map(|key| format!("its foreign key to {}", key.parent));
    let children =
        schema.tables.iter().filter(|it| it.foreign_keys.iter().any(|key| key.parent == table.name));
    let children = children.map(|it| format!("the foreign key of {}", it.name));
    let hidden = table.columns.iter().filter(|column| column.generated || column.invisible);
    let hidden = hidden.map(|column| match column.generated {
        true => format!("its generated column {}", column.name),
        false => format!("its invisible column {}", column.name),
    });
    let history = "its history, which mariadb-dump writes only with --dump-history (10.11 and later)";
    let history = table.versioned.then(|| history.to_owned());
    triggers.chain(own).chain(children).chain(hidden).chain(history).collect()
}

impl Change {
    /// As `CREATE TABLE` has it.
    fn definition(&self) -> &str {
        let clause = self.clause();
        let clause = clause.strip_prefix("ADD ").unwrap_or(clause);
        clause.strip_suffix(" FIRST").unwrap_or(clause)
    }

    fn clause(&self) -> &str {
        match self {
            Self::SameColumns(clause) | Self::NewFirstColumn(clause) => clause,
        }
    }
}
