//! SQL → [`Schema`]: what a dump holds, and what a server says of its tables.

mod alter;
mod cursor;
mod dropped;
mod form;
mod program;
mod split;
mod statement;
mod table;

use std::collections::BTreeMap;

use cursor::{Cursor, parts};
pub use form::foreign;
use split::Splitter;
use statement::Statement;

use super::name::{Name, shown};
use super::schema::{KeyKind, Program, ProgramKind, Schema, Sequence, Table};
use super::token::{Token, tokens};
use crate::kernel::lint::Unread;

/// The cache of a sequence that names none (MariaDB documentation, CREATE SEQUENCE).
const USUAL_CACHE: u64 = 1000;
/// So many statements that cannot be read are kept; of the others, only their number.
const MOST_UNREAD: usize = 1000;
/// The longest beginning of a statement that is shown.
const LONGEST_SHOWN: usize = 60;
/// Statements that say nothing of a schema.
const NO_MATTER: [&str; 32] = [
    "ANALYZE",
    "BEGIN",
    "CALL",
    "CHANGE",
    "CHECK",
    "COMMIT",
    "CONNECT",
    "DEALLOCATE",
    "DELETE",
    "DO",
    "END",
    "EXECUTE",
    "FLUSH",
    "GRANT",
    "INSERT",
    "INSTALL",
    "LOAD",
    "LOCK",
    "OPTIMIZE",
    "PREPARE",
    "REPLACE",
    "RESET",
    "REVOKE",
    "ROLLBACK",
    "SELECT",
    "SET",
    "SHOW",
    "SOURCE",
    "START",
    "STOP",
    "UNLOCK",
    "UPDATE",
];

/// Reads a dump, as its bytes come.
#[derive(Debug)]
pub struct Dump {
    /// What the dump is called, for the places of what cannot be read.
    origin: String,
    splitter: Splitter,
    builder: Builder,
    unread: Vec<Unread>,
    /// Those that were not kept.
    more_unread: usize,
}

impl Dump {
    pub fn new(origin: impl Into<String>) -> Self {
        let (splitter, builder, unread) = (Splitter::default(), Builder::default(), Vec::new());
        Self { origin: origin.into(), splitter, builder, unread, more_unread: 0 }
    }

    pub fn feed(&mut self, bytes: &[u8]) {
        for statement in self.splitter.feed(bytes) {
            self.take(&statement);
        }
    }

    pub fn finish(mut self) -> Schema {
        let (last, open) = self.splitter.finish();
        match open {
            Some(open) => self.unread(last.last().map_or(1, |statement| statement.line), open),
            None => last.iter().for_each(|statement| self.take(statement)),
        }
        if self.more_unread > 0 {
            let what = format!("{} more statements could not be read", self.more_unread);
            self.unread.push(Unread { at: self.origin, what });
        }
        let version = self.splitter.version.as_deref();
        let of_mysql = version.is_some_and(|text| !text.contains("MariaDB"));
        let version = version.and_then(|text| text.parse().ok());
        Schema { version, of_mysql, unread: self.unread, ..self.builder.schema() }
    }

    fn take(&mut self, statement: &Statement) {
        if statement.too_long {
            return self.unread(statement.line, "the statement is longer than 4 MiB");
        }
        if NO_MATTER.contains(&statement.first_word.as_str()) {
            return;
        }
        if let Err(why) = self.builder.statement(statement) {
            self.unread(statement.line, &why);
        }
    }

    fn unread(&mut self, line: usize, what: &str) {
        if self.unread.len() == MOST_UNREAD {
            self.more_unread += 1;
            return;
        }
        let what = what.to_owned();
        self.unread.push(Unread { at: format!("{}:{line}", self.origin), what });
    }
}

/// One table, as `SHOW CREATE TABLE` tells it.
///
/// Errors: it cannot be read.
pub fn shown_table(schema: &str, sql: &str) -> Result<Shown, String> {
    let mut builder = Builder { current: schema.to_owned(), ..Builder::default() };
    let statement = Statement { line: 1, first_word: "CREATE".into(), text: sql.to_owned(), too_long: false };
    builder.statement(&statement)?;
    let Schema { mut tables, mut sequences, .. } = builder.schema();
    match (tables.pop(), sequences.pop()) {
        (Some(table), _) => Ok(Shown::Table(table)),
        (None, Some(sequence)) => Ok(Shown::Sequence(sequence)),
        (None, None) => Err(format!("it is no table: {}", beginning(&tokens(sql)?))),
    }
}

pub enum Shown {
    Table(Table),
    Sequence(Sequence),
}

/// What was defined so far; a later definition takes the place of an earlier one.
#[derive(Debug, Default)]
struct Builder {
    /// The database of `USE`.
    current: String,
    tables: BTreeMap<Name, Table>,
    sequences: BTreeMap<Name, Sequence>,
    programs: BTreeMap<(ProgramKind, Name), Program>,
}

impl Builder {
    fn schema(self) -> Schema {
        Schema {
            tables: self.tables.into_values().collect(),
            sequences: self.sequences.into_values().collect(),
            programs: self.programs.into_values().collect(),
            ..Schema::default()
        }
    }

    /// Errors: it cannot be read.
    fn statement(&mut self, statement: &Statement) -> Result<(), String> {
        let tokens = tokens(&statement.text)?;
        let mut cursor = Cursor::new(&tokens);
        let read = match statement.first_word.as_str() {
            "USE" => self.use_database(&mut cursor),
            "CREATE" => self.create(&mut cursor),
            "ALTER" => self.alter(&mut cursor),
            "DROP" => dropped::dropped(self, &mut cursor),
            _ => None,
        };
        read.ok_or_else(|| match statement.text.is_empty() {
            true => format!("`{} …` is not known", statement.first_word),
            false => format!("`{} …`", beginning(&tokens)),
        })
    }

    fn use_database(&mut self, cursor: &mut Cursor<'_>) -> Option<()> {
        cursor.take_one(&["USE"]);
        self.current = cursor.name()?;
        Some(())
    }

    fn create(&mut self, cursor: &mut Cursor<'_>) -> Option<()> {
        cursor.take_one(&["CREATE"]);
        let no_matter =
            ["DATABASE", "SCHEMA", "USER", "ROLE", "SERVER", "LOGFILE", "TABLESPACE", "TEMPORARY"];
        let head = program::head(cursor);
        if cursor.take_one(&no_matter) {
            return Some(());
        }
        if cursor.take_one(&["TABLE"]) {
            return self.create_table(cursor);
        }
        if cursor.take_one(&["SEQUENCE"]) {
            return self.create_sequence(cursor);
        }
        if let Some(kind) = cursor.peek().and_then(table::key_kind) {
            cursor.next();
            cursor.take_one(&["INDEX"]);
            return self.create_index(kind, cursor);
        }
        let program = program::program(head, &self.current, cursor)?;
        if program.kind == ProgramKind::View {
            // Before its definition, a dump has a table in its place.
            self.tables.remove(&program.name);
        }
        self.programs.insert((program.kind, program.name.clone()), program);
        Some(())
    }

    fn create_table(&mut self, cursor: &mut Cursor<'_>) -> Option<()> {
        cursor.take(&["IF", "NOT", "EXISTS"]);
        let name = table::name(cursor, &self.current)?;
        let mut inside = *cursor;
        inside.take_sign('(');
        let table = match inside.take_one(&["LIKE"]) {
            true => {
                let model = table::name(&mut inside, &self.current)?;
                let model = self.tables.get(&model)?.clone();
                Table { name: name.clone(), foreign_keys: Vec::new(), auto_increment: None, ..model }
            }
            false => table::table(name.clone(), cursor)?,
        };
        self.tables.insert(name, table);
        Some(())
    }

    fn create_sequence(&mut self, cursor: &mut Cursor<'_>) -> Option<()> {
        cursor.take(&["IF", "NOT", "EXISTS"]);
        let mut sequence =
            Sequence { name: table::name(cursor, &self.current)?, increment: 1, cache: USUAL_CACHE };
        while let Some(token) = cursor.next() {
            if token.is("INCREMENT") {
                cursor.take_one(&["BY"]);
                let negative = cursor.take_sign('-');
                let value: i64 = cursor.value()?.parse().ok()?;
                sequence.increment = if negative { -value } else { value };
            } else if token.is("CACHE") {
                sequence.cache = cursor.value()?.parse().ok()?;
            } else if token.is("NOCACHE") {
                sequence.cache = 0;
            }
        }
        self.sequences.insert(sequence.name.clone(), sequence);
        Some(())
    }

    fn create_index(&mut self, kind: KeyKind, cursor: &mut Cursor<'_>) -> Option<()> {
        cursor.take(&["IF", "NOT", "EXISTS"]);
        let name = cursor.name()?;
        if cursor.take_one(&["USING"]) {
            cursor.next();
        }
        cursor.take_one(&["ON"]).then_some(())?;
        let of = table::name(cursor, &self.current)?;
        let key = table::key(kind, name, cursor)?;
        self.tables.get_mut(&of)?.keys.push(key);
        Some(())
    }

    fn alter(&mut self, cursor: &mut Cursor<'_>) -> Option<()> {
        cursor.take_one(&["ALTER"]);
        cursor.take_one(&["ONLINE", "IGNORE"]);
        if cursor.take_one(&["DATABASE", "SCHEMA", "USER"]) {
            return Some(());
        }
        cursor.take_one(&["TABLE"]).then_some(())?;
        cursor.take(&["IF", "EXISTS"]);
        let name = table::name(cursor, &self.current)?;
        let table = self.tables.get_mut(&name)?;
        parts(cursor.rest()).into_iter().try_for_each(|change| alter::alter(table, change))
    }
}

/// The first words of a statement, up to the first value: a text may be a password.
fn beginning(tokens: &[Token]) -> String {
    let mut text = String::new();
    for token in tokens {
        match token {
            Token::Text(_) | Token::Number(_) => break,
            Token::Sign('.') => text.push('.'),
            Token::Sign(_) => {}
            Token::Word(word) | Token::Name(word) => {
                if !(text.is_empty() || text.ends_with('.')) {
                    text.push(' ');
                }
                text += word;
            }
        }
    }
    shown(&text.chars().take(LONGEST_SHOWN).collect::<String>())
}
