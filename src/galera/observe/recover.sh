# Asks the data of a stopped server how far it got, and changes nothing. Run by `sh -c` as root:
#   $1 unit  $2 data directory
#
# The server's own --wsrep-recover finishes the crash recovery of InnoDB first, and so writes. Here
# it writes into a layer above the data, which is gone afterwards; and all of it is in a mount
# namespace of its own, so that nobody else sees it.
exec 2>&1
unit=$1 datadir=$(readlink -f -- "$2")

fail() { echo "$1" | section trouble; echo; echo @end; exit 0; }
# Nobody else may start the server meanwhile: then this is no look at data at rest.
at_rest() {
    case $(systemctl show "$unit.service" --property=ActiveState --value) in
    inactive | failed) ;;
    *) return 1 ;;
    esac
    ! pgrep -ax 'mariadbd|mysqld' | grep -qvE -- ' --(version|help|verbose|wsrep[-_]recover)'
}
restarts() { systemctl show "$unit.service" --property=NRestarts,InactiveEnterTimestampMonotonic; }

# The newest of InnoDB's files. Databases may be symbolic links.
newest=$(find -L "$datadir/." -maxdepth 2 '(' -name '*.ibd' -o -name 'ib_logfile*' -o -name 'ibdata*' ')' -printf '%T@\n' 2>/dev/null | sort -n | tail -n 1)
[ -n "$newest" ] && echo "$(( $(date +%s) - ${newest%.*} ))" | section last_write

at_rest || fail "its server runs, or is about to start"
[ -d "$datadir/mysql" ] || { echo "there are no system tables in $datadir" | section no_data; echo; echo @end; exit 0; }
server=$(command -v mariadbd || command -v mysqld) || fail "no server is installed"
before=$(restarts)

# Where the layer goes: a disk if it takes all that might be written, and memory otherwise.
bytes=$(du -sbL "$datadir/." | cut -f 1)
work=$(mktemp -d /run/galactl-recover.XXXXXX)
mkdir "$work/memory"
# The server gives up root before it makes its socket.
chmod 711 "$work"
disk=
if [ "$(df -B1 --output=avail /var/tmp | tail -n 1)" -gt "$bytes" ]; then
    disk=$(mktemp -d /var/tmp/galactl-recover.XXXXXX)
fi
trap 'rm -rf -- "$work" ${disk:+"$disk"}' EXIT

# Everything that a server writes to: the data directory, what its options place elsewhere, and
# databases that are symbolic links.
option() { HOME=/nonexistent my_print_defaults --mysqld 2>/dev/null | sed -n "s/^--$1=//p" | tail -n 1; }
{
    echo "$datadir"
    option 'innodb[-_]data[-_]home[-_]dir'
    option 'innodb[-_]log[-_]group[-_]home[-_]dir'
    option 'innodb[-_]undo[-_]directory'
    option 'aria[-_]log[-_]dir[-_]path'
    case $(option 'log[-_]bin') in */*) dirname -- "$(option 'log[-_]bin')" ;; esac
    find "$datadir" -mindepth 1 -maxdepth 1 -type l -xtype d -exec readlink -f -- {} ';'
} | grep '^/' | sort -u > "$work/places"

# shellcheck disable=SC2016 # the inner shell expands them
# $1 the server, $2 directory for what passes, $3 directory on a disk or nothing, $4 data directory
unshare --mount sh -c '
    mount --make-rprivate / && mount -t tmpfs tmpfs "$2/memory" || exit
    number=0
    while IFS= read -r place; do
        [ -d "$place" ] || continue
        number=$((number + 1))
        for layer in ${3:+"$3/$number"} "$2/memory/$number"; do
            mkdir -p "$layer/upper" "$layer/work"
            chown --reference="$place" "$layer/upper"
            chmod --reference="$place" "$layer/upper"
            mount -t overlay -o "lowerdir=$place,upperdir=$layer/upper,workdir=$layer/work" overlay "$place" 2>/dev/null && continue 2
        done
        echo "[ERROR] no layer can be put above $place (overlayfs)"
        exit 1
    done < "$2/places"
    mkdir "$2/memory/run" && chown --reference="$4" "$2/memory/run"
    exec timeout --kill-after=10 840 "$1" --user=mysql --wsrep-on=ON --wsrep-recover --disable-log-error \
        --skip-networking --socket="$2/memory/run/sock" --pid-file="$2/memory/run/pid"
' galactl "$server" "$work" "$disk" "$datadir" > "$work/said" 2>&1
if at_rest && [ "$before" = "$(restarts)" ]; then
    tail -n 400 "$work/said" | file_section said
else
    fail "its server was started in the meantime"
fi
echo
echo @end
