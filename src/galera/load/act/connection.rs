//! A connection of a load test, which its server ends by itself where galactl's machine has gone.

use std::time::Duration;

use mysql::Conn;
use mysql::prelude::Queryable;

use crate::galera::guest::act::{Guest, Route};

/// Seconds after which a server ends a connection that says nothing. While it stands, the next load test is refused.
pub const IDLE: u64 = 30;

/// Logs in. `pause` is the longest time in which the connection is not used.
pub fn open(guest: &Guest, route: &Route, pause: Duration) -> Result<Conn, mysql::Error> {
    let mut connection = guest.connect(route)?;
    connection.query_drop(format!("SET SESSION wait_timeout = {}", idle(pause)))?;
    Ok(connection)
}

/// A client that works rarely is not to be cut off between two transactions.
fn idle(pause: Duration) -> u64 {
    IDLE.max(2 * pause.as_secs() + IDLE / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_that_waits_long_for_its_turn_keeps_its_connection() {
        assert_eq!(idle(Duration::ZERO), IDLE);
        assert!(idle(Duration::from_secs(100)) > 200);
    }
}
