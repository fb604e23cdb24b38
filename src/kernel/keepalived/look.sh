# Looks at how a proxy's host shares an address and changes nothing. Run by `sh -c` as root:
#   $1 the host's own address  $2 the shared address; the others are for the script that follows
own=$1 shared=$2
shift 2

# A name as an address: the one that the host itself looks up.
case $own in
*[!0-9a-fA-F.:]*) own=$(getent ahosts "$own" | sed -n '1s/[[:space:]].*//p') ;;
esac
ip -o address show | awk -v own="$own" '{ split($4, it, "/"); if (it[1] == own) { print $2; exit } }' | section interface
readlink -f "$(command -v systemctl)" | section systemctl
ip -o address show | awk -v shared="$shared" '{ split($4, it, "/"); if (it[1] == shared) { print "yes"; exit } }' |
    section holds
