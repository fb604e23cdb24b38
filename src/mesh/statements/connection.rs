//! Connection strings. No password stands in them: libpq takes it from a file.

use crate::mesh::inventory::Node;
use crate::mesh::model::{ACCOUNT, DatabaseName, PASSWORD_FILE};

/// How a node reaches the database of another one. A host that is gone is not waited for as long as TCP would.
pub fn connection(provider: &Node, port: u16, database: &DatabaseName) -> String {
    let host = value(&provider.address.to_string());
    format!(
        "host={host} port={port} dbname={database} user={ACCOUNT} passfile={PASSWORD_FILE} connect_timeout=5"
    )
}

/// How a node reaches its own database: over the socket, as the server's own account, without a password.
pub fn local(port: u16, database: &DatabaseName) -> String {
    format!("host=/var/run/postgresql port={port} dbname={database} user=postgres")
}

/// As a connection string has a value. Source: PostgreSQL's documentation, "Connection Strings".
fn value(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}
