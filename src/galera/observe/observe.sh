# Looks at one host and changes nothing. Run by `sh -c` as root:
#   $1 unit  $2 option file  $3 SST user  $4 candidate provider libraries, space separated
#   $5 the inventory's options, as a list of SQL literals or empty  $6 ports for group communication
#   $7.. peers to look up
unit=$1 option_file=$2 sst_user=$3 providers=$4 own_options=$5 group_ports=$6
shift 6

# Each is asked for once, and looked through only for what is in it: on many hosts that share a
# machine, programs started are what the time goes into. So the shell itself does what it can do.
unit_text=$(systemctl cat "$unit.service" 2>/dev/null | grep -v '^ *#')
# The server's own home holds no option file.
defaults=$(HOME=/nonexistent my_print_defaults --mysqld 2>/dev/null)
# What stands in the unit goes onto the command line, and wins over every option file.
unit_option() {
    case $unit_text in *"--$1="*) printf '%s\n' "$unit_text" | grep -oE -- "--$1=[^ \"';]+" | tail -n 1 | cut -d = -f 2- ;; esac
}
server_option() {
    case $defaults in *"--$1="*) printf '%s\n' "$defaults" | sed -n "s/^--$1=//p" | tail -n 1 ;; esac
}
# The last value of an option whose name, a pattern, may be spelled in several ways.
spelled() { printf '%s\n' "$defaults" | sed -n "s/^--\(loose[-_]\)*$1=//p" | tail -n 1; }
environment=$(systemctl show-environment)
unit_words=$(cluster_words "$unit_text" "$environment")

if [ -e /sys/kernel/security/apparmor/profiles ]; then
    sed -n 's/^\(.*\(mariadbd\|mysqld\).*\) (enforce)$/apparmor=\1/p' /sys/kernel/security/apparmor/profiles 2>/dev/null |
        section machine
fi
# Written by galactl before it bootstraps a cluster, and completed after.
record=/var/lib/galactl/founding
age_of() { echo $(( ${clock%.*} - $(stat -c %Y "$1") )); }
[ -e "$record" ] && { file_section founding < "$record"; echo "|age=$(age_of "$record")"; }
[ -e /var/lib/galactl/passed ] && file_section passed < /var/lib/galactl/passed
[ -e /var/lib/galactl/removed ] && file_section removed < /var/lib/galactl/removed

if command -v dpkg-query >/dev/null; then
    dpkg-query -W -f '${Package}\t${db:Status-Status}\t${Version}\n' \
        'mariadb-server*' 'galera-*' mariadb-backup rsync socat 2>/dev/null | section packages
fi

server_program=
for program in mariadbd mysqld; do
    if command -v "$program" >/dev/null; then
        server_program=$program
        "$program" --no-defaults --version 2>/dev/null | section server
        break
    fi
done
# What apt would install, where nothing is installed.
if [ -z "$server_program" ] && command -v apt-cache >/dev/null; then
    policy=$(apt-cache policy mariadb-server 2>/dev/null)
    case $policy in
    *" Candidate: "*) policy=${policy#*" Candidate: "} && printf '%s\n' "${policy%%"$newline"*}" ;;
    esac | section candidate
fi

unit_state=$(systemctl show "$unit.service" --property=LoadState,ActiveState,SubState,UnitFileState,Result,NRestarts,MainPID,TimeoutStartUSec,EnvironmentFiles)
printf '%s\n' "$unit_state" | while IFS= read -r line; do
    case $line in EnvironmentFiles=*) ;; *) printf '%s\n' "$line" ;; esac
done | section unit
# A server that is only asked for its version or its options is none; monitoring does that.
servers=$(pgrep -ax 'mariadbd|mysqld' 2>/dev/null | while read -r pid command; do
    case " $command" in
    *" --version"* | *" --help"* | *" --verbose"* | *" --wsrep"[-_]recover*) ;;
    *) echo "$pid" ;;
    esac
done)
printf '%s\n' "$servers" | section processes
# How the server was started: nothing else remembers a bootstrap that somebody made by hand.
for pid in $servers; do
    {
        age=$(ps -o etimes= -p "$pid") && echo "age=${age##* }"
        tr '\0' '\n' < "/proc/$pid/cmdline" | while IFS= read -r argument; do
            case $argument in --wsrep[-_]new* | --wsrep[-_]start*) printf 'argument=%s\n' "$argument" ;; esac
        done
    } 2>/dev/null | section start
    break
done

[ -z "$servers" ] || group_peers "$group_ports"

# Every place from which a start takes the intent to bootstrap: those that the distributions'
# scripts use, and those that an administrator may have used.
armed='--(loose[-_])?wsrep[-_]new[-_]cl'
# looks_armed TEXT: whether it is worth a search.
looks_armed() { case $1 in *--wsrep[-_]new[-_]cl* | *--loose[-_]wsrep[-_]new[-_]cl*) ;; *) return 1 ;; esac; }
{
    looks_armed "$environment" && printf '%s\n' "$environment" | grep -E -- "$armed" | prefix 'environment '
    for file in /run/mariadb-wsrep-new-cluster /run/mysqld/wsrep-new-cluster; do
        [ -e "$file" ] && grep -lsE -- "$armed" "$file" | prefix 'file '
    done
    case $defaults in
    *[Ww][Ss][Rr][Ee][Pp]*)
        printf '%s\n' "$defaults" |
            grep -iE -- "^$armed|^--(loose[-_])?wsrep[-_]cluster[-_]address=gcomm:/*([?].*)?\$" | prefix 'option '
        ;;
    esac
    looks_armed "$unit_text" && printf '%s\n' "$unit_text" | grep -E -- "$armed" | prefix 'option '
    printf '%s\n' "$unit_state" | while IFS= read -r line; do
        case $line in EnvironmentFiles=/*" ("*) ;; *) continue ;; esac
        file=${line#EnvironmentFiles=}
        file=${file%%" ("*}
        case $file in /run/mariadb-wsrep-new-cluster | /run/mysqld/wsrep-new-cluster) continue ;; esac
        [ -e "$file" ] && grep -HsE -- "$armed" "$file" | prefix 'option '
    done
} | section intent

for program in mariadb mariadbd mariabackup mariadb-backup mbstream rsync socat ss lsof stunnel pv my_print_defaults; do
    command -v "$program" >/dev/null && echo "$program"
done | section tools

for library in $providers; do
    [ -f "$library" ] && echo "$library"
done | section providers

# The server's own word. It answers root over its socket without a password.
socket=$(unit_option socket)
[ -n "$socket" ] || socket=$(server_option socket)
[ -n "$socket" ] || socket=/run/mysqld/mysqld.sock
datadir=
if [ -S "$socket" ] && command -v mariadb >/dev/null; then
    ask() { timeout 5 mariadb --no-defaults --batch --skip-column-names --default-character-set=utf8mb4 --socket="$socket" --user=root --connect-timeout=3 -e "$1" 2>&1; }
    # One client asks both; no name is in both answers.
    if status=$(ask "SHOW GLOBAL STATUS LIKE 'wsrep%';
        SHOW GLOBAL VARIABLES WHERE Variable_name IN ('wsrep_on','wsrep_cluster_name','wsrep_cluster_address','wsrep_node_name','wsrep_desync','version','skip_networking','datadir')"); then
        of_variables() { case $1 in wsrep_on | wsrep_cluster_name | wsrep_cluster_address | wsrep_node_name | wsrep_desync | version | skip_networking) ;; *) return 1 ;; esac; }
        printf '%s\n' "$status" | while IFS= read -r line; do
            of_variables "${line%%"$tab"*}" || case $line in "datadir$tab"*) ;; *) printf '%s\n' "$line" ;; esac
        done | section status
        printf '%s\n' "$status" | while IFS= read -r line; do
            of_variables "${line%%"$tab"*}" && printf '%s\n' "$line"
        done | section variables
        case $newline$status in *"${newline}datadir$tab"*) datadir=${status##*"datadir$tab"} && datadir=${datadir%%"$newline"*} ;; esac
        [ -z "$own_options" ] || ask "SELECT variable_name, variable_type, variable_scope FROM information_schema.system_variables
            WHERE read_only = 'NO' AND variable_scope <> 'SESSION ONLY' AND variable_name IN ($own_options)" |
            section changeable
        # A node without a Primary component refuses the next two; what fails is not printed.
        if schemata=$(ask 'SHOW DATABASES'); then printf '%s\n' "$schemata" | section schemata; fi
        if grants=$(ask "SHOW GRANTS FOR '$sst_user'@'localhost'"); then
            printf '%s\n' "$grants" | sed 's/IDENTIFIED.*//' | section sst_grants
        fi
    else
        printf '%s\n' "$status" | section status_error
    fi
fi

# A data directory may be a symbolic link, and so may every database in it: so links are
# followed, and a link that leads nowhere is listed all the same.
[ -n "$datadir" ] || datadir=$(unit_option datadir)
[ -n "$datadir" ] || datadir=$(server_option datadir)
[ -n "$datadir" ] || datadir=/var/lib/mysql
# A server that never was in a cluster is asked in the moment before it is started.
if [ -z "$servers" ] && [ -n "$server_program" ] && [ -e "$datadir/grastate.dat" ]; then
    next_start "$server_program" "$unit_words" | section next_start
fi
# "BYTES<tab>PATH" of each folder in it, and of all at the end.
sizes=$newline$(du -bL -d 1 --exclude=galera.cache "$datadir/." 2>/dev/null)
[ "$sizes" != "$newline" ] || sizes=
{
    echo "datadir=$datadir"
    echo "socket=$socket"
    existing=$datadir
    while [ ! -d "$existing" ]; do existing=$(dirname "$existing"); done
    free=$(df -B1 --output=avail "$existing/.") && echo "free=${free##*[!0-9]}"
    [ -z "$sizes" ] || { bytes=${sizes##*"$newline"} && echo "bytes=${bytes%%"$tab"*}"; }
    [ -e "$datadir/galera.cache" ] && stat -c 'cache=%s' "$datadir/galera.cache"
    # A data directory that cannot be read just now must not look like one that is empty.
    if [ -d "$datadir/mysql" ]; then
        echo initialised=yes
    else
        find "$datadir/." "$datadir/mysql/." -maxdepth 1 2>&1 >/dev/null |
            sed -n '/No such file or directory/! { s/^/missing=/p; q; }'
        place=$(readlink -m -- "$datadir")
        while [ "$place" != / ]; do
            # systemd makes such a unit of every entry in fstab, too.
            mount=$(systemd-escape --path --suffix=mount "$place")
            if ! findmnt --mountpoint "$place" >/dev/null &&
                [ "$(systemctl show "$mount" --property=LoadState --value)" = loaded ]; then
                echo "missing=$place is a file system of its own, which is not mounted ($mount)"
            fi
            place=$(dirname "$place")
        done
    fi
    if [ -e "$datadir/grastate.dat" ]; then
        saved=$(stat -c %Y "$datadir/grastate.dat")
        echo "grastate_age=$(( ${clock%.*} - saved ))"
    fi
    # The server writes the flag before it closes its data, or while it goes on writing it.
    if [ -e "$datadir/grastate.dat" ] && grep -qs '^safe_to_bootstrap: *1' "$datadir/grastate.dat"; then
        since=$(( saved - 10 ))
        written=$(find -L "$datadir/." -maxdepth 1 '(' -name 'ibdata*' -o -name 'ib_logfile*' ')' -newermt "@$since" -print -quit)
        [ -n "$written" ] || echo grastate_edited=yes
    fi
    mountpoint -q "$datadir/." && echo mount_point=yes
    for kept in "${datadir%/}".kept-*; do [ -d "$kept" ] && echo "kept=$kept"; done
} | section paths

if [ -d "$datadir" ]; then
    each=$sizes
    # A folder to which a link leads is counted once, and a link that leads nowhere is not: where there are
    # links, each is asked for.
    for path in "$datadir"/* "$datadir"/.[!.]* "$datadir"/..?*; do
        [ -L "$path" ] && each= && break
    done
    if [ -n "$each" ]; then
        printf '%s\n' "$sizes" | while IFS= read -r line; do
            name=${line#*"$tab$datadir/./"}
            [ "$name" = "$line" ] || printf '%s\t%s\n' "${line%%"$tab"*}" "$name"
        done
    else
        for path in "$datadir"/* "$datadir"/.[!.]* "$datadir"/..?*; do
            [ -d "$path" ] || { [ -L "$path" ] && [ ! -e "$path" ]; } || continue
            printf '%s\t%s\n' "$(du -sbL "$path" 2>/dev/null | cut -f 1)" "${path##*/}"
        done
    fi | section directories
    for name in sst_in_progress wsrep_sst.pid .sst rsync_sst.pid; do
        [ -e "$datadir/$name" ] && echo "$name"
    done | section sst_leftovers
    # A file that cannot be read must not look like an empty one, so its size is asked for.
    if [ -s "$datadir/grastate.dat" ]; then
        file_section grastate < "$datadir/grastate.dat"
    elif [ -e "$datadir/grastate.dat" ]; then
        echo yes | section grastate_empty
    fi
    [ -e "$datadir/gvwstate.dat" ] && file_section gvwstate < "$datadir/gvwstate.dat"
fi

# Bytes that are free for what a change writes; `read-only` where nothing can be written at all.
for place in "$datadir" "${option_file%/*}" /var/lib/galactl; do
    existing=$place
    while [ ! -d "$existing" ]; do existing=$(dirname "$existing"); done
    free=$(df -B1 --output=avail "$existing/.") && free=${free##*[!0-9]}
    [ -w "$existing" ] || free=read-only
    printf '%s\t%s\n' "$free" "$place"
done | section room

# The server says nothing of Galera in a run outside its cluster. Of such runs since grastate.dat was written, the
# last: its data has moved since, and its position has not. Read from the end, because a node that starts again and
# again fills its log.
case $newline$status in
*"${newline}wsrep_cluster_status${tab}Primary"*) ;;
*)
    if [ -e "$datadir/grastate.dat" ]; then
        written=$(stat -c %Y "$datadir/grastate.dat")
        log=$(spelled 'log[-_]error')
        case $log in '' | /*) ;; *) log=$datadir/$log ;; esac
        {
            journalctl --quiet --unit="$unit.service" --since="@$written" --output=cat --reverse --no-pager 2>/dev/null | head -n 20000
            [ -z "$log" ] || tail -n 20000 "$log" 2>/dev/null | tac
        } | awk -v written="$(date -d "@$written" '+%Y-%m-%d %H:%M:%S')" '
            / WSREP: / { at = "" ; next }
            /ready for connections/ { at = sprintf("%s %8s", $1, $2); sub(/  /, " 0", at); next }
            /Starting MariaDB|starting as process/ { if (at >= written) { print at; exit } at = "" }' | section outside_run
    fi
    ;;
esac

if [ -e "$option_file" ]; then
    stat -c '%a %U %G' "$option_file" | section config_mode
    file_section config < "$option_file"
fi

# What wins: the last value of each option, and what stands in files of the same folder that are
# read after ours.
printf '%s\n' "$defaults" | section options
# An option without `=` is most often a switch. Of the others, the server itself tells the value.
bare=
while IFS= read -r line; do
    case $line in --*=*) ;; --*) line=${line#--} && bare=$bare${line#loose?}$newline ;; esac
done <<EOF_DEFAULTS
$defaults
EOF_DEFAULTS
if [ -n "$bare" ] && server=$(command -v mariadbd || command -v mysqld); then
    help=$(HOME=/nonexistent "$server" --datadir=/nonexistent --user=mysql --help --verbose 2>/dev/null) ||
        help=$("$server" --no-defaults --datadir=/nonexistent --user=mysql --help --verbose 2>/dev/null)
    bare=$(printf '%s' "$bare" | tr _ -)
    printf '%s\n' "$help" | sed -n 's/^ *\(-., \)\{0,1\}--\([a-z0-9-]*\)\[=.*/\2/p' | grep -xFe "$bare" |
        while IFS= read -r name; do
            printf '%s\n' "$help" | sed -n "s/^$name  *\((No default value)\)\{0,1\}/$name$tab/p" | head -n 1
        done | section optional
fi
HOME=/nonexistent my_print_defaults sst 2>/dev/null | section sst_options
grep -lsiE '^[[:space:]]*(loose[-_])?wsrep[-_]' /etc/my.cnf /etc/my.cnf.d/*.cnf /etc/mysql/my.cnf /etc/mysql/*.d/*.cnf |
    while IFS= read -r file; do
        [ "$file" = "$option_file" ] || printf '%s\n' "$file"
    done | section wsrep_files
{
    for file in "${option_file%/*}"/*.cnf; do
        # shellcheck disable=SC3012 # every shell that is some host's sh compares strings
        [ "$file" \> "$option_file" ] || continue
        my_print_defaults --defaults-file="$file" --mysqld 2>/dev/null | prefix "$file$tab"
    done
    # What stands behind the line that includes that folder is read after it, and so is the next file. A group
    # that began before that line goes on behind it.
    included=
    for file in /etc/my.cnf /etc/mysql/my.cnf; do
        [ -e "$file" ] || continue
        rest=$(awk -v folder="${option_file%/*}" -v included="$included" '
            BEGIN { after = included }
            after { print; next }
            /^[[:space:]]*\[/ { group = $0 }
            /^[[:space:]]*!includedir/ { path = $2; sub(/\/+$/, "", path); if (path == folder) { after = 1; print group } }' "$file")
        [ -n "$rest" ] || continue
        included=yes
        printf '%s\n' "$rest" | my_print_defaults --defaults-file=/dev/stdin --mysqld 2>/dev/null | prefix "$file$tab"
    done
    [ -z "$unit_words" ] || printf '%s\n' "$unit_words" | grep -v '^--defaults' | prefix "$unit.service$tab"
} | section later_options

# The members of the cluster as this host's files and its server know them, with the addresses that names have here.
{
    spelled 'wsrep[-_]cluster[-_]address'
    printf '%s\n' "$status" | sed -n "s/^wsrep_cluster_address$tab//p"
} 2>/dev/null | sed -n 's|^gcomm://||; s|[?].*||; s|,|\n|g; p' | sort -u | while IFS= read -r peer; do
    [ -n "$peer" ] || continue
    # A port stands behind the brackets of an IPv6 address, and without them there is none.
    case $peer in
    \[*\]:*) name=${peer%:*} ;;
    \[*) name=$peer ;;
    *:*:*) name=$peer ;;
    *) name=${peer%:*} ;;
    esac
    case $name in *[!0-9.]*) case $name in *:*) ;; *) name=$name$tab$(timeout 3 getent ahosts "$name" | sed 's/ .*//' | sort -u | tr '\n' ' ') ;; esac ;; esac
    printf '%s\n' "$name"
done | section peers

# Milliseconds, in tens, without a program that tells the time.
tell_time() { read -r now _ < /proc/uptime && now=${now%.*}${now#*.}0; }
for peer in "$@"; do
    tell_time
    before=$now
    timeout 3 getent hosts "$peer" >/dev/null
    tell_time
    echo "$(( now - before )) $peer"
done | section lookups
echo
echo @end
