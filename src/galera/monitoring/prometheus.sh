# Asks the Prometheus of this host what it asks, and which rules it has. $1… are for the script before it.
ask_prometheus() {
    # shellcheck disable=SC2016 # The inner shell expands it.
    timeout 3 bash -c 'exec 3<>/dev/tcp/127.0.0.1/9090 && printf "GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n" "$1" >&3 && cat <&3' \
        ask "$1" 2>/dev/null | tr -d '\r'
}
ask_prometheus '/api/v1/targets?state=active' | file_section asked
ask_prometheus /api/v1/rules | file_section loaded
