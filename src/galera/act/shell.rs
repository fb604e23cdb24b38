//! Pieces of shell that several scripts share. Macros, because a script is one constant text.

/// Lists the server processes, with status 0 if there is one. A server that is only asked for its
/// version or its options is none.
macro_rules! list_servers {
    () => {
        r"pgrep -ax 'mariadbd|mysqld' | grep -vE -- ' --(version|help|verbose|wsrep[-_]recover)'"
    };
}

/// Begins a script that changes a stopped server's files: the script ends where a server runs.
macro_rules! stopped_server {
    () => {
        concat!(
            "\nset -eu\nif ",
            crate::galera::act::shell::list_servers!(),
            " >&2; then\n    echo 'a server runs on these files' >&2\n    exit 1\nfi\n"
        )
    };
}

/// Lists the bootstrap intents in the places that galactl clears; nothing where there is none.
macro_rules! list_armed {
    () => {
        r"
systemctl show-environment | grep -E -- '--(loose[-_])?wsrep[-_]new[-_]cl'
grep -lsE -- '--(loose[-_])?wsrep[-_]new[-_]cl' /run/mariadb-wsrep-new-cluster /run/mysqld/wsrep-new-cluster
"
    };
}

pub(super) use list_armed;
pub(super) use list_servers;
pub(super) use stopped_server;
