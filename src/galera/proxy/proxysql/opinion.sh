# Sections with what the running ProxySQL thinks of the nodes, by its admin interface, and whether it runs with the
# statements that are in the file.
login=/etc/galactl-proxysql.cnf statements=/etc/galactl-proxysql.sql database=/var/lib/proxysql/proxysql.db
ask_admin() {
    timeout 5 mariadb --defaults-file="$login" --batch --skip-column-names --raw --execute="$1" 2>/dev/null
}
# It is not in Debian: a source of the host's may have it.
if ! command -v proxysql >/dev/null && command -v apt-cache >/dev/null; then
    apt-cache policy proxysql 2>/dev/null | sed -n 's/^ *Candidate: //p' | section candidate
fi
if [ -e "$database" ] && [ ! -e "$statements" ]; then
    echo "$database" | section foreign
fi
if [ -e "$statements" ] && systemctl is-active --quiet proxysql.service; then
    # A galactl that loads the file leaves its digest there.
    loaded=$(ask_admin 'SELECT comment FROM runtime_mysql_galera_hostgroups WHERE writer_hostgroup = 10')
    if [ "$loaded" != "galactl $(sha256sum < "$statements" | cut -c 1-16)" ]; then
        echo yes | section stale
    fi
    case $loaded in
    "galactl "*) ask_admin 'SELECT hostgroup_id, status, comment FROM runtime_mysql_servers' | section servers ;;
    esac
fi
