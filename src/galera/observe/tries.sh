# Lets the installed server read option files as at a start, and changes nothing. Run by `sh -c` as root:
#   $1 "new": the file that is to be put in place comes on standard input
#   $2 "own": all files that are there now are to be read
#   $3 the server's socket
#
# It makes a file in its data directory, so that it is given none.
# The grant tables are left alone: a running server has them open, and they must not be touched beside it. So the
# options of a plugin that was installed in SQL are not known here, and a running server is asked for them.
server=$(command -v mariadbd || command -v mysqld) || exit 1

is_a_variable() {
    [ -S "$1" ] && [ -n "$(timeout 5 mariadb --no-defaults --batch --skip-column-names --socket="$1" --user=root \
        --connect-timeout=3 -e "SHOW GLOBAL VARIABLES LIKE '$2'" 2>/dev/null)" ]
}
# read_by SECTION COMMAND...
read_by() {
    name=$1
    shift
    if said=$(timeout 20 "$@" 2>&1 >/dev/null); then
        echo yes | section "${name}_accepted"
        return
    fi
    # It could not be read, which says nothing of what is in it.
    case $said in */dev/stdin*) return ;; esac
    option=$(printf '%s\n' "$said" | sed -n "s/.*unknown variable '\([A-Za-z0-9_-]*\)=.*/\1/p" | tail -n 1 | tr - _)
    if [ -n "$option" ] && is_a_variable "$socket" "$option"; then return; fi
    printf '%s\n' "$said" | section "${name}_refused"
    "$server" --no-defaults --datadir=/nonexistent --skip-grant-tables --help --verbose 2>/dev/null |
        sed -n 's/^  *\(-[^ ,]*, \)\{0,1\}--\([a-z][a-z0-9_-]*\).*/\2/p' | section known
}
socket=$3
[ "$1" != new ] || read_by new "$server" --defaults-file=/dev/stdin --datadir=/nonexistent --user=mysql --skip-grant-tables --help --verbose
# The server's own home holds no option file.
[ "$2" != own ] || HOME=/nonexistent read_by own "$server" --datadir=/nonexistent --user=mysql --skip-grant-tables --help --verbose </dev/null
echo
echo @end
