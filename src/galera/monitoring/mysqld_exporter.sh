# Asks the mysqld exporter of this host, where it listens, whether the server lets it log in. $1… are for the script before
# it.
ss -H -l -t -n "sport = :9104" | {
    read -r _ _ _ place _ || exit
    # shellcheck disable=SC2016 # The inner shell expands it.
    timeout 3 bash -c 'exec 3<>"/dev/tcp/$1/9104" && printf "GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n" >&3 && cat <&3' \
        ask "$(echo "${place%:*}" | tr -d "[]")" 2>/dev/null | grep -q '^mysql_up 1' && echo yes | section logs_in
}
