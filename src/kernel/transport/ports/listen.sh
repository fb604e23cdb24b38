# Runs listen.pl, unless another run is at work on this host. Run by `sh -c` as root:
#   $1 "alone" where this run holds the host's lock, and so no other changes anything
#   $2 listen.pl  $3.. its arguments
#
# A server that another run starts must find its ports free, and two probes must not take each
# other's listeners for foreign programs. The lock of changing runs is looked at and not taken.
exec 2>&1
exec 9>>/run/galactl-ports.lock
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH

alone=$1 lock=/run/galactl.lock
shift
if [ "$alone" != alone ] && [ -e "$lock" ] && grep -q "FLOCK .*:$(stat -c %i "$lock") " /proc/locks; then
    echo "another run is changing this host: $(cat "$lock")"
    exit 1
fi
flock -n 9 || {
    echo "another run is trying this host's ports"
    exit 1
}
# A login shell's start files may have left a line open.
echo
exec perl -e "$@"
