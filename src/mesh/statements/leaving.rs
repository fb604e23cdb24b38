//! A node leaves: what is taken away on it, and on those that stay. All of it may be run again.

use super::{Native, Pglogical, forget};
use crate::mesh::inventory::{Inventory, Node};
use crate::mesh::model::{ACCOUNT, DatabaseName, Link, Method, subscription};
use crate::postgresql::sql::{identifier, literal};

/// When the server has read its settings for the last time, as it says itself.
pub const READ_AT: &str = "SELECT pg_conf_load_time();\n";

/// Lets the server read its files again.
pub const READ_AGAIN: &str = "SELECT pg_reload_conf();\n";

/// Ends the sessions of clients in a database; says how many there were, and how many of them did not end within 20 s.
pub fn end_sessions(database: &DatabaseName) -> String {
    let (database, account) = (literal(database.as_str()), literal(ACCOUNT));
    format!(
        "SELECT count(*) || ' ' || count(*) FILTER (WHERE NOT ended) FROM (SELECT pg_terminate_backend(pid, 20000) AS ended FROM pg_stat_activity
    WHERE datname = {database} AND backend_type = 'client backend' AND usename <> {account} AND pid <> pg_backend_pid()) AS all_of_them;\n"
    )
}

/// Ends all subscriptions of a node in a database, whoever they read from. With pglogical, their slots at the providers go too,
/// where these can be reached.
pub fn stop_reading(method: Method, node: &Node) -> String {
    let own = literal(&format!("{}_from_", node.name));
    if method == Method::Native {
        let each = |statement: &str| {
            let statement = literal(statement);
            format!(
                "SELECT format({statement}, subname) FROM pg_subscription
    WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND starts_with(subname, {own}) \\gexec\n"
            )
        };
        return [
            "ALTER SUBSCRIPTION %I DISABLE",
            "ALTER SUBSCRIPTION %I SET (slot_name = NONE)",
            "DROP SUBSCRIPTION %I",
        ]
        .map(each)
        .concat();
    }
    format!(
        "SELECT (to_regclass('pglogical.subscription') IS NOT NULL)::int AS has \\gset
\\if :has
SELECT format('SELECT pglogical.drop_subscription(%L, true)', sub_name) FROM pglogical.subscription
    WHERE starts_with(sub_name, {own}) \\gexec
\\endif\n"
    )
}

/// On one that stays: the slot first, the row last, so that whatever is left shows that the rest may be.
pub fn forget_node(inventory: &Inventory, database: &DatabaseName, stays: &Node, gone: &Node) -> String {
    let (slot, unsubscribe) = match inventory.method {
        Method::Native => {
            let native = Native { inventory, database };
            (native.slot(gone, stays), native.unsubscribe(stays, gone))
        }
        Method::Pglogical | Method::Spock | Method::Bdr => {
            let pglogical = Pglogical { inventory, database };
            (pglogical.slot(gone, stays), pglogical.unsubscribe(stays, gone))
        }
    };
    format!("{}{unsubscribe}{}", drop_slots(&format!("slot_name = {slot}")), forget(gone.name.as_str()))
}

/// Drops slots of this database. A reader that is still connected is disconnected; it has half a minute to go.
fn drop_slots(which: &str) -> String {
    format!(
        "DO $galactl$
BEGIN
    FOR attempt IN 1..60 LOOP
        PERFORM pg_terminate_backend(active_pid, 5000) FROM pg_replication_slots
            WHERE database = current_database() AND {which} AND active_pid IS NOT NULL;
        PERFORM pg_drop_replication_slot(slot_name) FROM pg_replication_slots
            WHERE database = current_database() AND {which} AND NOT active;
        EXIT WHEN NOT EXISTS (SELECT FROM pg_replication_slots WHERE database = current_database() AND {which});
        PERFORM pg_sleep(0.5);
    END LOOP;
END
$galactl$;\n"
    )
}

/// On the node that leaves: its slots, what it sends, and galactl's schema, which goes last: it shows that the node was a member.
pub fn leave(method: Method, database: &DatabaseName, node: &Node) -> String {
    let schema = "DROP SCHEMA IF EXISTS galactl CASCADE;\n";
    if method == Method::Native {
        let (begins, ends) = (literal(&format!("m_{database}_")), literal(&format!("_from_{}", node.name)));
        let which = format!("starts_with(slot_name, {begins}) AND right(slot_name, length({ends})) = {ends}");
        return format!(
            "{}DROP PUBLICATION IF EXISTS {};\n{schema}",
            drop_slots(&which),
            identifier(crate::mesh::model::PUBLICATION)
        );
    }
    format!(
        "SELECT (to_regclass('pglogical.node') IS NOT NULL)::int AS has \\gset
{}\\if :has
SELECT pglogical.drop_node({}, true);
DROP EXTENSION pglogical;
{DROP_ITS_SCHEMA}\\endif
{schema}",
        drop_slots("plugin = 'pglogical_output'"),
        literal(node.name.as_str())
    )
}

/// The extension leaves its schema behind. Where somebody has put something of their own into it, it stays.
const DROP_ITS_SCHEMA: &str = "DO $galactl$
BEGIN
    DROP SCHEMA IF EXISTS pglogical;
EXCEPTION WHEN dependent_objects_still_exist THEN NULL;
END
$galactl$;
";

/// Nobody logs in with the members' account any more.
pub fn close_account() -> String {
    let name = literal(ACCOUNT);
    format!(
        "SELECT 'ALTER ROLE {ACCOUNT} NOLOGIN' WHERE EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = {name}) \\gexec\n"
    )
}

/// What one that stays still has of a node that is gone, a line each.
pub fn remains(inventory: &Inventory, database: &DatabaseName, stays: &Node, gone: &Node) -> String {
    let own = literal(&subscription(&stays.name, &gone.name));
    let row = literal(gone.name.as_str());
    let method = inventory.method;
    let slot = Link { subscriber: &gone.name, provider: &stays.name, database }.slot(method);
    let subscriptions = match method {
        Method::Native => format!(
            "SELECT subname FROM pg_subscription WHERE subname = {own} AND subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())"
        ),
        Method::Pglogical | Method::Spock | Method::Bdr => {
            let origin = Link { subscriber: &stays.name, provider: &gone.name, database }.slot(method);
            format!(
                "SELECT sub_name FROM pglogical.subscription WHERE sub_name = {own}
UNION ALL SELECT 'origin ' || roname FROM pg_replication_origin WHERE roname = {origin}"
            )
        }
    };
    format!(
        "SELECT 'its row' FROM galactl.node WHERE name = {row}
UNION ALL SELECT 'slot ' || slot_name FROM pg_replication_slots WHERE database = current_database() AND slot_name = {slot}
UNION ALL {subscriptions};\n"
    )
}
