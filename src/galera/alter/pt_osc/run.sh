# Started by systemd as root, without any word: what the user wrote stands in a file, one value a line. A signal that is
# meant for all of the unit ends pt-online-schema-change, and how it ended is written down all the same.
here=/run/galactl-pt-osc
trap : TERM INT HUP
{
    IFS= read -r schema && IFS= read -r name && IFS= read -r change && IFS= read -r socket
} < "$here/work" || exit
pt-online-schema-change --execute --alter "$change" \
    --recursion-method none --max-flow-ctl 30 --chunk-time 0.1 --tries copy_rows:50:0.1,swap_tables:20:1 \
    --set-vars wsrep_OSU_method=TOI --plugin "$here/plugin.pm" --progress time,2 \
    --no-version-check --charset utf8mb4 --user root --socket "$socket" \
    "D=$schema,t=$name" < /dev/null > "$here/log" 2>&1
echo "galactl: ended $?" >> "$here/log"
