# Tells whether a host has what it needs to follow a server that was made elsewhere. It changes nothing. Run by `sh -c`
# as root:
#   $1 major version  $2… folders of tablespaces
version=$1
shift
cd / || exit

for library in "/usr/lib/postgresql/$version/lib/"*.so; do [ -e "$library" ] && basename "$library" .so; done | section libraries
for control in "/usr/share/postgresql/$version/extension/"*.control; do [ -e "$control" ] && basename "$control" .control; done |
    section extensions
locale -a 2>/dev/null | section locales
for place in "$@"; do
    if [ -d "$place" ] && [ -z "$(ls -A "$place" 2>&1)" ] && runuser -u postgres -- test -w "$place"; then
        printf '%s\n' "$place"
    fi
done | section ready_places
