# Looks at one arbitrator's host and changes nothing. Run by `sh -c` as root:
#   $1 unit  $2 package  $3 settings file
unit=$1 package=$2 settings=$3

if command -v dpkg-query >/dev/null; then
    dpkg-query -W -f '${Package}\t${db:Status-Status}\t${Version}\n' "$package" 2>/dev/null | section packages
fi

systemctl show "$unit.service" --property=LoadState,ActiveState,SubState,UnitFileState,Result,NRestarts,MainPID |
    section unit
daemons=$(pgrep -x garbd 2>/dev/null)
printf '%s\n' "$daemons" | section processes
for pid in $daemons; do
    tr '\0' '\n' < "/proc/$pid/cmdline" 2>/dev/null | section arguments
    break
done
# The name under which the group knows the daemon that runs now: only its log tells.
run=$(systemctl show "$unit.service" --property=InvocationID --value)
if [ -n "$daemons" ] && [ -n "$run" ]; then
    timeout 5 journalctl --quiet --output=cat "_SYSTEMD_INVOCATION_ID=$run" 2>/dev/null |
        grep -m 1 'listening at' | sed -n 's/^.*(\([0-9a-f]*-[0-9a-f]*\), .*$/\1/p' | section member
fi

if [ -e "$settings" ]; then
    stat -c '%a %U %G' "$settings" | section config_mode
    printf '\n@config\n'
    sed 's/^/|/' "$settings"
fi
echo
echo @end
