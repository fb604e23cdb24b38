# Tells a server's schema, and changes nothing. Run by `sh -c` as root:
#   $1 the server's socket
socket=$1
ask() {
    mariadb --no-defaults --batch --skip-column-names --default-character-set=utf8mb4 --socket="$socket" \
        --user=root --connect-timeout=3 "$@"
}
users="NOT IN ('mysql', 'information_schema', 'performance_schema', 'sys')"
is_table="table_type IN ('BASE TABLE', 'SYSTEM VERSIONED', 'SEQUENCE') AND table_schema $users"

# A node without a Primary component refuses this as well.
if ! said=$(ask -e "SELECT COUNT(*) FROM mysql.global_priv" 2>&1); then
    printf '%s\n' "$said" | section refused
    echo
    echo @end
    exit
fi
ask -e "SHOW GLOBAL VARIABLES" | file_section variables
ask -e "SELECT CONCAT(user, '@', host) FROM mysql.global_priv" | file_section accounts
ask -e "SELECT 'EVENT', event_schema, event_name, definer, 'DEFINER', status, event_definition
        FROM information_schema.events WHERE event_schema $users;
    SELECT 'TRIGGER', trigger_schema, trigger_name, definer, 'DEFINER', '', action_statement
        FROM information_schema.triggers WHERE trigger_schema $users;
    SELECT routine_type, routine_schema, routine_name, definer, security_type, '', IFNULL(routine_definition, '')
        FROM information_schema.routines WHERE routine_schema $users;
    SELECT 'VIEW', table_schema, table_name, definer, security_type, '', ''
        FROM information_schema.views WHERE table_schema $users" | file_section programs

# The form that takes a second for 5000 tables; a join on table_constraints takes minutes. A table that is locked is
# waited for a second, and is missing then.
ask -e "SELECT table_schema, table_name FROM information_schema.tables WHERE $is_table" | file_section list
{
    echo "SET lock_wait_timeout = 1;"
    ask --raw -e "SELECT statement FROM (
        SELECT schema_name AS db, 0 AS place, '' AS name, CONCAT('SELECT ''@'', ''@'', ', QUOTE(schema_name), ';') AS statement
            FROM information_schema.schemata WHERE schema_name $users
        UNION ALL
        SELECT table_schema, 1, table_name, CONCAT('SHOW CREATE ', IF(table_type = 'SEQUENCE', 'SEQUENCE', 'TABLE'),
            ' \`', REPLACE(table_schema, '\`', '\`\`'), '\`.\`', REPLACE(table_name, '\`', '\`\`'), '\`;')
            FROM information_schema.tables WHERE $is_table
        ) AS all_statements ORDER BY db, place, name"
} | ask --force 2>/dev/null | file_section tables
echo
echo @end
