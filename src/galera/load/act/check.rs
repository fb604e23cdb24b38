//! Counts what Galera does not promise: stale reads and lost updates, on a cluster without any fault.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use mysql::Conn;
use mysql::prelude::Queryable;
use tokio::task::spawn_blocking;

use super::reach::Target;
use crate::galera::guest::act::Guest;
use crate::galera::load::check::{Checked, Increments, Reads};
use crate::kernel::run::step_error::StepError;

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

/// Errors: a node cannot be reached, or refuses a statement that is none of the increments.
pub async fn count(guest: &Guest, targets: &[Target]) -> Result<Checked, StepError> {
    let broken = |_| StepError::new("the thread that checks broke down");
    let (guest, targets) = (guest.clone(), targets.to_vec());
    let checked = spawn_blocking(move || all(&guest, &targets)).await.map_err(broken)?;
    checked.map_err(|error| StepError::new(format!("the check was cut short: {error}")))
}

fn all(guest: &Guest, targets: &[Target]) -> Result<Checked, mysql::Error> {
    let table = format!("{}.checked", guest.name);
    let mut first = guest.connect(&targets[0].route)?;
    first.query_drop(format!(
        "CREATE TABLE {table} (id INT PRIMARY KEY, value BIGINT NOT NULL) ENGINE=InnoDB"
    ))?;
    first.query_drop(format!("INSERT INTO {table} VALUES (1, 0), (2, 0), (3, 0), (4, 0), (5, 0)"))?;
    let mut other = guest.connect(&targets[targets.len() - 1].route)?;
    Ok(Checked {
        reads: reads(&mut first, &mut other, &table, 1, 0)?,
        reads_with_wait: reads(&mut first, &mut other, &table, 2, 1)?,
        read_then_write: increments(guest, targets, &table, 3, Way::ReadThenWrite)?,
        read_for_update: increments(guest, targets, &table, 4, Way::ReadForUpdate)?,
        in_one_statement: increments(guest, targets, &table, 5, Way::InOneStatement)?,
    })
}

/// Writes a number on one node, and reads it on the other as soon as its commit is confirmed.
fn reads(
    writer: &mut Conn,
    reader: &mut Conn,
    table: &str,
    id: u32,
    wait: u32,
) -> Result<Reads, mysql::Error> {
    reader.query_drop("SET SESSION wsrep_sync_wait = 1")?;
    reader.query_drop(format!("SELECT value FROM {table} WHERE id = {id}"))?;
    reader.query_drop(format!("SET SESSION wsrep_sync_wait = {wait}"))?;
    let mut reads = Reads::default();
    for number in 1..=READS {
        writer.query_drop(format!("UPDATE {table} SET value = {number} WHERE id = {id}"))?;
        let read: Option<u64> = reader.query_first(format!("SELECT value FROM {table} WHERE id = {id}"))?;
        reads.made += 1;
        reads.stale += u64::from(read != Some(number));
    }
    Ok(reads)
}

fn increments(
    guest: &Guest,
    targets: &[Target],
    table: &str,
    id: u32,
    way: Way,
) -> Result<Increments, mysql::Error> {
    let (confirmed, open) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    std::thread::scope(|scope| {
        for target in targets.iter().cycle().take(targets.len() * CLIENTS) {
            let (confirmed, open) = (Arc::clone(&confirmed), Arc::clone(&open));
            scope.spawn(move || {
                let Ok(mut connection) = guest.connect(&target.route) else { return };
                for _ in 0..INCREMENTS {
                    let done = (0..REPEATS).find_map(|_| increment(&mut connection, table, id, way));
                    match done {
                        Some(true) => confirmed.fetch_add(1, Ordering::Relaxed),
                        Some(false) | None => open.fetch_add(1, Ordering::Relaxed),
                    };
                }
            });
        }
    });
    let mut connection = guest.connect(&targets[0].route)?;
    connection.query_drop("SET SESSION wsrep_sync_wait = 1")?;
    let value: Option<u64> = connection.query_first(format!("SELECT value FROM {table} WHERE id = {id}"))?;
    let [confirmed, open] = [confirmed, open].map(|it| it.load(Ordering::Relaxed));
    Ok(Increments { confirmed, open, value: value.unwrap_or(0) })
}

/// `None`: the server has undone it, and it can be repeated. False: nobody knows.
fn increment(connection: &mut Conn, table: &str, id: u32, way: Way) -> Option<bool> {
    let tried = attempt(connection, table, id, way);
    match tried {
        Ok(()) => Some(true),
        Err(mysql::Error::MySqlError(_)) => {
            let _ = connection.query_drop("ROLLBACK");
            None
        }
        Err(_) => Some(false),
    }
}

fn attempt(connection: &mut Conn, table: &str, id: u32, way: Way) -> Result<(), mysql::Error> {
    let more = match way {
        Way::InOneStatement => {
            return connection.query_drop(format!("UPDATE {table} SET value = value + 1 WHERE id = {id}"));
        }
        Way::ReadThenWrite => "",
        Way::ReadForUpdate => " FOR UPDATE",
    };
    connection.query_drop("START TRANSACTION")?;
    let read: Option<u64> =
        connection.query_first(format!("SELECT value FROM {table} WHERE id = {id}{more}"))?;
    connection.query_drop(format!("UPDATE {table} SET value = {} WHERE id = {id}", read.unwrap_or(0) + 1))?;
    connection.query_drop("COMMIT")
}
