# only_if_free DATADIR NODE: goes on only while nobody's data are there: none, PostgreSQL's own, or those that a join of this node
# has copied. of_users.sh is before it.
only_if_free() {
    [ ! -f "$1/galactl.joining" ] || [ "$(cat "$1/galactl.joining")" != "$2" ] || return 0
    if [ -f "$1/PG_VERSION" ]; then
        of_users "$1"
        [ "$of_users" -eq 0 ] || { echo "$1 has data of users by now" >&2; exit 65; }
    elif [ -d "$1" ] && ls -A "$1" | grep -q .; then
        echo "$1 holds other files than those of a cluster" >&2
        exit 65
    fi
}
