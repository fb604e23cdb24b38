# http_get ADDRESS PORT PATH: the answer to an HTTP request, without carriage returns; nothing where there is none. By bash: a
# host may have no HTTP client.
http_get() {
    # shellcheck disable=SC2016 # The inner shell expands it.
    timeout 5 bash -c 'exec 3<>"/dev/tcp/$1/$2" && printf "GET %s HTTP/1.0\r\nHost: %s\r\n\r\n" "$3" "$1" >&3 && cat <&3' \
        get "$1" "$2" "$3" 2>/dev/null | tr -d '\r'
}
