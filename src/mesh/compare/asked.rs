//! Nodes that are asked for their tables and rows.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;
use tokio::time::sleep;

use super::tables;
use crate::kernel::compare::{Asked, Digest, Key, Limits, Range, Row, Table, Trouble, side_by_side};
use crate::kernel::model::NodeName;
use crate::kernel::transport::Host;
use crate::mesh::inventory::Inventory;
use crate::mesh::model::{DatabaseName, Link};
use crate::mesh::psql::question;
use crate::mesh::statements::{self, rows};

/// How long one statement may take.
const LONGEST: Duration = Duration::from_secs(10);
/// How long a node has to apply what the others have written.
const LONGEST_LAG: Duration = Duration::from_secs(30);
/// The pause before the second look at what differs; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// The server has ended the statement at `statement_timeout`.
const TOO_LONG: &str = "due to statement timeout";
/// Somebody changes the table.
const BY_A_CHANGE: &str = "due to lock timeout";
/// The most times that a statement is sent for that.
const TIMES: u32 = 6;

/// Each question takes a session of its own, which is made in about 0.1 s, so there are fewer and longer ones. Whoever changes a table
/// meanwhile waits for one to end, and `galactl ddl` has 2 s of patience at each try.
pub fn limits() -> Limits {
    Limits { pace: Duration::from_millis(1500), ..Limits::default() }
}

/// Nodes of one mesh, each by a session of its own for each question.
pub struct Nodes {
    inventory: Inventory,
    hosts: BTreeMap<NodeName, Arc<Host>>,
    /// Long values are read to their ends.
    whole: bool,
}

impl Nodes {
    pub fn new(inventory: Inventory, hosts: BTreeMap<NodeName, Arc<Host>>, whole: bool) -> Self {
        Self { inventory, hosts, whole }
    }

    pub async fn say(
        &self,
        node: &NodeName,
        database: &DatabaseName,
        statement: &str,
    ) -> Result<String, Trouble> {
        let host = self.hosts.get(node).ok_or_else(|| Trouble::Failed("it was not seen".into()))?;
        let text = [statements::ALIKE, statements::READ_ONLY, statement].concat();
        let patience = if statement.starts_with("DO ") { LONGEST_LAG } else { LONGEST };
        let mut asked = 1;
        loop {
            let command = question(self.inventory.port, database, text.clone(), patience);
            let error = match host.succeed(command).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error.to_string(),
            };
            if error.contains(TOO_LONG) {
                return Err(Trouble::TooLong);
            }
            if asked == TIMES || !error.contains(BY_A_CHANGE) {
                return Err(Trouble::Failed(error));
            }
            asked += 1;
            sleep(LONGEST_PAUSE).await;
        }
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        node: &NodeName,
        table: &Table,
        statement: &str,
    ) -> Result<Option<T>, Trouble> {
        let database = rows::parts(&table.name).0.parse().map_err(|_| unread())?;
        let answer = self.say(node, &database, statement).await?;
        match answer.trim() {
            "" => Ok(None),
            answer => serde_json::from_str(answer).map(Some).map_err(|_| unread()),
        }
    }

    /// The provider's reader `node` has all that the provider has written by now.
    async fn has_read(&self, node: &NodeName, provider: &NodeName) -> Result<(), Trouble> {
        for database in &self.inventory.databases {
            let link = Link { subscriber: node, provider, database: &database.name };
            let slot = link.slot(self.inventory.method);
            self.say(provider, &database.name, &rows::confirmed(&slot)).await?;
        }
        Ok(())
    }
}

fn unread() -> Trouble {
    Trouble::Failed("the server's answer cannot be read".into())
}

impl Asked for Nodes {
    async fn tables(&self, node: &NodeName) -> Result<Vec<Table>, Trouble> {
        let mut all = Vec::new();
        for database in &self.inventory.databases {
            let answer = self.say(node, &database.name, &rows::tables(self.inventory.method)).await?;
            all.extend(tables::read(&database.name, &answer).ok_or_else(unread)?);
        }
        Ok(all)
    }

    async fn key_after(
        &self,
        node: &NodeName,
        table: &Table,
        range: &Range,
        rows: u64,
    ) -> Result<Option<Key>, Trouble> {
        self.ask(node, table, &rows::key_after(table, range, rows)).await.map(|told| told.map(Key))
    }

    async fn digest(&self, node: &NodeName, table: &Table, range: &Range) -> Result<Digest, Trouble> {
        let began = Instant::now();
        let told: Option<[String; 2]> = self.ask(node, table, &rows::digest(table, range)).await?;
        let Some([rows, hash]) = told else { return Err(unread()) };
        let rows = rows.parse().map_err(|_| unread())?;
        Ok(Digest { rows, hash, took: began.elapsed() })
    }

    async fn rows(&self, node: &NodeName, table: &Table, range: &Range) -> Result<Vec<Row>, Trouble> {
        let told: Option<Vec<Vec<String>>> = self.ask(node, table, &rows::rows(table, range)).await?;
        let row = |fields: Vec<String>| {
            let (hash, key) = fields.split_first()?;
            Some(Row { key: Key(key.to_vec()), hash: hash.clone() })
        };
        told.unwrap_or_default().into_iter().map(|fields| row(fields).ok_or_else(unread)).collect()
    }

    async fn values(
        &self,
        node: &NodeName,
        table: &Table,
        key: &Key,
    ) -> Result<Option<Vec<Option<String>>>, Trouble> {
        self.ask(node, table, &rows::values(table, key, self.whole)).await
    }

    /// Each other node sees that this one has read all that it had written before the call.
    async fn settle(&self, node: &NodeName, look: u32) -> Result<(), Trouble> {
        sleep(PAUSE.saturating_mul(1 << look.saturating_sub(1).min(10)).min(LONGEST_PAUSE)).await;
        let others = self.hosts.keys().filter(|other| *other != node);
        let answers = side_by_side(others.map(|provider| self.has_read(node, provider))).await;
        answers.into_iter().collect()
    }
}
