# Asks the mysqld exporter of this host, where it listens, whether the server lets it log in. $1… are for the script before
# it.
ss -H -l -t -n "sport = :9104" | {
    read -r _ _ _ place _ || exit
    http_get "$(echo "${place%:*}" | tr -d '[]')" 9104 /metrics | grep -q '^mysql_up 1' && echo yes | section logs_in
}
