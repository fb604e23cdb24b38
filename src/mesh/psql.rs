//! How statements reach a server: by psql on its own host, as the account `postgres`.

use std::time::Duration;

use super::model::DatabaseName;
use crate::kernel::transport::RemoteCommand;

/// $1 port, $2 database, $3 seconds that a statement may take. The statements come on standard input, because some have
/// passwords; an error shows none of them.
///
/// Debian's own psql is a wrapper that takes longer to start than the question takes.
pub const RUN: &str = r#"
cd /
client=
for program in /usr/lib/postgresql/*/bin/psql; do [ -x "$program" ] && client=$program; done
PGOPTIONS="-c statement_timeout=$3s -c client_min_messages=warning" PGCONNECT_TIMEOUT=5 \
    runuser -u postgres -- "$client" -XAtqw -v ON_ERROR_STOP=1 -v VERBOSITY=terse -h /var/run/postgresql -p "$1" -d "$2"
"#;

/// A question. `patience`: how long one statement of it may take.
pub fn question(port: u16, database: &DatabaseName, statements: String, patience: Duration) -> RemoteCommand {
    let arguments = [port.to_string(), database.to_string(), patience.as_secs().to_string()];
    RemoteCommand::new(RUN, arguments).input(statements).deadline(patience + Duration::from_secs(30))
}
