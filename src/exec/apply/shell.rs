//! Pieces of shell that several scripts share. Macros, because a script is one constant text.

/// Lists the server processes, with status 0 if there is one. A server that is only asked for its
/// version or its options is none.
macro_rules! list_servers {
    () => {
        r"pgrep -ax 'mariadbd|mysqld' | grep -vE -- ' --(version|help|verbose|wsrep[-_]recover)'"
    };
}

/// Forbids, until the script ends, that a package starts its service, and brings apt's lists up to date.
/// `$lock` are options for the apt-get that follows.
///
/// policy-rc.d is Debian's way to do so (invoke-rc.d(8)). One that the administrator put there is respected.
/// The marker lets a later run remove the file if this script was killed.
macro_rules! without_starts {
    () => {
        r#"
policy=/usr/sbin/policy-rc.d
marker='# galactl: no service starts while packages are installed'
if [ -e "$policy" ] && grep -qF "$marker" "$policy"; then
    rm -f "$policy"
fi
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\n%s\nexit 101\n' "$marker" > "$policy"
    chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
lock='-o DPkg::Lock::Timeout=300'
apt-get $lock update >/dev/null
"#
    };
}

/// Begins a script that changes a stopped server's files: a running one ends it.
macro_rules! stopped_server {
    () => {
        concat!(
            "\nset -eu\nif ",
            crate::exec::apply::shell::list_servers!(),
            " >&2; then\n    echo 'a server runs on these files' >&2\n    exit 1\nfi\n"
        )
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

pub(super) use {list_armed, list_servers, stopped_server, without_starts};
