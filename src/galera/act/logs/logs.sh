# Reads the logs of one host's server, and what that server does at this moment; changes nothing. Run by `sh -c`
# as root:
#   $1 unit  $2 seconds to look back  $3 data directory  $4 the server's socket
#   $5 "own" to read a last start that failed before that time, too
unit=$1 span=$2 datadir=$3 socket=$4 own=$5
# A join logs about 150 lines.
lines=3000

state=$(systemctl show "$unit.service" --property=ActiveState,SubState,NRestarts)
# Seconds since the unit was last started: both clocks count from the host's boot.
began=$(systemctl show "$unit.service" --property=InactiveExitTimestampMonotonic --value)
if [ "${began:-0}" -ne 0 ]; then
    ago=$(($(cut -d . -f 1 /proc/uptime) - began / 1000000))
    echo "+$ago"
    case $own$state in
    own*ActiveState=active*) ;;
    own*) [ "$ago" -lt "$span" ] || span=$((ago + 5)) ;;
    esac
fi

echo "=$span"

# The newest lines, the last one first: of `--since` with `--lines`, systemd before 254 prints the oldest. The state
# transfer's script writes through short-lived `logger`s, which may be gone before the journal asks which unit they
# are of, so these are also known by the names that `wsrep_sst_mariabackup` gives them.
echo "@journal"
journalctl --quiet --reverse --since="-${span}s" --no-pager --all --output=short-iso --lines="$lines" \
    _SYSTEMD_UNIT="$unit.service" + _PID=1 UNIT="$unit.service" + \
    SYSLOG_IDENTIFIER=-wsrep-sst-joiner SYSLOG_IDENTIFIER=-wsrep-sst-donor \
    SYSLOG_IDENTIFIER=-innobackupex-apply SYSLOG_IDENTIFIER=-innobackupex-move \
    SYSLOG_IDENTIFIER=-innobackupex-backup | sed 's/^/|/'

# Where the server writes its log, if not into the journal: it says so itself while it runs, and else its option files
# and its command line do. Without a name the file is called as the pid file is.
options=$(
    HOME=/nonexistent my_print_defaults --mysqld 2>/dev/null
    systemctl cat "$unit.service" 2>/dev/null | grep -v '^ *#' | grep -oE -- "--[a-z]*[-_]?(log[-_]error|pid[-_]file|log[-_]basename)[^ \"';]*"
)
last_of() { printf '%s\n' "$options" | sed -nE "$1" | tail -n 1; }
log_error=
case $state in
*ActiveState=active*)
    if [ -S "$socket" ] && command -v mariadb >/dev/null; then
        log_error=$(timeout 5 mariadb --no-defaults --batch --skip-column-names --socket="$socket" --user=root \
            --connect-timeout=3 -e 'SELECT @@log_error' 2>/dev/null)
    fi
    ;;
esac
if [ -z "$log_error" ]; then
    log_error=$(last_of 's/^--(loose[-_])?log[-_]error(=(.*))?$/=\3/p; s/^--(loose[-_])?log[-_]basename=(.*)$/=\2.err/p; s/^--(loose[-_])?(skip|disable)[-_]log[-_]error.*$/-/p')
    case $log_error in
    =)
        pid_file=$(last_of 's/^--(loose[-_])?pid[-_]file=(.*)$/\2/p')
        log_error=${pid_file:-$(hostname)}
        log_error=${log_error%.pid}.err
        ;;
    =*) log_error=${log_error#=} ;;
    *) log_error= ;;
    esac
    case ${log_error##*/} in '' | *.*) ;; *) log_error=$log_error.err ;; esac
fi
case $log_error in '' | /*) ;; *) log_error=$datadir/$log_error ;; esac
if [ -f "$log_error" ]; then
    echo "@log_error $log_error"
    # A line without a time belongs to the one before it.
    tail -n "$lines" -- "$log_error" | awk -v since="$(date -d "-$span seconds" '+%Y-%m-%d %k:%M:%S')" '
        /^[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] [ 0-9][0-9]:/ { on = substr($0, 1, 19) "" >= since "" }
        on { print "|" $0 }'
fi

# The state transfer script's own.
find "$datadir" /tmp/sst_log_archive -maxdepth 1 -name 'mariabackup.*.log*' -newermt "-$span seconds" 2>/dev/null |
while IFS= read -r log; do
    echo "@$log"
    tail -n 200 "$log" | sed 's/^/|/'
done

echo "@now"
printf '%s\n' "$state" | sed 's/^/|/'
echo "|addresses=$(hostname -I 2>/dev/null)"
# Connections that nothing has answered yet: whose, to where, and the timer that tells how often they were tried.
ss -Htnpo state syn-sent 2>/dev/null | sed -nE 's/^ *[0-9]+ +[0-9]+ +[^ ]+ +([^ ]+).*\(\("([^"]+)".*timer:\(([^)]*)\).*/|unanswered=\2 \1 \3/p'
case $state in
*ActiveState=activating*)
    # mariabackup receives into .sst; what rsync writes over cannot be measured there, so its connections are asked.
    if [ -d "$datadir/.sst" ]; then
        echo "|received=$(du -sb "$datadir/.sst" 2>/dev/null | cut -f 1)"
    else
        ss -Htnpi state established 2>/dev/null | awk '
            /^[0-9]/ { on = /"(socat|rsync|nc|ncat|stunnel4?)"/ }
            on && match($0, /bytes_received:[0-9]+/) { seen = 1; sum += substr($0, RSTART + 15, RLENGTH - 15) }
            END { if (seen) printf "|received=%.0f\n", sum }'
    fi
    [ -z "$(find "$datadir/." -newermt '-30 seconds' -print -quit 2>/dev/null)" ] || echo "|written=yes"
    ;;
esac
