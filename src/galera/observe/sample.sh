# Two looks at a running server's counters. Run by `sh -c` as root:
#   $1 unit  $2 milliseconds between the two
socket=$(HOME=/nonexistent my_print_defaults --mysqld 2>/dev/null | sed -n 's/^--socket=//p' | tail -n 1)
look() {
    timeout 2 mariadb --no-defaults --batch --skip-column-names --socket="${socket:-/run/mysqld/mysqld.sock}" --user=root --connect-timeout=2 \
        -e "SHOW GLOBAL STATUS WHERE Variable_name LIKE 'wsrep%' OR Variable_name IN ('Uptime','Threads_connected')" 2>/dev/null
}
# Hundredths of a second, as the kernel counts them.
tell_time() { read -r now _ < /proc/uptime && now=${now%.*}${now#*.}; }

if first=$(look); then
    tell_time
    before=$now
    sleep "$(printf '%d.%03d' $(($2 / 1000)) $(($2 % 1000)))"
    if second=$(look); then
        tell_time
        printf '%s\n' "$first" | section first
        printf '%s\n' "$second" | section second
        echo "$(((now - before) * 10))" | section milliseconds
    fi
fi
echo
echo @end
