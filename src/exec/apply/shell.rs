//! Pieces of shell that several scripts share. Macros, because a script is one constant text.

/// Lists the server processes, with status 0 if there is one. A server that is only asked for its
/// version or its options is none.
macro_rules! list_servers {
    () => {
        r"pgrep -ax 'mariadbd|mysqld' | grep -vE -- ' --(version|help|verbose|wsrep[-_]recover)'"
    };
}

/// Lists what is armed in the places that galactl clears, and nothing if nothing is.
macro_rules! list_armed {
    () => {
        r"
systemctl show-environment | grep -E -- '--(loose[-_])?wsrep[-_]new[-_]cl'
grep -lsE -- '--(loose[-_])?wsrep[-_]new[-_]cl' /run/mariadb-wsrep-new-cluster /run/mysqld/wsrep-new-cluster
"
    };
}

pub(super) use {list_armed, list_servers};
