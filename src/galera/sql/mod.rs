//! SQL as root on a node's own server.
//!
//! Through a root login the server is asked by the `mysql` crate over its forwarded unix socket,
//! which authenticates the login's own user. Through any other login that user would not be
//! root, so the host's client runs under sudo instead; and also where the host's sshd forwards
//! no sockets.

mod client;
mod forwarded;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use forwarded::Trouble;

use super::facts::Live;
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::{Host, TransportError};

/// A row as text; NULL reads as the empty string.
pub type Row = Vec<String>;

/// Why a statement has no result.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    #[error(transparent)]
    Transport(#[from] TransportError),
    #[error("the server says: {0}")]
    Server(String),
}

/// A node's server, with a session as its database account root.
#[derive(Clone)]
pub struct Database {
    host: Arc<Host>,
    socket: String,
}

impl Database {
    pub fn new(host: Arc<Host>, socket: &str) -> Self {
        Self { host, socket: socket.to_owned() }
    }

    /// Runs the statements in one session and gives the rows of the last one.
    ///
    /// Errors: the host or its server cannot be reached, or a statement fails.
    pub async fn run(&self, statements: &[&str]) -> Result<Vec<Row>, DbError> {
        if self.host.login_is_root() {
            match forwarded::run(&self.host, &self.socket, statements).await {
                // No statement was sent. The client's error tells whether the forwarding or the server is at fault.
                Err(Trouble::NotConnected) => {}
                Err(Trouble::CutOff(why)) => return Err(forwarded::cut_off(&self.host, why).await),
                Err(Trouble::Failed(error)) => return Err(error),
                Ok(rows) => return Ok(rows),
            }
        }
        client::run(&self.host, &self.socket, statements).await
    }

    /// Runs the statements in a session of its own that replicates nothing and stands in no binary log, and gives what
    /// it prints. A statement that fails does not end it: `SHOW ERRORS` behind it tells.
    ///
    /// Errors: the host or its server cannot be reached, or such a session is not to be had.
    pub async fn apart(&self, lines: &[String], deadline: Duration) -> Result<String, DbError> {
        client::apart(&self.host, &self.socket, lines, deadline).await
    }

    /// Runs statements that change data and may take long: only under this run's lock on the host, which no other run
    /// gets before they have ended, and never twice.
    ///
    /// Errors: as of [`Self::run`], or the lock is not held.
    pub async fn act(&self, statements: &[&str], deadline: Duration) -> Result<(), DbError> {
        client::act(&self.host, &self.socket, statements, deadline).await
    }

    /// The server's counters and states whose names begin with `wsrep`.
    pub async fn status(&self) -> Result<BTreeMap<String, String>, DbError> {
        self.pairs("SHOW GLOBAL STATUS LIKE 'wsrep%'").await
    }

    /// The server's own view of itself and its cluster.
    pub async fn live(&self) -> Result<Live, DbError> {
        let status = self.status().await?;
        let variables = self
            .pairs("SHOW GLOBAL VARIABLES WHERE Variable_name IN ('wsrep_on','wsrep_cluster_name','wsrep_node_name','wsrep_desync','version','skip_networking','wsrep_provider_options')")
            .await?;
        Ok(Live::from_rows(&status, &variables))
    }

    async fn pairs(&self, statement: &str) -> Result<BTreeMap<String, String>, DbError> {
        let rows = self.run(&[statement]).await?;
        Ok(rows
            .into_iter()
            .filter_map(|row| <[String; 2]>::try_from(row).ok())
            .map(|[name, value]| (name, value))
            .collect())
    }
}

/// A text as an SQL string literal.
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

impl From<DbError> for StepError {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Transport(error) => error.into(),
            server @ DbError::Server(_) => Self::new(server.to_string()),
        }
    }
}
