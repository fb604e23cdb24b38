# Reads the journal of a host's Patroni, its server and its etcd, and changes nothing. Run by `sh -c` as root:
#   $1 seconds to look back
#
# The newest lines: of `--since` with `--lines`, systemd before 254 prints the oldest, so they are read from the end.
journalctl --quiet --reverse --since="-${1}s" --no-pager --all --output=short-iso --no-hostname --lines=3000 \
    --unit=patroni.service --unit=etcd.service | tac
