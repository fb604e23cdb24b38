//! Members that are asked for their tables and rows.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::{statements, tables};
use crate::galera::sql::{Database, DbError};
use crate::kernel::compare::{Asked, Digest, Key, Range, Row, Table, Trouble};
use crate::kernel::model::NodeName;

/// The pause before the second look at what differs; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// The server has ended the statement at `max_statement_time`.
const TOO_LONG: &str = "ERROR 1969";
/// A change of the table has ended the statement, which never holds one up, or has made it wait.
const BY_A_CHANGE: [&str; 2] = ["ERROR 1213", "ERROR 1205"];
/// The most times that a statement is sent for that.
const TIMES: u32 = 6;

/// Members of one cluster, each by a session of its own for each question.
pub struct Members {
    databases: BTreeMap<NodeName, Database>,
}

impl Members {
    pub fn new(databases: BTreeMap<NodeName, Database>) -> Self {
        Self { databases }
    }

    fn database(&self, node: &NodeName) -> Result<&Database, Trouble> {
        self.databases.get(node).ok_or_else(|| Trouble::Failed("it was not seen".into()))
    }

    async fn ask(&self, node: &NodeName, statement: &str) -> Result<Vec<Vec<String>>, Trouble> {
        let database = self.database(node)?;
        let session = statements::session();
        let statements: Vec<&str> = session.iter().map(String::as_str).chain([statement]).collect();
        let mut asked = 1;
        loop {
            match database.run(&statements).await {
                Err(error) if asked < TIMES && is_in(&error, &BY_A_CHANGE) => sleep(LONGEST_PAUSE).await,
                answer => return answer.map_err(|error| trouble(&error)),
            }
            asked += 1;
        }
    }
}

fn trouble(error: &DbError) -> Trouble {
    match is_in(error, &[TOO_LONG]) {
        true => Trouble::TooLong,
        false => Trouble::Failed(error.to_string()),
    }
}

fn is_in(error: &DbError, codes: &[&str]) -> bool {
    let said = error.to_string();
    codes.iter().any(|code| said.contains(code))
}

fn unread() -> Trouble {
    Trouble::Failed("the server's answer cannot be read".into())
}

impl Asked for Members {
    async fn tables(&self, node: &NodeName) -> Result<Vec<Table>, Trouble> {
        let told = self.ask(node, &tables::tables()).await?;
        let columns = self.ask(node, &tables::columns()).await?;
        let keys = self.ask(node, &tables::keys()).await?;
        tables::read(&told, &columns, &keys).ok_or_else(unread)
    }

    async fn key_after(
        &self,
        node: &NodeName,
        table: &Table,
        range: &Range,
        rows: u64,
    ) -> Result<Option<Key>, Trouble> {
        let told = self.ask(node, &statements::key_after(table, range, rows)).await?;
        told.first().map(|fields| statements::key(table, fields).ok_or_else(unread)).transpose()
    }

    async fn digest(&self, node: &NodeName, table: &Table, range: &Range) -> Result<Digest, Trouble> {
        let began = Instant::now();
        let told = self.ask(node, &statements::digest(table, range)).await?;
        let Some([rows, hash]) = told.first().map(Vec::as_slice) else { return Err(unread()) };
        let rows = rows.parse().map_err(|_| unread())?;
        Ok(Digest { rows, hash: hash.clone(), took: began.elapsed() })
    }

    async fn rows(&self, node: &NodeName, table: &Table, range: &Range) -> Result<Vec<Row>, Trouble> {
        let told = self.ask(node, &statements::rows(table, range)).await?;
        let row = |fields: Vec<String>| {
            let (hash, key) = fields.split_first()?;
            Some(Row { key: statements::key(table, key)?, hash: hash.clone() })
        };
        told.into_iter().map(|fields| row(fields).ok_or_else(unread)).collect()
    }

    async fn values(
        &self,
        node: &NodeName,
        table: &Table,
        key: &Key,
    ) -> Result<Option<Vec<Option<String>>>, Trouble> {
        let told = self.ask(node, &statements::values(table, key)).await?;
        told.first().map(|fields| statements::told_values(table, fields).ok_or_else(unread)).transpose()
    }

    /// The member waits until it has applied all that the cluster has put in order.
    async fn settle(&self, node: &NodeName, look: u32) -> Result<(), Trouble> {
        sleep(PAUSE.saturating_mul(1 << look.saturating_sub(1).min(10)).min(LONGEST_PAUSE)).await;
        let database = self.database(node)?;
        database
            .run(&["SET SESSION wsrep_sync_wait = 1", "SELECT 1"])
            .await
            .map_err(|error| trouble(&error))?;
        Ok(())
    }
}
