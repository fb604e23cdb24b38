# The lines of a server's log that tell of conflicts. Run by `sh -c` as root:
#   $1 the log file that the server names, or empty: it writes to the journal
#   $2 unit; without it, only the place where the log ends now is told: bytes of the file, the journal's cursor
#   $3 $4 such a place: what was written before it is left out
#   $5 the most lines: the last ones
size=0
[ -z "$1" ] || size=$(stat -c %s -- "$1" 2>/dev/null || echo 0)
[ -n "$1" ] || journalctl --sync 2>/dev/null
if [ -z "$2" ]; then
    echo "$size $(journalctl --quiet --lines=1 --output=cat --no-pager --show-cursor 2>/dev/null | sed -n 's/^-- cursor: //p')"
    exit
fi
# A file that is shorter now was rotated, and all of it is new.
from=$3
[ "$size" -ge "$from" ] || from=0
# Behind the statement of a replicated transaction, the server prints the first bytes of the next event of its binary
# log up to a zero: four of a time, and a 19. Where one of the four is zero, there are fewer: whoever reads the statement
# leaves out what is no text.
{
    if [ -n "$1" ]; then
        tail -c "+$((from + 1))" -- "$1"
    else
        journalctl --quiet ${4:+"--after-cursor=$4"} --no-pager --all --output=cat _SYSTEMD_UNIT="$2.service"
    fi
} | grep -aE 'WSREP: (cluster conflict|Winning thread|Victim thread)|^ {3}(SQL|THD): |InnoDB: Transactions deadlock detected|^RECORD LOCKS |^ 0: len ' |
    sed -E 's/.{4}\x13.*//' | tail -n "$5"
