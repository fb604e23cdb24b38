# Looks at a node of a mesh and changes nothing. Run by `sh -c` as root; packages.sh and of_users.sh are before it.
#   $1 port of the server  $2 the path of the password file  $3 SQL about the server  $4 SQL about a database  $5… databases
# $version, the major version of PostgreSQL on this Debian release, is set before it.
port=$1 password_file=$2 about_server=$3 about_database=$4
shift 4
settings=/etc/postgresql/$version/main
datadir=/var/lib/postgresql/$version/main
cd / || exit

systemctl show "postgresql@$version-main.service" --property=LoadState,ActiveState,SubState,UnitFileState,Result,NRestarts,MainPID |
    section unit
command -v pg_lsclusters >/dev/null && pg_lsclusters --no-header 2>/dev/null | section clusters

# A file of settings, and its attributes.
show_file() {
    [ -e "$2" ] || return 0
    stat -c '%a %U %G' "$2" | section "$1_mode"
    file_section "$1" < "$2"
}
show_file settings "$settings/galactl.conf"
show_file password "$password_file"
grep -qxF "include_if_exists = 'galactl.conf'" "$settings/postgresql.conf" 2>/dev/null && begin_section included
sed -n '/^# galactl: begin$/,/^# galactl: end$/{/^# galactl:/d;p}' "$settings/pg_hba.conf" 2>/dev/null | section access

begin_section datadir
if [ -e "$datadir" ] && [ ! -d "$datadir" ]; then
    say "unseen=$datadir is no directory"
elif [ -f "$datadir/PG_VERSION" ]; then
    say "exists=1"
    of_users "$datadir"
    say "of_users=$of_users"
    say "tablespaces=$(find "$datadir/pg_tblspc" -mindepth 1 -maxdepth 1 | wc -l)"
elif [ -d "$datadir" ] && [ -n "$(find "$datadir" -mindepth 1 -maxdepth 1 ! -name galactl.joining -print -quit)" ]; then
    say "unseen=$datadir holds other files than those of a cluster"
fi
# A node that copies another one, or has copied it and is no member yet.
first_line "$datadir/galactl.joining" && say "joining=$line"
df -B1 --output=avail,size /var/lib/postgresql 2>/dev/null | tail -n 1 | while read -r free size; do
    printf '|free=%s\n|size=%s\n' "$free" "$size"
done

begin_section boot
[ ! -e "$settings/start.conf" ] || say "cluster=$(grep -m 1 -o '^[a-z][a-z]*' "$settings/start.conf")"
say "unit=$(systemctl is-enabled postgresql.service 2>/dev/null)"
if systemd-detect-virt --quiet --container; then
    say "time=container"
else
    say "time=$(timedatectl show --property=NTPSynchronized --value 2>/dev/null)"
fi
[ ! -e "$settings/galactl.conf" ] || say "settings_written=$(stat -c %Y "$settings/galactl.conf")"

# What the lines of workers begin with. A server that gives no answer has Debian's own.
socket=/var/run/postgresql
client=/usr/lib/postgresql/$version/bin/psql
prefix=
if [ -S "$socket/.s.PGSQL.$port" ] && [ -x "$client" ]; then
    prefix=$(PGCONNECT_TIMEOUT=3 timeout 10 runuser -u postgres -- "$client" -XAtqw -h "$socket" -p "$port" -d postgres -c 'SHOW log_line_prefix' 2>/dev/null)
fi

# Errors of workers that apply changes. pglogical's are known by the line that tells the end of their process. Behind a tab, and
# behind the name of a user, stands what a client wishes, so a line counts whose word is directly behind the number of its
# process. The first line may be the end of one. A context goes on behind tabs; its last line tells whose changes these are.
tail -c 4194304 "/var/log/postgresql/postgresql-$version-main.log" 2>/dev/null | PREFIX=${prefix:-'%m [%p] %q%u@%d '} awk '
    # The prefix as pieces, each with the form that it has in the line of a worker. One of PostgreSQL itself has no client: what is of
    # clients is empty, and nothing is behind %q. One of pglogical has the name of its work, and no user, so that no client is taken
    # for one: plain[] and own[] are the forms of both.
    function piece(kind, form, form_of_own) {
        pieces++
        kinds[pieces] = kind
        widths[pieces] = width
        plain[pieces] = "^" (width > 0 ? " *" : "") form
        own[pieces] = "^" (width > 0 ? " *" : "") (form_of_own == "" ? form : form_of_own)
    }
    BEGIN {
        rest = ENVIRON["PREFIX"]
        moment = "[0-9]+-[0-9]+-[0-9]+ [0-9:.]+ [A-Za-z0-9+:-]+"
        ends = 0
        while (rest != "") {
            width = 0
            if (match(rest, /^%-?[0-9]*[A-Za-z]/)) {
                letter = substr(rest, RLENGTH, 1)
                width = substr(rest, 2, RLENGTH - 2) + 0
                width = width < 0 ? -width : width
                rest = substr(rest, RLENGTH + 1)
                if (letter == "q") ends = ends ? ends : pieces + 1
                else if (letter == "p") piece("pid", "[0-9]+")
                else if (letter ~ /[mt]/) piece("at", moment)
                else if (letter == "n") piece("at", "[0-9]+[.][0-9]+")
                else if (letter == "s") piece("", moment)
                else if (letter == "c") piece("", "[0-9a-f]+[.][0-9a-f]+")
                else if (letter ~ /[lxQP]/) piece("", "-?[0-9]*")
                else if (letter == "v") piece("", "([0-9-]+/[0-9]+)?")
                else if (letter == "e") piece("", "[0-9A-Z][0-9A-Z][0-9A-Z][0-9A-Z][0-9A-Z]")
                else if (letter == "b") piece("", "[a-z]+( [a-z0-9]+)*(:[0-9]+)?")
                else if (letter == "a") piece("", "", "pglogical apply [0-9]+:[0-9]+")
                else if (letter == "u") piece("", "", "[[]unknown[]]")
                else if (letter == "d") piece("", "", "[a-z0-9_]+")
                else if (letter ~ /[rhiL]/) piece("", "", "([[](local|unknown)[]])?")
                continue
            }
            letter = substr(rest, 1, 1)
            if (substr(rest, 1, 2) == "%%") rest = substr(rest, 2)
            rest = substr(rest, 2)
            piece("", letter ~ /[A-Za-z0-9]/ ? letter : (letter == "^" ? "\\^" : (letter == "\\" ? "\\\\" : "[" letter "]")))
        }
        ends = ends ? ends : pieces + 1
    }
    # The line in one form, whatever its prefix: time [process] text. Empty: it is no line of a worker.
    function in_one_form(line, of_own,   i, at, pid, found, last) {
        last = of_own ? pieces : ends - 1
        for (i = 1; i <= last; i++) {
            if (!match(line, of_own ? own[i] : plain[i])) return ""
            # A value that is shorter than its place is filled up.
            if (RLENGTH < widths[i]) RLENGTH = widths[i]
            found = substr(line, 1, RLENGTH)
            line = substr(line, RLENGTH + 1)
            gsub(/^ +| +$/, "", found)
            if (kinds[i] == "pid") pid = found
            else if (kinds[i] == "at") at = found
        }
        return pid != "" && line ~ /^(ERROR|FATAL|DETAIL|CONTEXT|LOG):  / ? at " [" pid "] " line : ""
    }
    function close_context() {
        if (context != "" && last ~ /^(CONTEXT:  |\t)processing remote data for replication origin /) {
            print text[context]
            delete text[context]
        }
        context = ""
    }
    NR == 1 { next }
    /^\t/ {
        if (context != "") { text[context] = text[context] "\n" $0; last = $0 }
        next
    }
    { close_context(); line = in_one_form($0, 0); $0 = line == "" ? in_one_form($0, 1) : line }
    !/^[^[]*\[[0-9]+\] (ERROR|FATAL|DETAIL|CONTEXT|LOG):  / { next }
    { match($0, /\[[0-9]+\]/); pid = substr($0, RSTART, RLENGTH); rest = substr($0, RSTART + RLENGTH + 1) }
    rest ~ /^(ERROR|FATAL):  / { text[pid] = $0; next }
    rest ~ /^LOG:  background worker "pglogical apply / && match(rest, /PID [0-9]+/) {
        pid = "[" substr(rest, RSTART + 4, RLENGTH - 4) "]"
        if (pid in text) { print text[pid]; print }
        delete text[pid]
        next
    }
    rest ~ /^(DETAIL|CONTEXT):  / && pid in text { text[pid] = text[pid] "\n" $0 }
    rest ~ /^CONTEXT:  / && pid in text { context = pid; last = rest }
    END { close_context() }
' | tail -n 200 | section apply_errors

# ask SECTION DATABASE SQL
ask() {
    if answer=$(printf '%s\n' "$3" | PGCONNECT_TIMEOUT=3 PGOPTIONS='-c statement_timeout=15000 -c default_transaction_read_only=on' timeout 30 \
        runuser -u postgres -- "$client" -XAtqw -v ON_ERROR_STOP=1 -h "$socket" -p "$port" -d "$2" 2>&1); then
        text_section "$1" "$answer"
    else
        text_section "$1_error" "$answer"
    fi
}
if [ ! -S "$socket/.s.PGSQL.$port" ]; then
    text_section server_nobody "there is no socket $socket/.s.PGSQL.$port"
elif [ ! -x "$client" ]; then
    text_section server_error "psql is not installed"
else
    ask server postgres "$about_server"
    for database; do ask "database/$database" "$database" "$about_database"; done
fi
newer_than_unit "$settings/galactl.conf" "postgresql@$version-main.service" && begin_section stale
:
