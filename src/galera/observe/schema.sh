# Tells a server's schema, and changes nothing. Run by `sh -c` as root:
#   $1 the server's socket
socket=$1
# Nobody is waited for longer than a second, whatever the server's own settings are, and statements are shown whole. A
# thread of the server that waits would stay there when the client is gone.
session="SET SESSION lock_wait_timeout = 1, max_statement_time = 0, wsrep_sync_wait = 0, sql_mode = '', \
sql_quote_show_create = 1"
ask() {
    mariadb --no-defaults --batch --skip-column-names --default-character-set=utf8mb4 --socket="$socket" \
        --user=root --connect-timeout=3 --init-command="$session" "$@"
}
# answer SECTION QUERY: its rows, and behind them a row that tells that there are no more. Where that row is missing, a
# line has the server's words.
answer() { ask -e "$2; SELECT '@done'" 2>&1 | file_section "$1"; }
users="NOT IN ('mysql', 'information_schema', 'performance_schema', 'sys')"

# A node without a Primary component refuses this as well.
if ! said=$(ask -e "SELECT COUNT(*) FROM mysql.global_priv" 2>&1); then
    printf '%s\n' "$said" | section refused
    echo
    echo @end
    exit
fi
answer variables "SHOW GLOBAL VARIABLES"
answer accounts "SELECT CONCAT(user, '@', host) FROM mysql.global_priv"
# One by one: a table that is locked fails those that look into tables.
answer events "SELECT 'EVENT', event_schema, event_name, definer, 'DEFINER', status, event_definition
    FROM information_schema.events WHERE event_schema $users"
answer triggers "SELECT 'TRIGGER', trigger_schema, trigger_name, definer, 'DEFINER', event_object_table, action_statement
    FROM information_schema.triggers WHERE trigger_schema $users"
answer routines "SELECT routine_type, routine_schema, routine_name, definer, security_type, '',
    IFNULL(routine_definition, '') FROM information_schema.routines WHERE routine_schema $users"
answer views "SELECT 'VIEW', table_schema, table_name, definer, security_type, '', ''
    FROM information_schema.views WHERE table_schema $users"

# Names alone are read from the directories: no table is opened, and no lock waited for.
answer list "SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema $users"
name="' \`', REPLACE(table_schema, '\`', '\`\`'), '\`.\`', REPLACE(table_name, '\`', '\`\`'), '\`;'"
# Where this fails, a sequence is told as one that was not read.
sequences() {
    ask --raw -e "SELECT CONCAT('SELECT ''@'', ''@'', ', QUOTE(table_schema), '; SHOW CREATE SEQUENCE', $name)
        FROM information_schema.tables WHERE table_schema $users AND table_type = 'SEQUENCE'"
}
# The form that takes a second for 5000 tables; a join on table_constraints takes minutes. A table that is locked is
# waited for a second, and is missing then.
tables() {
    ask --raw -e "SELECT statement FROM (
        SELECT schema_name AS db, 0 AS place, '' AS name, CONCAT('SELECT ''@'', ''@'', ', QUOTE(schema_name), ';') AS statement
            FROM information_schema.schemata WHERE schema_name $users
        UNION ALL
        SELECT table_schema, 1, table_name, CONCAT('SHOW CREATE TABLE', $name)
            FROM information_schema.tables WHERE table_schema $users
        ) AS all_statements ORDER BY db, place, name; SELECT 'SELECT ''@done'';'"
}
{
    sequences
    tables
} 2>/dev/null | ask --force 2>/dev/null | file_section tables
echo
echo @end
