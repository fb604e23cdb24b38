# Tells what the files of a standalone server say that is to become a cluster's first node, and what the server says of
# accounts and extensions, if it runs. It changes nothing. Run by `sh -c` as root:
#   $1 data directory  $2 major version  $3 Debian's name of the cluster, or nothing  $4 port  $5… settings that are asked for
datadir=$1 version=$2 name=$3 port=$4
shift 4
cd / || exit

programs=/usr/lib/postgresql/$version/bin
file=/etc/postgresql/$version/$name/postgresql.conf
[ -n "$name" ] || file=$datadir/postgresql.conf
# A run that was cut off has renamed it.
[ -e "$file" ] || [ ! -e "$datadir/postgresql.conf.before-patroni" ] || file=$datadir/postgresql.conf.before-patroni
altered=$(sed -n 's/^\([A-Za-z0-9_.]*\) *= .*/\1/p' "$datadir/postgresql.auto.conf" 2>/dev/null)
# With this file, and with what ALTER SYSTEM has set; a server that runs is not disturbed.
value() {
    timeout 10 runuser -u postgres -- "$programs/postgres" -D "$datadir" -c "config_file=$2" -C "$1" 2>/dev/null | tr '\t\n' '  '
}
if written=$(pg_conftool "$file" show all 2>&1); then
    # Several names are several words.
    # shellcheck disable=SC2046
    for setting in $(printf '%s\n' "$written" | sed -n 's/^\([A-Za-z0-9_.]*\) = .*/\1/p') $altered "$@"; do
        printf '%s\t%s\t%s\n' "$setting" "$(value "$setting" "$file")" "$(value "$setting" /dev/null)"
    done | sort -u | section settings
    access=$(value hba_file "$file")
    sed -E '/^[[:space:]]*(#|$)/d; s/[[:space:]]+/ /g' "${access% }" 2>/dev/null | section access
else
    printf '%s\n' "$written" | section settings_error
fi
printf '%s\n' "$altered" | section altered
find "$datadir/pg_tblspc/." -mindepth 1 -maxdepth 1 -type l -printf '%l\n' | section tablespaces
find "$datadir/pg_replslot/." -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | section slots

# ask DATABASE STATEMENT
ask() {
    PGDATABASE=$1 PGCONNECT_TIMEOUT=3 PGOPTIONS='-c statement_timeout=5000' timeout 12 \
        runuser -u postgres -- "$programs/psql" -XAtqw -h /var/run/postgresql -p "$port" -c "$2" 2>/dev/null
}
if databases=$(ask postgres 'SELECT datname FROM pg_database WHERE datallowconn ORDER BY datname LIMIT 500'); then
    ask postgres "SELECT rolname FROM pg_authid WHERE rolcanlogin AND rolpassword LIKE 'md5%' ORDER BY rolname" | section md5_accounts
    ask postgres "SELECT DISTINCT locale FROM pg_database, unnest(ARRAY[datcollate, datctype]) AS locale ORDER BY locale" |
        section locales
    ask postgres "SELECT rolname FROM pg_roles WHERE rolname IN ('replicator', 'rewind_user') ORDER BY rolname" | section taken_accounts
    printf '%s\n' "$databases" | while IFS= read -r database; do
        ask "$database" 'SELECT extname FROM pg_extension'
    done | sort -u | section extensions
    echo yes | section asked
fi
