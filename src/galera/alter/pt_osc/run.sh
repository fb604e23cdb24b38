# Started by systemd as root, without any word: what the user wrote stands in a file, one value a line. A signal that is
# meant for all of the unit ends pt-online-schema-change, and how it ended is written down all the same. No file of options
# of the host is read: one of them could keep the triggers, copy NULL as 0, or lead to another server.
here=/run/galactl-pt-osc
trap : TERM INT HUP
{
    IFS= read -r schema && IFS= read -r name && IFS= read -r change && IFS= read -r socket
} < "$here/work" || exit
pt-online-schema-change --config /dev/null --execute --alter "$change" \
    --recursion-method none --max-flow-ctl 30 --max-load Threads_running=25 \
    --critical-load Threads_running=100000 --chunk-time 0.1 \
    --tries copy_rows:50:0.1,swap_tables:20:1 --no-check-unique-key-change \
    --set-vars wsrep_OSU_method=TOI,max_error_count=65535 --new-table-name _%T_galactl_new \
    --plugin /run/galactl-pt-osc/plugin.pm \
    --progress time,2 --no-version-check --charset utf8mb4 --user root --socket "$socket" \
    "F=/dev/null,h=localhost,D=$schema,t=$name" < /dev/null > "$here/log" 2>&1
echo "galactl: ended $?" >> "$here/log"
