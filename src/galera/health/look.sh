# Looks at what tells proxies whether a data node serves, and changes nothing. Run by `sh -c` as root:
#   $1 unit  $2 user  $3 flag of a drain  $4 script  $5 and $6 files of the units  $7 port
unit=$1 user=$2 flag=$3 script=$4 socket=$5 service=$6

text_of() {
    [ -e "$2" ] || return 0
    stat -c '%a %U %G' "$2" | section "$1_mode"
    file_section "$1" < "$2"
}

systemctl show "$unit" --property=LoadState,ActiveState,SubState,UnitFileState,Result | section unit
text_of script "$script"
text_of socket "$socket"
text_of service "$service"
{ newer_than_unit "$socket" "$unit" || newer_than_unit "$service" "$unit"; } && echo yes | section stale
id -u "$user" 2>/dev/null | section user
ss -H -l -t -n -p "sport = :$7" | grep -v '"systemd"' | sed -n "s/^.*((\"\([^\"]*\)\".*$/$7 \1/p" | section taken
if [ -e "$flag" ]; then
    echo yes | section draining
fi
if [ -x "$script" ] && id -u "$user" >/dev/null 2>&1; then
    runuser -u "$user" -- "$script" </dev/null 2>/dev/null | tr -d '\r' | section answer
fi
echo
echo @end
