# Reads the journal of units of a host, and changes nothing. Run by `sh -c` as root:
#   $1 seconds to look back  $2 … units
#
# The newest lines: of `--since` with `--lines`, systemd before 254 prints the oldest, so they are read from the end.
span=$1
shift
for unit; do
    shift
    set -- "$@" "--unit=$unit"
done
journalctl --quiet --reverse --since="-${span}s" --no-pager --all --output=short-iso --no-hostname --lines=3000 "$@" | tac
