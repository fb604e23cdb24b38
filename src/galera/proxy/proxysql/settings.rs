//! The settings of a ProxySQL: statements for its admin interface, in the order in which they must run.

use super::groups::{BACKUPS, OFFLINE, READERS, WRITERS};
use super::inventory::{Rule, To, user_secret};
use super::weights::{below_all, drop_unclear};
use super::{ADMIN, ADMIN_ADDRESS, ADMIN_PORT, MONITOR, Proxysql, inventory, sql};
use crate::galera::endpoint::{Endpoint, Writes};
use crate::galera::inventory::{Inventory, Node};
use crate::galera::model::{LEDGER_PREFIX, LOAD_PREFIX, Service, WRITE_TEST_SCHEMA};

/// The placeholder for the file's digest, which is put in when the file is loaded: so a ProxySQL shows which file it
/// has.
pub const DIGEST: &str = "@digest@";
/// What stands before the digest.
pub const COMMENT: &str = "galactl";

/// A node on which more write-sets than this wait to be applied gets no clients.
const MOST_BEHIND: u32 = 100;
/// The rules of the inventory begin here; below is galactl's own.
const FIRST_RULE: usize = 10;

/// Variables whose default is a trap, and why.
const VARIABLES: [(&str, &str, &str); 6] = [
    (
        "mysql-query_retries_on_failure",
        "0",
        "a statement that had committed on a node that went away would run again on another one, without an error",
    ),
    (
        "mysql-auto_increment_delay_multiplex",
        "0",
        "a connection that goes on inserting would stay on a node that takes no writes any more",
    ),
    ("mysql-monitor_enabled", "true", "the monitor takes nodes out"),
    ("mysql-monitor_galera_healthcheck_interval", "1000", "milliseconds between two checks of a node"),
    ("mysql-monitor_galera_healthcheck_max_timeout_count", "2", "so many checks without an answer"),
    ("mysql-monitor_galera_healthcheck_timeout", "800", "milliseconds to wait for an answer"),
];

/// The whole text. Values of secrets stand in it as placeholders.
pub fn text(inventory: &Inventory, endpoint: Endpoint, proxysql: &Proxysql) -> String {
    let parts = [
        part("Written by galactl, which loads it: do not change it here.", &[]),
        part(
            "All nodes, each with another weight: the heaviest one that is up takes the writes.",
            &servers(inventory),
        ),
        part("Where ProxySQL puts nodes that serve, and those that do not.", &[groups(inventory, endpoint)]),
        part("Accounts of applications.", &users(inventory, proxysql)),
        part("What goes to which nodes.", &rules(endpoint, proxysql)),
        variables(inventory),
    ];
    let taking_effect = in_effect(inventory, endpoint);
    parts.concat() + &sql::lines(&taking_effect)
}

fn part(title: &str, lines: &[String]) -> String {
    format!("-- {title}\n{}\n", sql::lines(lines))
}

/// A node that is there already keeps its weight: the writer's role is not given back unasked. With `use_ssl`, also the
/// monitor speaks TLS with a server that offers it, and clear text with one that does not.
fn servers(inventory: &Inventory) -> Vec<String> {
    let nodes: Vec<&Node> = inventory.start_order().collect();
    let pairs: Vec<_> =
        nodes.iter().map(|node| format!("({}, {})", sql::text(&host(node)), port(node))).collect();
    let others = format!(
        "DELETE FROM mysql_servers WHERE hostgroup_id <> {WRITERS} OR (hostname, port) NOT IN (VALUES {})",
        pairs.join(", ")
    );
    let tls = u8::from(inventory.offers_tls_to_clients());
    let each = nodes.into_iter().flat_map(|node| {
        let (host, port, name) = (sql::text(&host(node)), port(node), sql::text(node.name.as_str()));
        [
            format!(
                "INSERT OR IGNORE INTO mysql_servers (hostgroup_id, hostname, port, weight) VALUES ({WRITERS}, {host}, {port}, {})",
                below_all()
            ),
            format!("UPDATE mysql_servers SET status = 'ONLINE', use_ssl = {tls}, comment = {name} WHERE hostname = {host} AND port = {port}"),
        ]
    });
    [others, drop_unclear()].into_iter().chain(each).collect()
}

/// A node's address as ProxySQL stores it: an IPv6 address without brackets.
pub fn host(node: &Node) -> String {
    node.address.to_string()
}

pub fn port(node: &Node) -> u16 {
    node.port(Service::Clients)
}

fn groups(inventory: &Inventory, endpoint: Endpoint) -> String {
    let writers = match endpoint.writes {
        Writes::Single => 1,
        Writes::Any => inventory.nodes.len(),
    };
    // `writer_is_also_reader`: with 0, no node would serve reads when the writer is the only one.
    format!(
        "DELETE FROM mysql_galera_hostgroups;\n\
         INSERT INTO mysql_galera_hostgroups (writer_hostgroup, backup_writer_hostgroup, reader_hostgroup, offline_hostgroup, \
         active, max_writers, writer_is_also_reader, max_transactions_behind, comment) \
         VALUES ({WRITERS}, {BACKUPS}, {READERS}, {OFFLINE}, 1, {writers}, 1, {MOST_BEHIND}, '{COMMENT} {DIGEST}')"
    )
}

/// With `use_ssl`, an account is let in with TLS only.
fn users(inventory: &Inventory, proxysql: &Proxysql) -> Vec<String> {
    let required = u8::from(inventory.requires_tls_of_clients());
    let user = |user: &inventory::User| {
        format!(
            "INSERT INTO mysql_users (username, password, use_ssl, default_hostgroup) VALUES ({}, {}, {required}, {WRITERS})",
            sql::text(user.name.as_str()),
            sql::secret(&user_secret(&user.name))
        )
    };
    [format!("DELETE FROM mysql_users WHERE NOT ({})", for_a_while())]
        .into_iter()
        .chain(proxysql.users.iter().map(user))
        .collect()
}

/// The SQL condition that is true of accounts that galactl uses for a while. They are kept when a new file is loaded,
/// so that a ledger goes on meanwhile.
fn for_a_while() -> String {
    [WRITE_TEST_SCHEMA, LEDGER_PREFIX, LOAD_PREFIX]
        .map(|prefix| format!("username GLOB '{prefix}*'"))
        .join(" OR ")
}

/// What `SAVE MYSQL USERS TO DISK` does, but without those.
fn save_users() -> [String; 2] {
    [
        format!(
            "INSERT OR REPLACE INTO disk.mysql_users SELECT * FROM main.mysql_users WHERE NOT ({})",
            for_a_while()
        ),
        format!(
            "DELETE FROM disk.mysql_users WHERE {} OR (username, backend) NOT IN (SELECT username, backend FROM main.mysql_users)",
            for_a_while()
        ),
    ]
}

fn rules(endpoint: Endpoint, proxysql: &Proxysql) -> Vec<String> {
    let reads = format!(
        "INSERT INTO mysql_query_rules (rule_id, active, proxy_port, destination_hostgroup, apply) VALUES (1, 1, {}, {READERS}, 1)",
        endpoint.read_port
    );
    let rule = |(place, rule): (usize, &Rule)| {
        let group = match rule.to {
            To::Writer => WRITERS,
            To::Reader => READERS,
        };
        format!(
            "INSERT INTO mysql_query_rules (rule_id, active, match_digest, destination_hostgroup, apply) VALUES ({}, 1, {}, {group}, 1)",
            FIRST_RULE + place,
            sql::text(&rule.match_digest)
        )
    };
    let own = proxysql.rules.iter().enumerate().map(rule);
    ["DELETE FROM mysql_query_rules".to_owned(), reads].into_iter().chain(own).collect()
}

fn variables(inventory: &Inventory) -> String {
    let safe =
        VARIABLES.map(|(name, value, why)| format!("-- {why}\n{};\n", sql::set(name, &sql::text(value))));
    let tls = "-- Clients may speak TLS; ProxySQL shows them a certificate that it has made itself.\n";
    let tls = inventory
        .offers_tls_to_clients()
        .then(|| format!("{tls}{};\n", sql::set("mysql-have_ssl", &sql::text("true"))));
    let admin = format!("'{ADMIN}:' || {}", sql::secret(&inventory::ADMIN_PASSWORD));
    let stats = format!("'stats:' || {}", sql::secret(&inventory::ADMIN_PASSWORD));
    let own = [
        sql::set("mysql-monitor_username", &sql::text(MONITOR)),
        sql::set("mysql-monitor_password", &sql::secret(&inventory::MONITOR_PASSWORD)),
        sql::set("admin-mysql_ifaces", &sql::text(&format!("{ADMIN_ADDRESS}:{ADMIN_PORT}"))),
        sql::set("admin-admin_credentials", &admin),
        sql::set("admin-stats_credentials", &stats),
    ];
    format!(
        "-- Variables whose default is a trap, and why.\n{}{}-- The accounts of its monitor and of its admin interface.\n{}\n",
        safe.concat(),
        tls.unwrap_or_default(),
        sql::lines(&own)
    )
}

/// Ports are bound at the start only: a LOAD would set the variable back to what is bound. So it is changed after
/// that, and before it is saved. The servers come last: with them comes the digest, and it is there only if all before
/// it took effect.
fn in_effect(inventory: &Inventory, endpoint: Endpoint) -> Vec<String> {
    let variables = "MYSQL VARIABLES";
    let first = [sql::load(variables), bound(inventory, endpoint), sql::save(variables)];
    let others = ["MYSQL QUERY RULES", "ADMIN VARIABLES", "MYSQL SERVERS"];
    let users = save_users().into_iter().chain([sql::load("MYSQL USERS")]);
    first
        .into_iter()
        .chain(users)
        .chain(others.iter().flat_map(|part| [sql::save(part), sql::load(part)]))
        .collect()
}

/// The statement that names the ports.
pub fn bound(inventory: &Inventory, endpoint: Endpoint) -> String {
    sql::set("mysql-interfaces", &sql::text(&interfaces(inventory, endpoint)))
}

/// Where clients connect. ProxySQL binds an IPv6 address for IPv6 alone.
pub fn interfaces(inventory: &Inventory, endpoint: Endpoint) -> String {
    let both = inventory.proxies().iter().any(|proxy| inventory.has_clients_on_ipv6(proxy));
    let ports = [endpoint.write_port, endpoint.read_port];
    let v4 = ports.map(|port| format!("0.0.0.0:{port}"));
    let v6 = ports.iter().filter(|_| both).map(|port| format!("[::]:{port}"));
    v4.into_iter().chain(v6).collect::<Vec<_>>().join(";")
}
