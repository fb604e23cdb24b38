//! Which node takes the writes: the heaviest of those that are up.
//!
//! `OFFLINE_SOFT` does not do it: ProxySQL's monitor sets a healthy node `ONLINE` again at its next check.

use super::groups::WRITERS;
use super::sql;

/// The weight of the first node on a new ProxySQL. So large that the nodes' weights, which differ, share the reads
/// almost evenly.
pub const FIRST: u32 = 1_000_000;
/// Weights outside of these limits are not galactl's. ProxySQL's own limits are 0 and 10 million.
pub const LIMITS: (u32, u32) = (1_000, 9_000_000);

const PART: &str = "MYSQL SERVERS";

/// The weight of a node that is new: below all others, so that it takes no role from them.
pub fn below_all() -> String {
    format!("(SELECT COALESCE(MIN(weight), {}) - 1 FROM mysql_servers)", FIRST + 1)
}

/// Drops servers whose weight is not galactl's, or is the same as another server's: they come in again below all
/// others. Of equal ones, the one stays that ProxySQL itself takes first.
pub fn drop_unclear() -> String {
    let (least, most) = LIMITS;
    let place = |table: &str| format!("({table}.hostname, {table}.port)");
    format!(
        "DELETE FROM mysql_servers WHERE weight < {least} OR weight > {most} OR EXISTS (SELECT 1 FROM mysql_servers AS other \
         WHERE other.weight = mysql_servers.weight AND {} > {})",
        place("other"),
        place("mysql_servers")
    )
}

/// Makes a node the heaviest, and leaves the order of the others as it is.
pub fn heaviest(address: &str, port: u16) -> Vec<String> {
    let most = format!("(SELECT MAX(weight) FROM mysql_servers WHERE hostgroup_id = {WRITERS})");
    let update = format!(
        "UPDATE mysql_servers SET weight = {most} + 1 WHERE hostgroup_id = {WRITERS} AND hostname = {} AND port = {port} AND weight < {most}",
        sql::text(address)
    );
    vec![update, sql::load(PART), sql::save(PART)]
}
