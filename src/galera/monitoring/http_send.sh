# http_send METHOD ADDRESS PORT PATH BODY: the answer to an HTTP request with a body of JSON, without carriage returns; nothing
# where there is none. By bash: a host may have no HTTP client.
http_send() {
    # shellcheck disable=SC2016 # The inner shell expands it.
    timeout 5 bash -c 'LC_ALL=C length=${#5}
        exec 3<>"/dev/tcp/$2/$3" && printf "%s %s HTTP/1.0\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %s\r\n\r\n%s" \
            "$1" "$4" "$2" "$length" "$5" >&3 && cat <&3' \
        send "$1" "$2" "$3" "$4" "$5" 2>/dev/null | tr -d '\r'
}
