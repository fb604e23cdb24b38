# Which server wrote rows with which value of a column: counted from the row events of the binary log, and changes nothing.
# Run by `sh -c` as root:
#   $1 the server's socket
#   $2 seconds back from now
#   $3 the most values
#   standard input: of each table its number, the column's place in a row, its name as the decoded log has it; tabs between
# It prints rows, server_id, number of the table, time of the last one, value. No other value leaves this host.
ask() {
    mariadb --no-defaults --batch --skip-column-names --socket="$1" --user=root --connect-timeout=3 -e "$2" 2>&1
}
tables=$(cat)
binlog=$(command -v mariadb-binlog || command -v mysqlbinlog) || echo "this host has neither mariadb-binlog nor mysqlbinlog" | section refused
since=$(($(date +%s) - $2))
base=$(ask "$1" "SELECT @@log_bin_basename")
# shellcheck disable=SC2046 # The server gives these names, and they have no blanks.
set -- "$1" "$3" $(ask "$1" "SHOW BINARY LOGS" | cut -f 1)
socket=$1 most=$2
shift 2
for file; do
    shift
    path=${base%/*}/$file
    # What was written last before that time has no event since.
    [ -f "$path" ] && [ "$(stat -c %Y -- "$path")" -ge "$since" ] && set -- "$@" "$path"
done
rows() {
    awk -v most="$most" '
        !events { if ($0 == "@events") events = 1; else { split($0, line, "\t"); number[line[3]] = line[1]; place[line[3]] = line[2] } next }
        /^@status / { print; next }
        /^#[0-9]+ +[0-9:]+ server id [0-9]+ / { time = $2; id = $5; table = ""; next }
        /^### (INSERT INTO|UPDATE|DELETE FROM) / {
            change = $2
            table = $0
            sub(/^### (INSERT INTO|UPDATE|DELETE FROM) /, "", table)
            column = (table in place) ? "###   @" place[table] "=" : ""
            before = ""
            next
        }
        /^### WHERE/ { part = "before"; next }
        /^### SET/ { part = "after"; next }
        table != "" && column != "" && index($0, column) == 1 {
            value = substr($0, length(column) + 1)
            if (part == "before") before = value
            # A row that stays where it is counts once.
            if (part == "after" && change == "UPDATE" && value == before) next
            key = id "\t" number[table]
            if (!((key, value) in rows) && ++values > most) { more = 1; next }
            rows[key, value]++
            last[key, value] = time
        }
        END {
            for (it in rows) { split(it, part_of, SUBSEP); print rows[it] "\t" part_of[1] "\t" last[it] "\t" part_of[2] }
            if (more) print "@more"
        }'
}
{
    printf '%s\n@events\n' "$tables"
    if [ $# -gt 0 ]; then
        nice "$binlog" --base64-output=decode-rows --verbose --start-datetime="$(date -d "@$since" '+%F %T')" "$@" 2>&1
        printf '\n@status %s\n' "$?"
    else
        echo '@status 0'
    fi
} | rows | file_section rows
echo
echo @end
