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
# unit_option NAME: sets `value`. What stands in the unit goes onto the command line, and wins over every option file.
unit_option() {
    value=
    case $unit_text in
    *"--$1="*) value=$(printf '%s\n' "$unit_text" | grep -oE -- "--$1=[^ \"';]+" | tail -n 1 | cut -d = -f 2-) ;;
    esac
}
# A text is gone through line by line: what a shell cuts out of a long one with `#` or `##` takes it the square of its
# length.
server_socket=
server_datadir=
bare=
split
for line in $defaults; do
    case $line in
    --socket=*) server_socket=${line#--socket=} ;;
    --datadir=*) server_datadir=${line#--datadir=} ;;
    --*=*) ;;
    --*) line=${line#--} && bare=$bare${line#loose?}$newline ;;
    esac
done
joined
# The last value of an option whose name, a pattern, may be spelled in several ways.
spelled() { printf '%s\n' "$defaults" | sed -n "s/^--\(loose[-_]\)*$1=//p" | tail -n 1; }
environment=$(systemctl show-environment)
# Most units have none of these, and then nothing is searched for.
unit_words=
case $unit_text$newline$environment in
*--wsrep[-_][opc]* | *--loose[-_]* | *--skip[-_]* | *--disable[-_]* | *--enable[-_]* | *--defaults[-_]*)
    unit_words=$(cluster_words "$unit_text" "$environment")
    ;;
esac

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
    text_section packages "$(dpkg-query -W -f '${Package}\t${db:Status-Status}\t${Version}\n' \
        'mariadb-server*' 'galera-*' mariadb-backup rsync socat openssl stunnel4 2>/dev/null)"
fi

server_program=$(command -v mariadbd || command -v mysqld)
# What apt would install, where nothing is installed.
if [ -z "$server_program" ] && command -v apt-cache >/dev/null; then
    policy=$(apt-cache policy mariadb-server 2>/dev/null)
    case $policy in
    *" Candidate: "*) policy=${policy#*" Candidate: "} && printf '%s\n' "${policy%%"$newline"*}" ;;
    esac | section candidate
fi

unit_state=$(systemctl show "$unit.service" --property=LoadState,ActiveState,SubState,UnitFileState,Result,NRestarts,MainPID,TimeoutStartUSec,EnvironmentFiles)
begin_section unit
split
for line in $unit_state; do
    case $line in EnvironmentFiles=*) ;; *) say "$line" ;; esac
done
joined
# A server that is only asked for its version or its options is none; monitoring does that.
servers=
server_words=
programs=$(pgrep -ax 'mariadbd|mysqld' 2>/dev/null)
split
for line in $programs; do
    case "$line " in
    *" --version"* | *" --help"* | *" --verbose"* | *" --wsrep"[-_]recover*) ;;
    *) [ -n "$servers" ] || server_words=$line && servers=$servers${line%% *}$newline ;;
    esac
done
joined
text_section processes "$servers"
# How the server was started: nothing else remembers a bootstrap that somebody made by hand.
server_pid=${servers%%"$newline"*}
if [ -n "$server_pid" ]; then
    age=$(ps -o etimes= -p "$server_pid" 2>/dev/null)
    begin_section start
    [ -z "$age" ] || say "age=${age##* }"
    case $server_words in
    *--wsrep[-_]new* | *--wsrep[-_]start*)
        arguments=$(tr '\0' '\n' 2>/dev/null < "/proc/$server_pid/cmdline")
        split
        for argument in $arguments; do
            case $argument in --wsrep[-_]new* | --wsrep[-_]start*) say "argument=$argument" ;; esac
        done
        joined
        ;;
    esac
fi

[ -z "$servers" ] || group_peers "$group_ports"

# Every place from which a start takes the intent to bootstrap: those that the distributions'
# scripts use, and those that an administrator may have used.
armed='--(loose[-_])?wsrep[-_]new[-_]cl'
# looks_armed TEXT: whether it is worth a search.
looks_armed() { case $1 in *--wsrep[-_]new[-_]cl* | *--loose[-_]wsrep[-_]new[-_]cl*) ;; *) return 1 ;; esac; }
# looks_armed_option LINE: likewise, of one that an option file gives: it names a cluster to be born, or no member.
looks_armed_option() {
    case $1 in
    *[Ww][Ss][Rr][Ee][Pp][-_][Nn][Ee][Ww][-_][Cc][Ll]*) return 0 ;;
    *[Ww][Ss][Rr][Ee][Pp][-_]*=[Gg][Cc][Oo][Mm][Mm]:*) ;;
    *) return 1 ;;
    esac
    members=${1#*:}
    while :; do
        case $members in /*) members=${members#/} ;; '' | '?'*) return 0 ;; *) return 1 ;; esac
    done
}
begin_section intent
! looks_armed "$environment" || say "$(printf '%s\n' "$environment" | grep -E -- "$armed" | prefix 'environment ')"
for file in /run/mariadb-wsrep-new-cluster /run/mysqld/wsrep-new-cluster; do
    [ ! -e "$file" ] || say "$(grep -lsE -- "$armed" "$file" | prefix 'file ')"
done
split
for line in $defaults; do
    looks_armed_option "$line" || continue
    say "$(printf '%s\n' "$line" |
        grep -iE -- "^$armed|^--(loose[-_])?wsrep[-_]cluster[-_]address=gcomm:/*([?].*)?\$" | prefix 'option ')"
done
joined
! looks_armed "$unit_text" || say "$(printf '%s\n' "$unit_text" | grep -E -- "$armed" | prefix 'option ')"
split
for line in $unit_state; do
    case $line in EnvironmentFiles=/*" ("*) ;; *) continue ;; esac
    file=${line#EnvironmentFiles=}
    file=${file%%" ("*}
    case $file in /run/mariadb-wsrep-new-cluster | /run/mysqld/wsrep-new-cluster) continue ;; esac
    [ ! -e "$file" ] || say "$(grep -HsE -- "$armed" "$file" | prefix 'option ')"
done
joined

begin_section tools
for program in mariadb mariadbd mariabackup mariadb-backup mbstream rsync socat ss lsof stunnel openssl pv my_print_defaults; do
    ! command -v "$program" >/dev/null || say "$program"
done

begin_section providers
for library in $providers; do
    [ ! -f "$library" ] || say "$library"
done

# The server's own word. It answers root over its socket without a password. One client asks everything, and what was
# answered before it failed counts: a node without a Primary component refuses the later questions, and few have that account.
# Between two answers stands a row of one more variable. The client escapes a tab in a name, so no other row begins so.
unit_option socket
socket=${value:-${server_socket:-/run/mysqld/mysqld.sock}}
status=
variables=
version=
datadir=
cluster_address=
if [ -S "$socket" ] && command -v mariadb >/dev/null; then
    changeable=
    [ -z "$own_options" ] || changeable="SELECT variable_name, variable_type, variable_scope FROM information_schema.system_variables
        WHERE read_only = 'NO' AND variable_scope <> 'SESSION ONLY' AND variable_name IN ($own_options);"
    row="SHOW GLOBAL VARIABLES LIKE"
    answers=$(timeout 5 mariadb --no-defaults --batch --skip-column-names --unbuffered --default-character-set=utf8mb4 \
        --socket="$socket" --user=root --connect-timeout=3 -e "SHOW GLOBAL STATUS LIKE 'wsrep%';
        $row 'hostname'; SHOW GLOBAL VARIABLES WHERE Variable_name IN ('wsrep_on','wsrep_cluster_name',
            'wsrep_cluster_address','wsrep_node_name','wsrep_desync','version','skip_networking','wsrep_provider_options');
        $row 'datadir'; $changeable
        $row 'pid_file'; SHOW DATABASES;
        $row 'port'; SHOW GRANTS FOR '$sst_user'@'localhost';
        $row 'socket'" 2>&1)
    changeable=
    schemata=
    grants=
    error=
    place=status
    split
    for line in $answers; do
        case $line in
        "hostname$tab"*) place=variables ;;
        "datadir$tab"*) place=changeable && datadir=${line#*"$tab"} ;;
        "pid_file$tab"*) place=schemata ;;
        "port$tab"*) place=grants ;;
        "socket$tab"*) place=end ;;
        *)
            case $place in
            status)
                status=$status$line$newline
                # Not what it had answered before it failed.
                case $line in *"$tab"*) ;; *) error=$error$line$newline ;; esac
                ;;
            variables)
                variables=$variables$line$newline
                case $line in
                "version$tab"*) version=${line#*"$tab"} ;;
                "wsrep_cluster_address$tab"*) cluster_address=${line#*"$tab"} ;;
                esac
                ;;
            changeable) changeable=$changeable$line$newline ;;
            schemata) schemata=$schemata$line$newline ;;
            grants) grants=$grants${line%%IDENTIFIED*}$newline ;;
            esac
            ;;
        esac
    done
    joined
    case $place in
    status | variables)
        text_section status_error "$error"
        status=
        variables=
        version=
        ;;
    *)
        text_section status "$status"
        text_section variables "$variables"
        case $place in schemata | grants | end) [ -z "$own_options" ] || text_section changeable "$changeable" ;; esac
        case $place in grants | end) text_section schemata "$schemata" ;; esac
        case $place in end) text_section sst_grants "$grants" ;; esac
        ;;
    esac
fi

# A data directory may be a symbolic link, and so may every database in it: so links are
# followed, and a link that leads nowhere is listed all the same.
[ -n "$datadir" ] || { unit_option datadir && datadir=${value:-${server_datadir:-/var/lib/mysql}}; }
# A server costs a machine more than all the rest of this script, also when it is only asked for its version. One that runs
# has told its own, which is that of the program if it still is the same file.
case $unit_text$newline$defaults in *--version=*) version= ;; esac
# shellcheck disable=SC3013 # every shell that is some host's sh compares files
[ "$servers" = "$server_pid$newline" ] && [ "/proc/$server_pid/exe" -ef "$server_program" ] || version=
# A server that never was in a cluster is asked in the moment before it is started.
if [ -z "$servers" ] && [ -n "$server_program" ] && [ -e "$datadir/grastate.dat" ]; then
    answers=$(next_start "$server_program" "$unit_words")
    text_section next_start "$answers"
    case $answers in version=*) version=${answers#version=} && version=${version%%"$newline"*} ;; esac
fi
if [ -n "$server_program" ]; then
    [ -n "$version" ] || version=$("$server_program" --no-defaults --version 2>/dev/null)
    version=${version##*" Ver "}
    text_section server "$version"
fi
# "BYTES<tab>PATH" of each folder in it, and of all at the end.
sizes=$newline$(du -bL -d 1 --exclude=galera.cache "$datadir/." 2>/dev/null)
[ "$sizes" != "$newline" ] || sizes=
# existing PATH: sets `there` to it, or to the folder above it that exists.
existing() { there=$1 && while [ ! -d "$there" ]; do there=$(dirname "$there"); done; }
# Free bytes at all places that are written to, asked for at once.
places="$datadir$newline${option_file%/*}$newline/var/lib/galactl"
all_free() {
    set --
    split
    for place in $places; do existing "$place" && set -- "$@" "$there/."; done
    df -B1 --output=avail,file "$@" 2>/dev/null
}
free_at=$(all_free)$newline
# free PATH: sets `bytes`, which is empty where it was not told.
free() {
    existing "$1"
    bytes=
    case $free_at in *" $there/.$newline"*) bytes=${free_at%%" $there/.$newline"*} && bytes=${bytes##*"$newline"} && bytes=${bytes##* } ;; esac
}
# When they were written, and how long they are.
files=$(stat -c '%Y %s %n' "$datadir/galera.cache" "$datadir/grastate.dat" 2>/dev/null)
saved=
begin_section paths
say "datadir=$datadir"
say "socket=$socket"
free "$datadir"
[ -z "$bytes" ] || say "free=$bytes"
[ -z "$sizes" ] || { bytes=${sizes##*"$newline"} && say "bytes=${bytes%%"$tab"*}"; }
split
for line in $files; do
    case $line in
    *" $datadir/galera.cache") line=${line#* } && say "cache=${line%% *}" ;;
    *" $datadir/grastate.dat") saved=${line%% *} ;;
    esac
done
joined
# A data directory that cannot be read just now must not look like one that is empty.
if [ -d "$datadir/mysql" ]; then
    say initialised=yes
else
    {
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
    } | prefix '|'
fi
if [ -n "$saved" ]; then
    say "grastate_age=$(( ${clock%.*} - saved ))"
fi
# The server writes the flag before it closes its data, or while it goes on writing it.
if [ -n "$saved" ] && grep -qs '^safe_to_bootstrap: *1' "$datadir/grastate.dat"; then
    since=$(( saved - 10 ))
    written=$(find -L "$datadir/." -maxdepth 1 '(' -name 'ibdata*' -o -name 'ib_logfile*' ')' -newermt "@$since" -print -quit)
    [ -n "$written" ] || say grastate_edited=yes
fi
! mountpoint -q "$datadir/." || say mount_point=yes
for kept in "${datadir%/}".kept-*; do [ ! -d "$kept" ] || say "kept=$kept"; done

if [ -d "$datadir" ]; then
    each=$sizes
    # A folder to which a link leads is counted once, and a link that leads nowhere is not: where there are
    # links, each is asked for.
    for path in "$datadir"/* "$datadir"/.[!.]* "$datadir"/..?*; do
        [ -L "$path" ] && each= && break
    done
    begin_section directories
    if [ -n "$each" ]; then
        split
        for line in $sizes; do
            name=${line#*"$tab$datadir/./"}
            [ "$name" = "$line" ] || say "${line%%"$tab"*}$tab$name"
        done
        joined
    else
        for path in "$datadir"/* "$datadir"/.[!.]* "$datadir"/..?*; do
            [ -d "$path" ] || { [ -L "$path" ] && [ ! -e "$path" ]; } || continue
            say "$(du -sbL "$path" 2>/dev/null | cut -f 1)$tab${path##*/}"
        done
    fi
    begin_section sst_leftovers
    for name in sst_in_progress wsrep_sst.pid .sst rsync_sst.pid; do
        [ ! -e "$datadir/$name" ] || say "$name"
    done
    # A file that cannot be read must not look like an empty one, so its size is asked for.
    if [ -s "$datadir/grastate.dat" ]; then
        file_section grastate < "$datadir/grastate.dat"
    elif [ -e "$datadir/grastate.dat" ]; then
        echo yes | section grastate_empty
    fi
    [ -e "$datadir/gvwstate.dat" ] && file_section gvwstate < "$datadir/gvwstate.dat"
fi

# Bytes that are free for what a change writes; `read-only` where nothing can be written at all.
begin_section room
split
for place in $places; do
    free "$place"
    [ -w "$there" ] || bytes=read-only
    say "$bytes$tab$place"
done
joined

# The server says nothing of Galera in a run outside its cluster. Of such runs since grastate.dat was written, the
# last: its data has moved since, and its position has not. Read from the end, because a node that starts again and
# again fills its log.
case $newline$status in
*"${newline}wsrep_cluster_status${tab}Primary"*) ;;
*)
    if [ -n "$saved" ]; then
        log=$(spelled 'log[-_]error')
        case $log in '' | /*) ;; *) log=$datadir/$log ;; esac
        {
            journalctl --quiet --unit="$unit.service" --since="@$saved" --output=cat --reverse --no-pager 2>/dev/null | head -n 20000
            [ -z "$log" ] || tail -n 20000 "$log" 2>/dev/null | tac
        } | awk -v written="$(date -d "@$saved" '+%Y-%m-%d %H:%M:%S')" '
            / WSREP: / { at = "" ; next }
            /ready for connections/ { at = sprintf("%s %8s", $1, $2); sub(/  /, " 0", at); next }
            /Starting MariaDB|starting as process/ { if (at >= written) { print at; exit } at = "" }' | section outside_run
    fi
    ;;
esac

if [ -e "$option_file" ]; then
    text_section config_mode "$(stat -c '%a %U %G' "$option_file")"
    file_section config < "$option_file"
fi

# What wins: the last value of each option, and what stands in files of the same folder that are
# read after ours.
text_section options "$defaults"
# An option without `=` is most often a switch. Of the others, the server itself tells the value.
if [ -n "$bare" ] && server=$(command -v mariadbd || command -v mysqld); then
    help=$(HOME=/nonexistent "$server" --datadir=/nonexistent --user=mysql --help --verbose 2>/dev/null) ||
        help=$("$server" --no-defaults --datadir=/nonexistent --user=mysql --help --verbose 2>/dev/null)
    bare=$(printf '%s' "$bare" | tr _ -)
    printf '%s\n' "$help" | sed -n 's/^ *\(-., \)\{0,1\}--\([a-z0-9-]*\)\[=.*/\2/p' | grep -xFe "$bare" |
        while IFS= read -r name; do
            printf '%s\n' "$help" | sed -n "s/^$name  *\((No default value)\)\{0,1\}/$name$tab/p" | head -n 1
        done | section optional
fi
text_section sst_options "$(HOME=/nonexistent my_print_defaults sst 2>/dev/null)"
wsrep_files=$(grep -lsiE '^[[:space:]]*(loose[-_])?wsrep[-_]' /etc/my.cnf /etc/my.cnf.d/*.cnf /etc/mysql/my.cnf /etc/mysql/*.d/*.cnf)
begin_section wsrep_files
split
for file in $wsrep_files; do [ "$file" = "$option_file" ] || say "$file"; done
joined

begin_section later_options
later=
for file in "${option_file%/*}"/*.cnf; do
    # shellcheck disable=SC3012 # every shell that is some host's sh compares strings
    ! [ "$file" \> "$option_file" ] || later=$later$file$newline
done
# One program reads them all, as the server does: before each stands an option that tells whose options follow.
each_included() {
    split
    for file in $later; do printf '[mysqld]\ngalactl-reads=%s\n!include %s\n' "$file" "$file"; done
}
[ -z "$later" ] || later=$(each_included | my_print_defaults --defaults-file=/dev/stdin --mysqld 2>/dev/null)
split
for line in $later; do
    case $line in
    --galactl-reads=*) file=${line#*=} ;;
    *) say "$file$tab$line" ;;
    esac
done
joined
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
    # Most often nothing stands there but the group.
    case $rest in *"$newline"*) say "$(printf '%s\n' "$rest" | my_print_defaults --defaults-file=/dev/stdin --mysqld 2>/dev/null | prefix "$file$tab")" ;; esac
done
[ -z "$unit_words" ] || say "$(printf '%s\n' "$unit_words" | grep -v '^--defaults' | prefix "$unit.service$tab")"

# The members of the cluster as this host's files and its server know them, with the addresses that names have here.
peers=
case $newline$defaults in *[-_]cluster[-_]address=*) peers=$(spelled 'wsrep[-_]cluster[-_]address') ;; esac
peers=$(printf '%s\n' "$peers" "$cluster_address" | sed -n 's|^gcomm://||; s|[?].*||; s|,|\n|g; p' | sort -u)
begin_section peers
split
for peer in $peers; do
    # A port stands behind the brackets of an IPv6 address, and without them there is none.
    case $peer in
    \[*\]:*) name=${peer%:*} ;;
    \[*) name=$peer ;;
    *:*:*) name=$peer ;;
    *) name=${peer%:*} ;;
    esac
    case $name in *[!0-9.]*) case $name in *:*) ;; *) name=$name$tab$(timeout 3 getent ahosts "$name" | sed 's/ .*//' | sort -u | tr '\n' ' ') ;; esac ;; esac
    say "$name"
done
joined

# Milliseconds, in tens, without a program that tells the time.
tell_time() { read -r now _ < /proc/uptime && now=${now%.*}${now#*.}0; }
# look_up PEER...: sets `took`.
look_up() {
    tell_time
    before=$now
    timeout 3 getent hosts "$@" >/dev/null
    tell_time
    took=$((now - before))
}
begin_section lookups
# Where all together are quick, each of them is.
look_up "$@"
for peer in "$@"; do
    [ "$took" -lt 500 ] || look_up "$peer"
    say "$took $peer"
done
echo
echo @end
