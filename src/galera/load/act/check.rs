//! Counts what Galera does not promise: stale reads and lost updates, on a cluster without any fault.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use mysql::Conn;
use mysql::prelude::Queryable;
use tokio::task::spawn_blocking;

use super::connection;
use super::reach::Target;
use crate::galera::guest::act::Guest;
use crate::galera::guest::answer;
use crate::galera::load::check::{Checked, Increments, Reads};
use crate::kernel::run::interrupt::Interrupt;

/// Reads after a commit, and increments of each client.
const READS: u64 = 500;
const INCREMENTS: u64 = 150;
/// Clients of each node that increment.
const CLIENTS: usize = 2;
/// How often an increment is repeated after an error.
const REPEATS: u32 = 20;

/// How a client adds one to a value.
#[derive(Clone, Copy)]
enum Way {
    ReadThenWrite,
    ReadForUpdate,
    InOneStatement,
}

/// Counts on the first node and the last, and increments on all. `targets` are nodes, and not proxies: through those,
/// two clients may stand on one server.
///
/// Errors: why there are no figures, as a sentence.
pub async fn count(guest: &Guest, targets: &[Target], interrupt: &Interrupt) -> Result<Checked, String> {
    let nodes = targets.len();
    if nodes < 2 {
        return Err(format!(
            "Stale reads and lost updates were not counted: that takes two nodes, and {nodes} lets clients in."
        ));
    }
    let (guest, targets, interrupt) = (guest.clone(), targets.to_vec(), interrupt.clone());
    let checked = spawn_blocking(move || Check { guest, targets, interrupt }.all()).await;
    let why = match checked {
        Ok(Ok(Some(checked))) => return Ok(checked),
        Ok(Ok(None)) => "the load test was ended early".to_owned(),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "the thread that counts broke down".to_owned(),
    };
    Err(format!("Stale reads and lost updates were not counted to the end, so they have no figures: {why}."))
}

/// The check at work, on a thread that blocks.
struct Check {
    guest: Guest,
    targets: Vec<Target>,
    interrupt: Interrupt,
}

impl Check {
    /// `None`: it was ended early.
    fn all(&self) -> Result<Option<Checked>, mysql::Error> {
        let table = format!("{}.checked", self.guest.name);
        let mut first = self.connect(&self.targets[0])?;
        first.query_drop(format!(
            "CREATE TABLE {table} (id INT PRIMARY KEY, value BIGINT NOT NULL) ENGINE=InnoDB"
        ))?;
        first.query_drop(format!("INSERT INTO {table} VALUES (1, 0), (2, 0), (3, 0), (4, 0), (5, 0)"))?;
        let mut other = self.connect(&self.targets[self.targets.len() - 1])?;
        let checked = Checked {
            reads: self.reads(&mut first, &mut other, &table, 1, 0)?,
            reads_with_wait: self.reads(&mut first, &mut other, &table, 2, 1)?,
            read_then_write: self.increments(&table, 3, Way::ReadThenWrite)?,
            read_for_update: self.increments(&table, 4, Way::ReadForUpdate)?,
            in_one_statement: self.increments(&table, 5, Way::InOneStatement)?,
        };
        Ok((!self.interrupt.requested()).then_some(checked))
    }

    fn connect(&self, target: &Target) -> Result<Conn, mysql::Error> {
        connection::open(&self.guest, &target.route, Duration::ZERO)
    }

    /// Writes a number on one node, and reads it on the other as soon as its commit is confirmed.
    fn reads(
        &self,
        writer: &mut Conn,
        reader: &mut Conn,
        table: &str,
        id: u32,
        wait: u32,
    ) -> Result<Reads, mysql::Error> {
        let select = format!("SELECT value FROM {table} WHERE id = {id}");
        reader.query_drop("SET SESSION wsrep_sync_wait = 1")?;
        answer::run(reader, &select)?;
        reader.query_drop(format!("SET SESSION wsrep_sync_wait = {wait}"))?;
        let mut reads = Reads::default();
        for number in (1..=READS).take_while(|_| !self.interrupt.requested()) {
            answer::run(writer, &format!("UPDATE {table} SET value = {number} WHERE id = {id}"))?;
            let read: Option<u64> = answer::first(reader, &select)?;
            reads.made += 1;
            reads.stale += u64::from(read != Some(number));
        }
        Ok(reads)
    }

    fn increments(&self, table: &str, id: u32, way: Way) -> Result<Increments, mysql::Error> {
        let (confirmed, open) = (AtomicU64::new(0), AtomicU64::new(0));
        std::thread::scope(|scope| {
            for target in self.targets.iter().cycle().take(self.targets.len() * CLIENTS) {
                let (confirmed, open) = (&confirmed, &open);
                scope.spawn(move || {
                    let mut connection = None;
                    for _ in (0..INCREMENTS).take_while(|_| !self.interrupt.requested()) {
                        match self.increment(target, &mut connection, table, id, way) {
                            true => confirmed.fetch_add(1, Ordering::Relaxed),
                            false => open.fetch_add(1, Ordering::Relaxed),
                        };
                    }
                });
            }
        });
        let mut connection = self.connect(&self.targets[0])?;
        connection.query_drop("SET SESSION wsrep_sync_wait = 1")?;
        let value = answer::first(&mut connection, &format!("SELECT value FROM {table} WHERE id = {id}"))?;
        let [confirmed, open] = [confirmed, open].map(AtomicU64::into_inner);
        Ok(Increments { confirmed, open, value: value.unwrap_or(0) })
    }

    /// One increment with its repeats. True: its commit was confirmed. Over a new connection where the old one broke.
    fn increment(&self, target: &Target, kept: &mut Option<Conn>, table: &str, id: u32, way: Way) -> bool {
        for _ in 0..REPEATS {
            if kept.is_none() {
                *kept = self.connect(target).ok();
            }
            let Some(connection) = kept else { return false };
            match attempt(connection, table, id, way) {
                Ok(true) => return true,
                // Everything is undone, so that it can be repeated.
                Ok(false) | Err(mysql::Error::MySqlError(_)) => {
                    let _ = connection.query_drop("ROLLBACK");
                }
                // Nobody knows what became of it.
                Err(_) => {
                    *kept = None;
                    return false;
                }
            }
        }
        false
    }
}

/// True: one row was changed, and the commit is confirmed.
fn attempt(connection: &mut Conn, table: &str, id: u32, way: Way) -> Result<bool, mysql::Error> {
    let more = match way {
        Way::InOneStatement => {
            let update = format!("UPDATE {table} SET value = value + 1 WHERE id = {id}");
            return Ok(answer::run(connection, &update)? == 1);
        }
        Way::ReadThenWrite => "",
        Way::ReadForUpdate => " FOR UPDATE",
    };
    answer::run(connection, "START TRANSACTION")?;
    let select = format!("SELECT value FROM {table} WHERE id = {id}{more}");
    let Some(read) = answer::first::<u64>(connection, &select)? else { return Ok(false) };
    let update = format!("UPDATE {table} SET value = {} WHERE id = {id}", read + 1);
    if answer::run(connection, &update)? != 1 {
        return Ok(false);
    }
    answer::run(connection, "COMMIT")?;
    Ok(true)
}
