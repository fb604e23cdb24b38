# Asks a host what only a doctor wants to know, and changes nothing. Run by `sh -c` as root:
#   $1 the server's socket
#   $2 "login": try the login of the SST account that the option files name
socket=$1
# An option that stands above the first group is told on standard error only; where an included file has one, the
# rest of that file is left out, and the server starts all the same.
HOME=/nonexistent my_print_defaults --mysqld 2>&1 >/dev/null | grep ' in config file: ' | section unread

[ -S "$socket" ] || { echo && echo @end && exit; }
ask() { timeout 10 mariadb --no-defaults --batch --skip-column-names --default-character-set=utf8mb4 --socket="$socket" --user=root --connect-timeout=3 -e "$1" 2>/dev/null; }

if variables=$(ask "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('innodb_flush_log_at_trx_commit','sync_binlog',
    'log_bin','innodb_force_recovery')"); then
    printf '%s\n' "$variables" | section variables
fi

# Triggers of the Percona Toolkit's online schema change, and whether one is at work. The name of the tool stands nowhere
# in this script: it would find itself.
ask "SELECT TRIGGER_SCHEMA, TRIGGER_NAME, EVENT_OBJECT_TABLE, ACTION_STATEMENT FROM information_schema.TRIGGERS
    WHERE LEFT(TRIGGER_NAME, 7) = 'pt_osc_'" | section osc_triggers
{
    pgrep -f '[p]t-online-schema-change'
    ask "SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE CONCAT('%pt-', 'online-schema-change%')"
} | section osc_work

# A donor's script logs in over the socket, as the user that the server runs as, with the account that the server's
# options name, or else the [sst] group. The password is in the environment only.
auth() { HOME=/nonexistent my_print_defaults "$1" 2>/dev/null | sed -n 's/^--\(loose[-_]\)*wsrep[-_]sst[-_]auth=//p' | tail -n 1; }
if [ "$2" = login ]; then
    account=$(auth --mysqld)
    [ -n "$account" ] || account=$(auth sst)
    user=${account%%:*}
    owner=$(stat -c %U "$socket")
    if [ -n "$user" ] && [ "$user" != "$account" ] &&
        said=$(MYSQL_PWD=${account#*:} timeout 10 runuser -u "$owner" -- mariadb --no-defaults --batch \
            --socket="$socket" --user="$user" --connect-timeout=3 -e 'DO 0' 2>&1); then
        printf '%s\n' "$user" | section login
    else
        case $said in
        *"Access denied"*) printf '%s\n%s\n' "$user" "$said" | section login_refused ;;
        esac
    fi
fi

echo
echo @end
