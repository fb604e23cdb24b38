//! What a statement does to the tables of a mesh, and whether replication can go on meanwhile.

use sqlparser::ast::{
    AlterColumnOperation, AlterTableOperation, ColumnOption, CreateTable, Expr, Ident, ObjectName,
    ObjectType, Statement, TableConstraint, UnaryOperator,
};
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Location, Token, Tokenizer};

use crate::mesh::statements::TableName;

/// One statement of a file, as it is written there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub sql: String,
    pub does: Does,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Does {
    CreateTable {
        table: TableName,
        key: Vec<String>,
    },
    /// A table whose rows will be in partitions.
    CreatePartitioned {
        table: TableName,
        key: Vec<String>,
    },
    CreatePartition {
        table: TableName,
        of: TableName,
    },
    AddColumn {
        table: TableName,
        column: String,
    },
    DropColumn {
        table: TableName,
        column: String,
    },
    Widen {
        table: TableName,
        column: String,
        to: String,
    },
    NotNull {
        table: TableName,
        column: String,
    },
    DropTable {
        table: TableName,
    },
    Index {
        table: TableName,
        name: TableName,
        concurrently: bool,
    },
    /// It can be done again, and nothing that is sent depends on it.
    Again,
}

/// Why a file is not carried out; and what to do instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub what: String,
    pub instead: String,
}

fn refused<T>(what: impl Into<String>, instead: impl Into<String>) -> Result<T, Refused> {
    Err(Refused { what: what.into(), instead: instead.into() })
}

/// All statements of a file. Errors: each that cannot be carried out.
pub fn read(text: &str) -> Result<Vec<Written>, Vec<Refused>> {
    let pieces = split(text).map_err(|why| vec![why])?;
    let (mut read, mut wrong) = (Vec::new(), Vec::new());
    for sql in pieces {
        match one(&sql) {
            Ok(does) => read.push(Written { sql, does }),
            Err(why) => wrong.push(Refused { what: format!("{}: {}", beginning(&sql), why.what), ..why }),
        }
    }
    if read.is_empty() && wrong.is_empty() {
        wrong.push(Refused { what: "the file has no statement".into(), instead: "write one into it".into() });
    }
    if wrong.is_empty() { Ok(read) } else { Err(wrong) }
}

/// The first line of a statement.
pub fn beginning(sql: &str) -> String {
    let line = sql.lines().next().unwrap_or_default();
    line.chars().take(60).collect()
}

/// The file cut at its semicolons; one in a text or a function's body cuts nothing.
fn split(text: &str) -> Result<Vec<String>, Refused> {
    let unread = |why: String| Refused {
        what: format!("the file cannot be read: {why}"),
        instead: "write it as PostgreSQL takes it".into(),
    };
    let tokens = Tokenizer::new(&PostgreSqlDialect {}, text).tokenize_with_location();
    let tokens = tokens.map_err(|why| unread(why.to_string()))?;
    let (mut pieces, mut from) = (Vec::new(), None);
    for token in &tokens {
        let start = offset(text, token.span.start);
        match &token.token {
            Token::Whitespace(_) | Token::EOF => {}
            Token::SemiColon => {
                pieces.extend(from.take().map(|from: usize| text[from..start].trim().to_owned()));
            }
            _ => from = from.or(Some(start)),
        }
    }
    pieces.extend(from.map(|from| text[from..].trim().to_owned()));
    Ok(pieces)
}

/// The place of a line and a column, which count characters from 1 on, in bytes.
fn offset(text: &str, at: Location) -> usize {
    let mut lines = text.split_inclusive('\n');
    let before: usize =
        lines.by_ref().take(usize::try_from(at.line).unwrap_or(1).saturating_sub(1)).map(str::len).sum();
    let column = usize::try_from(at.column).unwrap_or(1).saturating_sub(1);
    before + lines.next().unwrap_or_default().chars().take(column).map(char::len_utf8).sum::<usize>()
}

fn one(sql: &str) -> Result<Does, Refused> {
    let parsed = Parser::parse_sql(&PostgreSqlDialect {}, sql);
    let Ok([statement]) = parsed.as_deref() else {
        let why = parsed.err().map(|why| format!(": {why}")).unwrap_or_default();
        return refused(format!("it cannot be read{why}"), "write it in its usual form");
    };
    match statement {
        Statement::CreateTable(create) => create_table(create),
        Statement::AlterTable(alter) => {
            let table = name(&alter.name)?;
            match alter.operations.as_slice() {
                [operation] => altered(table, operation),
                _ => refused(
                    "it has several changes in one",
                    "write each as an ALTER TABLE of its own, in a file of its own",
                ),
            }
        }
        Statement::CreateIndex(index) if index.unique => refused(
            "a unique index stops replication where two nodes have written the same value",
            "see by hand that no value is there twice, and that only one node writes them; then make it on each node with psql",
        ),
        Statement::CreateIndex(index) => {
            let table = name(&index.table_name)?;
            let Some(own) = &index.name else {
                return refused("the index has no name", "give it one, so that it has the same on all nodes");
            };
            let (_, own) = name(own)?;
            Ok(Does::Index { name: (table.0.clone(), own), table, concurrently: index.concurrently })
        }
        Statement::CreateView(view) if view.or_replace && !view.materialized => Ok(Does::Again),
        Statement::CreateFunction(function) if function.or_replace => Ok(Does::Again),
        Statement::CreateView(_) | Statement::CreateFunction(_) => {
            refused("it cannot be done a second time", "write CREATE OR REPLACE")
        }
        Statement::Grant(_)
        | Statement::Comment { .. }
        | Statement::Drop {
            object_type: ObjectType::View | ObjectType::Index,
            if_exists: true,
            cascade: false,
            ..
        } => Ok(Does::Again),
        Statement::Drop { object_type: ObjectType::Table, names, cascade: false, .. } => {
            match names.as_slice() {
                [one] => Ok(Does::DropTable { table: name(one)? }),
                _ => refused("it drops several tables", "write a DROP TABLE for each"),
            }
        }
        _ => refused("galactl knows no order in which replication goes on meanwhile", OTHERWISE),
    }
}

const OTHERWISE: &str = "do it in small steps that it knows (CREATE TABLE, CREATE INDEX, ADD COLUMN, DROP COLUMN, a wider type, SET NOT NULL, CREATE OR REPLACE VIEW or FUNCTION, GRANT, DROP TABLE), and move data by the application; or stop all clients, and do it on each node with psql";

fn name(name: &ObjectName) -> Result<TableName, Refused> {
    let parts: Option<Vec<String>> = name.0.iter().map(|part| part.as_ident().map(folded)).collect();
    match parts.as_deref() {
        Some([table]) => Ok(("public".into(), table.clone())),
        Some([schema, table]) => Ok((schema.clone(), table.clone())),
        _ => refused(format!("the name {name}"), "write it as schema.name"),
    }
}

/// A name as PostgreSQL takes it: without quotes, in small letters.
fn folded(ident: &Ident) -> String {
    if ident.quote_style.is_some() { ident.value.clone() } else { ident.value.to_lowercase() }
}

fn create_table(create: &CreateTable) -> Result<Does, Refused> {
    let table = name(&create.name)?;
    if create.temporary || create.unlogged || create.query.is_some() || create.or_replace {
        return refused(
            "only an ordinary, empty table can be sent",
            "write CREATE TABLE with columns and a primary key",
        );
    }
    if let Some(of) = &create.partition_of {
        return Ok(Does::CreatePartition { table, of: self::name(of)? });
    }
    let of_columns = create.columns.iter().filter_map(|column| {
        let is_key = column.options.iter().any(|it| matches!(it.option, ColumnOption::PrimaryKey(_)));
        is_key.then(|| folded(&column.name))
    });
    let of_constraint = create.constraints.iter().filter_map(|constraint| match constraint {
        TableConstraint::PrimaryKey(key) => Some(&key.columns),
        _ => None,
    });
    let of_constraint = of_constraint.flatten().map(|column| column.to_string().trim_matches('"').to_owned());
    let key: Vec<String> = of_columns.chain(of_constraint).collect();
    match key.is_empty() {
        true => refused(
            "the table has no primary key",
            "give it one: rows without a key cannot be told apart on other nodes",
        ),
        false if create.partition_by.is_some() => Ok(Does::CreatePartitioned { table, key }),
        false => Ok(Does::CreateTable { table, key }),
    }
}

fn altered(table: TableName, operation: &AlterTableOperation) -> Result<Does, Refused> {
    match operation {
        AlterTableOperation::AddColumn { column_def, .. } => {
            for option in &column_def.options {
                match &option.option {
                    ColumnOption::Null => {}
                    ColumnOption::Default(value) if is_constant(value) => {}
                    ColumnOption::NotNull if has_default(column_def) => {}
                    ColumnOption::Default(_) => {
                        return refused(
                            "each node would compute the default for its own rows, and they would differ",
                            "add the column without it, fill it by an UPDATE on one node, then ALTER COLUMN … SET DEFAULT",
                        );
                    }
                    _ => {
                        return refused(
                            format!("a new column with {option}"),
                            "add it nullable, or with a constant default, and the rest in later files",
                        );
                    }
                }
            }
            Ok(Does::AddColumn { table, column: folded(&column_def.name) })
        }
        AlterTableOperation::DropColumn { column_names, drop_behavior: None, .. } => {
            match column_names.as_slice() {
                [one] => Ok(Does::DropColumn { table, column: folded(one) }),
                _ => refused("it drops several columns", "write a file for each"),
            }
        }
        AlterTableOperation::AlterColumn { column_name, op } => {
            let column = folded(column_name);
            match op {
                AlterColumnOperation::SetNotNull => Ok(Does::NotNull { table, column }),
                AlterColumnOperation::SetDataType { data_type, using: None, .. } => {
                    Ok(Does::Widen { table, column, to: data_type.to_string().to_lowercase() })
                }
                // A node writes the value itself, and sends it.
                AlterColumnOperation::SetDefault { .. } | AlterColumnOperation::DropDefault => {
                    Ok(Does::Again)
                }
                _ => refused("replication would stop on nodes that do not have it yet", OTHERWISE),
            }
        }
        AlterTableOperation::OwnerTo { .. } => Ok(Does::Again),
        AlterTableOperation::RenameColumn { .. } | AlterTableOperation::RenameTable { .. } => refused(
            "changes with the old name stop nodes that have the new one",
            "add the new one, let the application write both, fill it on one node, and drop the old one later",
        ),
        _ => refused("galactl knows no order in which replication goes on meanwhile", OTHERWISE),
    }
}

fn has_default(column: &sqlparser::ast::ColumnDef) -> bool {
    column.options.iter().any(|it| matches!(&it.option, ColumnOption::Default(value) if is_constant(value)))
}

/// The same on all nodes, whenever it is computed.
fn is_constant(value: &Expr) -> bool {
    match value {
        Expr::Value(_) => true,
        Expr::UnaryOp { op: UnaryOperator::Minus | UnaryOperator::Plus, expr } | Expr::Nested(expr) => {
            is_constant(expr)
        }
        _ => false,
    }
}

/// The type may become this one while values of both go around.
pub fn is_wider(from: &str, to: &str) -> bool {
    let rank = |kind: &str| ["smallint", "integer", "bigint"].iter().position(|it| *it == kind);
    let full = |kind: &str| match kind {
        "int2" => "smallint".to_owned(),
        "int" | "int4" => "integer".to_owned(),
        "int8" => "bigint".to_owned(),
        other => other.to_owned(),
    };
    let (from, to) = (&*full(from), &*full(to));
    let length = |kind: &str| {
        let inner = kind.strip_prefix("character varying").or_else(|| kind.strip_prefix("varchar"))?;
        inner.trim().strip_prefix('(')?.strip_suffix(')')?.parse::<u32>().ok()
    };
    match (rank(from), rank(to)) {
        (Some(from), Some(to)) => from <= to,
        _ => match (length(from), length(to)) {
            (Some(from), Some(to)) => from <= to,
            (Some(_), None) => matches!(to, "text" | "varchar" | "character varying"),
            _ => from == to || from == "real" && to == "double precision",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> TableName {
        ("public".into(), "t".into())
    }

    #[test]
    fn statements_are_told_apart() {
        let text = "-- a comment; with a semicolon
CREATE TABLE t (id bigint PRIMARY KEY, v text DEFAULT ';');
alter table T add column x int default -7;
ALTER TABLE t DROP COLUMN x; CREATE INDEX CONCURRENTLY i ON t (v);
CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1; $$;
CREATE TABLE p (id int PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE p_1 PARTITION OF s.p FOR VALUES FROM (0) TO (10);
DROP TABLE public.\"T\"";
        let does: Vec<_> = read(text).unwrap().into_iter().map(|it| it.does).collect();
        let wanted = [
            Does::CreateTable { table: table(), key: vec!["id".into()] },
            Does::AddColumn { table: table(), column: "x".into() },
            Does::DropColumn { table: table(), column: "x".into() },
            Does::Index { table: table(), name: ("public".into(), "i".into()), concurrently: true },
            Does::Again,
            Does::CreatePartitioned { table: ("public".into(), "p".into()), key: vec!["id".into()] },
            Does::CreatePartition { table: ("public".into(), "p_1".into()), of: ("s".into(), "p".into()) },
            Does::DropTable { table: ("public".into(), "T".into()) },
        ];
        assert_eq!(does, wanted);
    }

    #[test]
    fn what_would_stop_replication_is_refused() {
        for text in [
            "CREATE TABLE t (v text)",
            "CREATE UNIQUE INDEX i ON t (v)",
            "ALTER TABLE t ADD COLUMN x timestamptz DEFAULT now()",
            "ALTER TABLE t ADD COLUMN x int NOT NULL",
            "ALTER TABLE t ADD COLUMN x int UNIQUE",
            "ALTER TABLE t RENAME COLUMN v TO w",
            "ALTER TABLE t ADD COLUMN x int, DROP COLUMN v",
            "ALTER TABLE t ADD PRIMARY KEY (v)",
            "DROP TABLE t CASCADE",
            "UPDATE t SET v = 1",
            "SELECT 1 \\; \\! reboot",
            "TRUNCATE t",
            "",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn wider_types() {
        assert!(is_wider("integer", "int8") && is_wider("character varying(10)", "varchar(20)"));
        assert!(is_wider("character varying(10)", "text") && !is_wider("bigint", "int"));
        assert!(!is_wider("text", "varchar(20)") && !is_wider("integer", "text"));
    }
}
