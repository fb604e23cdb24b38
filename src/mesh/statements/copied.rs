//! What a copy of a server must not go on with.

use crate::postgresql::sql::literal;

/// Every database into which one can log in, a line each.
pub const DATABASES: &str = "SELECT datname FROM pg_database WHERE datallowconn ORDER BY datname;\n";

/// Ends every subscription of the current database but those that are named, without a word to their providers, and rolls back
/// what is prepared. `listed`: it is a database of the mesh, whose pglogical is taken apart with care later.
pub fn only(subscriptions: &[String], listed: bool) -> String {
    let named = subscriptions.iter().map(|name| literal(name)).collect::<Vec<_>>().join(", ");
    let kept = if named.is_empty() { String::new() } else { format!(" AND subname NOT IN ({named})") };
    let each = |what: &str| {
        format!(
            "SELECT format({}, subname) FROM pg_subscription
    WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database()){kept} \\gexec\n",
            literal(what)
        )
    };
    let statements = [
        "ALTER SUBSCRIPTION %I DISABLE",
        "ALTER SUBSCRIPTION %I SET (slot_name = NONE)",
        "DROP SUBSCRIPTION %I",
    ];
    let mut out: String = statements.into_iter().map(each).collect();
    out += "SELECT format('ROLLBACK PREPARED %L', gid) FROM pg_prepared_xacts WHERE database = current_database() \\gexec\n";
    if !listed {
        out += "DROP EXTENSION IF EXISTS pglogical CASCADE;\n";
    }
    out
}
