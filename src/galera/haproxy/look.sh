# Looks at a proxy's host and changes nothing. Run by `sh -c` as root:
#   $1 unit  $2 package  $3 settings file  $4 the part for clients that write  $5 and $6 its ports
unit=$1 package=$2 settings=$3 write=$4

if command -v dpkg-query >/dev/null; then
    dpkg-query -W -f '${Package}\t${db:Status-Status}\t${Version}\n' "$package" 2>/dev/null | section packages
    # A file that is as the package has it is nobody's work.
    packaged=$(dpkg-query -W -f '${Conffiles}\n' "$package" 2>/dev/null | sed -n "s|^ *$settings \([0-9a-f]*\).*$|\1|p")
    if [ -n "$packaged" ] && [ "$packaged" = "$(md5sum < "$settings" 2>/dev/null | cut -d ' ' -f 1)" ]; then
        echo yes | section pristine
    fi
fi
systemctl show "$unit.service" --property=LoadState,ActiveState,SubState,UnitFileState,Result,NRestarts,MainPID |
    section unit
if [ -e "$settings" ]; then
    stat -c '%a %U %G' "$settings" | section config_mode
    file_section config < "$settings"
fi
newer_than_unit "$settings" "$unit.service" && echo yes | section stale
for port in "$5" "$6"; do
    ss -H -l -t -n -p "sport = :$port" | grep -v '"haproxy"' | sed -n "s/^.*((\"\([^\"]*\)\".*$/$port \1/p"
done | section taken
ask_proxy 'show stat' | section stat
ask_proxy "show table $write" | section table
echo
echo @end
