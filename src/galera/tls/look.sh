# Looks at a member's certificates, and changes nothing. Run by `sh -c` as root:
#   $1 unit  $2 file of the CA  $3 file of certificate and key  $4 the record of what was loaded
#   $5 address and port of group communication  $6 `clients`: look at what is served to clients, too
#   $7 `ask`: look at what is served, too
unit=$1 ca=$2 pair=$3 loaded=$4 group=$5 clients=$6 ask=$7

# newer FILE: it is newer than what the running program has read.
newer() {
    [ -e "$1" ] && [ -n "$started" ] || return 1
    # Every shell of Debian knows -nt.
    # shellcheck disable=SC3013
    awk -v changed="$(stat -c %.9Y "$1")" -v started="$started" 'BEGIN { exit !(changed > started) }' &&
        { [ ! -e "$loaded" ] || [ "$1" -nt "$loaded" ]; }
}
# served OPTION...: the certificate that is served there. It shows the member's own, which group communication asks for.
served() {
    timeout 5 openssl s_client "$@" -cert "$pair" -key "$pair" </dev/null 2>/dev/null | certificates
}

if [ -e "$ca" ]; then
    stat -c '%a %U %G' "$ca" | section ca_mode
    certificates < "$ca" | section ca
fi
if [ -e "$pair" ]; then
    stat -c '%a %U %G' "$pair" | section pair_mode
    certificates < "$pair" | section pair
fi
# What encrypts group communication on a data node, where it is not galactl's. Without a CA, it trusts its own certificate.
other=''
other_ca=''
if [ "$unit" != garb ]; then
    options=$(HOME=/nonexistent my_print_defaults --mysqld 2>/dev/null | sed -n 's/^--wsrep[-_]provider[-_]options=//p' | tail -n 1)
    option() { printf '%s\n' "$options" | tr ';' '\n' | sed -n "s/^ *$1 *= *//p" | sed 's/ *$//' | tail -n 1; }
    other=$(option socket.ssl_cert)
    [ "$other" != "$pair" ] || other=''
fi
if [ -n "$other" ] && [ -e "$other" ]; then
    other_ca=$(option socket.ssl_ca)
    [ -n "$other_ca" ] || other_ca=$other
    certificates < "$other" | section other_pair
    certificates < "$other_ca" | section other_ca
fi
begin_section told
say "other_ca=$other_ca"
say "user=$(systemctl show "$unit.service" --property=User --value)"
if command -v openssl >/dev/null; then
    say "openssl=yes"
    [ ! -e "$pair" ] || say "key=$(openssl pkey -in "$pair" -pubout -outform DER 2>/dev/null | sha256sum | cut -d ' ' -f 1)"
fi
# When the running program was started, in seconds since 1970 with a fraction: files are put in place right before that.
started=
pid=$(systemctl show "$unit.service" --property=MainPID --value)
if [ "${pid:-0}" -gt 0 ] && ticks=$(sed 's/^.*) //' "/proc/$pid/stat" 2>/dev/null | cut -d ' ' -f 20); then
    started=$(awk -v now="$(date +%s.%N)" -v ticks="$ticks" -v hz="$(getconf CLK_TCK)" \
        '{ printf "%.2f", now - $1 + ticks / hz }' /proc/uptime)
fi
{ newer "$ca" || newer "$pair"; } && say "stale=yes"
if [ "$ask" = ask ] && [ -n "$started" ] && command -v openssl >/dev/null; then
    served -connect "$group" | section served_group
    [ -z "$clients" ] || served -unix "$(server_socket "$pid")" -starttls mysql | section served_clients
fi
echo
echo @end
