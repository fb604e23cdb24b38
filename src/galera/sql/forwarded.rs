//! The `mysql` crate over a forwarded unix socket.

use std::path::Path;
use std::time::Duration;

use mysql::prelude::Queryable;
use mysql::{Conn, OptsBuilder};
use tokio::time::sleep;

use super::{DbError, Row};
use crate::kernel::inventory::text::harmless;
use crate::kernel::transport::{Host, TransportError};

/// The longest wait for an answer: a server that shuts down accepts connections and says nothing.
const PATIENCE: Duration = Duration::from_secs(20);
const AFTERMATH: Duration = Duration::from_millis(300);
/// Keeps the driver from asking for the server's own limit, which a non-Primary node may refuse.
const LARGEST_PACKET: usize = 16 << 20;

/// Why the forwarded socket gave no rows.
pub(super) enum Trouble {
    /// There was no session, so nothing was done.
    NotConnected,
    /// The session ended in the middle: the server has gone, or the connection to its host.
    CutOff(String),
    Failed(DbError),
}

pub(super) async fn run(host: &Host, socket: &str, statements: &[&str]) -> Result<Vec<Row>, Trouble> {
    let local = host.forward(socket).await.map_err(|_| Trouble::NotConnected)?;
    let statements: Vec<String> = statements.iter().map(|text| (*text).to_owned()).collect();
    let task = tokio::task::spawn_blocking(move || query(&local, &statements));
    task.await.map_err(|error| Trouble::Failed(DbError::Server(error.to_string())))?
}

/// Tells whether the server or the connection to its host has gone. The forwarded socket closes a moment before its
/// connection does.
pub(super) async fn cut_off(host: &Host, why: String) -> DbError {
    sleep(AFTERMATH).await;
    match host.is_alive().await {
        true => DbError::Server(why),
        false => TransportError::Lost(format!("the SSH connection is gone: {why}")).into(),
    }
}

fn query(socket: &Path, statements: &[String]) -> Result<Vec<Row>, Trouble> {
    let options = OptsBuilder::new()
        .socket(socket.to_str())
        .user(Some("root"))
        .prefer_socket(false)
        .read_timeout(Some(PATIENCE))
        .write_timeout(Some(PATIENCE))
        .tcp_connect_timeout(Some(PATIENCE))
        .max_allowed_packet(Some(LARGEST_PACKET));
    let mut connection = Conn::new(options).map_err(|error| match error {
        mysql::Error::MySqlError(_) => Trouble::Failed(server_error(&error)),
        _ => Trouble::NotConnected,
    })?;
    let mut rows = Vec::new();
    for statement in statements {
        rows = connection.query::<mysql::Row, _>(statement).map_err(|error| match error {
            mysql::Error::MySqlError(_) => Trouble::Failed(server_error(&error)),
            other => Trouble::CutOff(other.to_string()),
        })?;
    }
    Ok(rows.into_iter().map(texts).collect())
}

/// The server's own words, without the driver's around them.
fn server_error(error: &mysql::Error) -> DbError {
    DbError::Server(match error {
        mysql::Error::MySqlError(error) => {
            format!("ERROR {} ({}): {}", error.code, error.state, error.message)
        }
        other => other.to_string(),
    })
}

fn texts(row: mysql::Row) -> Row {
    row.unwrap()
        .into_iter()
        .map(|value| match value {
            mysql::Value::NULL => String::new(),
            mysql::Value::Bytes(bytes) => harmless(&String::from_utf8_lossy(&bytes)).into_owned(),
            other => other.as_sql(true).trim_matches('\'').to_owned(),
        })
        .collect()
}
