# Lets the installed server read option files as at a start, and changes nothing. Run by `sh -c` as root:
#   $1 "new": the file that is to be put in place comes on standard input
#   $2 "own": all files that are there now are to be read
#   $3 the server's socket
#
# It makes a file in its data directory, so that it is given none.
# The grant tables are left alone: a running server has them open, and they must not be touched beside it. So the
# options of a plugin that was installed in SQL are not known here: a running server is asked for them, and one that is
# stopped may look into its data.
server=$(command -v mariadbd || command -v mysqld) || exit 1

# What is to be put in place holds a secret, and so goes to the server over standard input only.
given() { case $1 in new) printf '%s\n' "$new" ;; esac; }
# read_by SECTION OPTION...
read_by() {
    name=$1
    shift
    if said=$(given "$name" | timeout 20 "$server" "$@" --datadir=/nonexistent --user=mysql --skip-grant-tables --help --verbose 2>&1 >/dev/null); then
        said=
    else
        # It could not be read, which says nothing of what is in it.
        case $said in */dev/stdin*) return ;; esac
        case $said in
        *"unknown variable '"*)
            if [ -n "$(pgrep -x 'mariadbd|mysqld')" ]; then
                said=$(printf '%s\n' "$said" | really_said "$socket")
                case $said in *"[ERROR]"*) ;; *) said= ;; esac
            elif again=$(given "$name" | timeout 20 "$server" "$@" --user=mysql --help --verbose 2>&1 >/dev/null); then
                said=
            else
                said=$again
            fi
            ;;
        esac
    fi
    if [ -z "$said" ]; then
        echo yes | section "${name}_accepted"
        return
    fi
    printf '%s\n' "$said" | section "${name}_refused"
    "$server" --no-defaults --datadir=/nonexistent --skip-grant-tables --help --verbose 2>/dev/null |
        sed -n 's/^  *\(-[^ ,]*, \)\{0,1\}--\([a-z][a-z0-9_-]*\).*/\2/p' | section known
}
socket=$3
if [ "$1" = new ]; then
    new=$(cat)
    read_by new --defaults-file=/dev/stdin
fi
# The server's own home holds no option file.
[ "$2" != own ] || HOME=/nonexistent read_by own
echo
echo @end
