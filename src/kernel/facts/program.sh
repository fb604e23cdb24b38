# Looks at a program of a package and changes nothing:
#   $1 its name, which its unit has too  $2 ports that it needs  $3 packages  $4… of each file: section, path, unit
program=$1 packages=$3
# The kernel keeps 15 bytes of a program's name.
kept_name=$(printf '%.15s' "$program")
for port in $2; do
    ss -H -l -t -n -p "sport = :$port" | grep -v "\"$kept_name\"" | sed -n "s/^.*((\"\([^\"]*\)\".*$/$port \1/p"
done | section taken
shift 3

# A file that is as a package has it is nobody's work.
is_packaged() {
    packaged=$(for package in $packages; do dpkg-query -W -f '${Conffiles}\n' "$package" 2>/dev/null; done |
        sed -n "s|^ *$1 \([0-9a-f]*\).*$|\1|p")
    [ -n "$packaged" ] && [ "$packaged" = "$(md5sum < "$1" 2>/dev/null | cut -d ' ' -f 1)" ]
}
if command -v dpkg-query >/dev/null; then
    # shellcheck disable=SC2086 # Several packages are several words.
    dpkg-query -W -f '${Package}\t${db:Status-Status}\t${Version}\n' $packages 2>/dev/null | section packages
fi
show_unit() {
    systemctl show "$1" --property=LoadState,ActiveState,SubState,UnitFileState,Result,NRestarts,MainPID
}
show_unit "$program.service" | section unit
while [ $# -ge 3 ]; do
    if [ -e "$2" ]; then
        stat -c '%a %U %G' "$2" | section "$1_mode"
        file_section "$1" < "$2"
        is_packaged "$2" && echo "$1" | section pristine
        [ -n "$3" ] && newer_than_unit "$2" "$3" && echo yes | section stale
        case $3 in '' | "$program.service") ;; *) show_unit "$3" | section follower ;; esac
    fi
    shift 3
done
