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
    # The prefix as pieces, each with the form that it has in the line of a worker. What is of clients is empty there, and behind
    # %q a worker writes nothing, so that no line of a client is taken for one of a worker.
    function piece(kind, form) { pieces++; kinds[pieces] = kind; forms[pieces] = "^" form }
    BEGIN {
        rest = ENVIRON["PREFIX"]
        moment = "[0-9]+-[0-9]+-[0-9]+ [0-9:.]+ [A-Za-z0-9+:-]+"
        while (rest != "") {
            if (match(rest, /^%-?[0-9]*[A-Za-z]/)) {
                letter = substr(rest, RLENGTH, 1)
                # A value that is shorter than its place is filled up.
                room = RLENGTH > 2 ? " *" : ""
                rest = substr(rest, RLENGTH + 1)
                if (letter == "q") break
                else if (letter == "p") piece("pid", room "[0-9]+" room)
                else if (letter ~ /[mt]/) piece("at", room moment room)
                else if (letter == "n") piece("at", room "[0-9]+[.][0-9]+" room)
                else if (letter == "s") piece("", room moment room)
                else if (letter == "c") piece("", room "[0-9a-f]+[.][0-9a-f]+" room)
                else if (letter ~ /[lxQP]/) piece("", room "-?[0-9]*" room)
                else if (letter == "v") piece("", room "([0-9-]+/[0-9]+)?" room)
                else if (letter == "e") piece("", room "[0-9A-Z][0-9A-Z][0-9A-Z][0-9A-Z][0-9A-Z]" room)
                else if (letter == "b") piece("", room "[a-z]+( [a-z0-9]+)*(:[0-9]+)?" room)
                else if (letter ~ /[audrhiL]/) piece("", room)
                continue
            }
            letter = substr(rest, 1, 1)
            if (substr(rest, 1, 2) == "%%") rest = substr(rest, 2)
            rest = substr(rest, 2)
            piece("", letter ~ /[A-Za-z0-9]/ ? letter : (letter == "^" ? "\\^" : (letter == "\\" ? "\\\\" : "[" letter "]")))
        }
    }
    # The line in one form, whatever its prefix: time [process] text. Empty: it is no line of a worker.
    function in_one_form(line,   i, at, pid, found) {
        for (i = 1; i <= pieces; i++) {
            if (!match(line, forms[i])) return ""
            found = substr(line, 1, RLENGTH)
            gsub(/^ +| +$/, "", found)
            if (kinds[i] == "pid") pid = found
            else if (kinds[i] == "at") at = found
            line = substr(line, RLENGTH + 1)
        }
        return pid == "" ? "" : at " [" pid "] " line
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
    { close_context(); $0 = in_one_form($0) }
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
