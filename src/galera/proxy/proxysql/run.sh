# Starts ProxySQL if it does not run, and loads the statements where it does not have them yet: each load makes all nodes
# writers for up to a second. They reach it through a pipe: no secret stands on a command line.
#   $1 `anew`: they are loaded in any case, which undoes what was changed by hand
login=/etc/galactl-proxysql.cnf statements=/etc/galactl-proxysql.sql database=/var/lib/proxysql/proxysql.db
systemctl reset-failed proxysql.service 2>/dev/null
systemctl start proxysql.service || exit
# The statements change the password of the admin interface. Until they are loaded, the previous one counts.
log_in() {
    for file in "$login" "$login.galactl-previous"; do
        [ -e "$file" ] && mariadb --defaults-file="$file" --batch --execute='SELECT 1' >/dev/null 2>&1 && return
    done
    return 1
}
await_admin() {
    left=60
    until log_in; do
        left=$((left - 1))
        [ "$left" -gt 0 ] || break
        sleep 0.2
    done
    [ "$left" -gt 0 ] && return
    echo "its admin interface does not let galactl in, with the password of $login:" >&2
    mariadb --defaults-file="$login" --batch --execute='SELECT 1' >&2
    echo "if its password is another one: sudo systemctl stop proxysql && sudo mv $database $database.old" >&2
    echo "it then starts with the password of /etc/proxysql.cnf, and the same command sets it up; its connections are cut" >&2
    exit 1
}
ask_admin() { mariadb --defaults-file="$file" --batch --skip-column-names --raw --execute="$1"; }
await_admin
digest=$(sha256sum < "$statements" | cut -c 1-16)
loaded=$(ask_admin 'SELECT comment FROM runtime_mysql_galera_hostgroups WHERE writer_hostgroup = 10')
if [ "$1" = anew ] || [ "$loaded" != "galactl $digest" ]; then
    # The client prints the statement that failed, which may hold a password.
    said=$(sed "s/@digest@/$digest/" "$statements" | mariadb --defaults-file="$file" --batch 2>&1 >/dev/null) || {
        printf '%s\n' "$said" | grep '^ERROR' >&2
        exit 1
    }
fi
# Ports are bound at the start only.
await_admin
wanted=$(ask_admin "SELECT variable_value FROM global_variables WHERE variable_name = 'mysql-interfaces'")
bound=$(ask_admin "SELECT variable_value FROM runtime_global_variables WHERE variable_name = 'mysql-interfaces'")
if [ "$wanted" != "$bound" ]; then
    systemctl restart proxysql.service || exit
    await_admin
fi
