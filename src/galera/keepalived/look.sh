# Looks at how a proxy's host shares an address and changes nothing. Run by `sh -c` as root:
#   $1 unit  $2 package  $3 settings file  $4 the host's own address  $5 the shared address
unit=$1 package=$2 settings=$3 own=$4 shared=$5

if command -v dpkg-query >/dev/null; then
    dpkg-query -W -f '${Package}\t${db:Status-Status}\t${Version}\n' "$package" 2>/dev/null | section packages
fi
systemctl show "$unit.service" --property=LoadState,ActiveState,SubState,UnitFileState,Result,NRestarts,MainPID |
    section unit
if [ -e "$settings" ]; then
    stat -c '%a %U %G' "$settings" | section config_mode
    file_section config < "$settings"
fi
newer_than_unit "$settings" "$unit.service" && echo yes | section stale
# A name as an address: the one that the host itself looks up.
case $own in
*[!0-9a-fA-F.:]*) own=$(getent ahosts "$own" | sed -n '1s/[[:space:]].*//p') ;;
esac
ip -o address show | awk -v own="$own" '{ split($4, it, "/"); if (it[1] == own) { print $2; exit } }' | section interface
readlink -f "$(command -v systemctl)" | section systemctl
ip -o address show | awk -v shared="$shared" '{ split($4, it, "/"); if (it[1] == shared) { print "yes"; exit } }' |
    section holds
echo
echo @end
