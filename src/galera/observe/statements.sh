# The last part of a server's logs of statements, and changes nothing. Run by `sh -c` as root:
#   $1 the server's socket
#   $2 $3 where the slow query log and the general log are: a file, `table`, or empty
#   $4 the most bytes of a file
#   $5 rows: statements that changed fewer are not read from a table
# The statements of these queries would stand in the logs themselves.
session="SET SESSION lock_wait_timeout = 1, max_statement_time = 20, wsrep_sync_wait = 0, sql_mode = '', long_query_time = 3600"
ask() {
    mariadb --no-defaults --batch --skip-column-names --default-character-set=utf8mb4 --socket="$1" \
        --user=root --connect-timeout=3 --init-command="$session" -e "$2; SELECT '@done'" 2>&1
}
# log SECTION WHERE QUERY
log() {
    case $2 in
        '') ;;
        table) ask "$socket" "$3" | file_section "$1_table" ;;
        *)
            if [ -f "$2" ]; then
                tail -c "$bytes" -- "$2" | file_section "$1"
            else
                echo "$2" | section "$1_missing"
            fi
            ;;
    esac
}
socket=$1 bytes=$4
# A table of the engine CSV has no index, and is read as a whole.
log slow "$2" "SELECT thread_id, db, rows_affected, LEFT(sql_text, 1000) FROM mysql.slow_log
    WHERE rows_affected >= $5 ORDER BY start_time DESC LIMIT 5000"
log general "$3" "SELECT thread_id, command_type, argument FROM (
    SELECT event_time, thread_id, command_type, LEFT(argument, 150) AS argument FROM mysql.general_log
    WHERE command_type IN ('Connect', 'Init DB', 'Query', 'Execute', 'Quit') ORDER BY event_time DESC LIMIT 50000
    ) AS latest ORDER BY event_time"
echo
echo @end
