# A small look at one host, every few seconds. Run by `sh -c` as root:
#   $1 unit  $2 the server's socket  $3 ports for group communication
systemctl show "$1.service" --property=LoadState,ActiveState,SubState,UnitFileState,Result,NRestarts,MainPID,TimeoutStartUSec |
    section unit
pgrep -x 'mariadbd|mysqld' 2>/dev/null | section processes
group_peers "$3"
if [ -S "$2" ] && command -v mariadb >/dev/null; then
    # One client asks both; no name is in both answers, so they need not be told apart.
    if answer=$(timeout 5 mariadb --no-defaults --batch --skip-column-names --socket="$2" --user=root --connect-timeout=3 -e "
        SHOW GLOBAL STATUS WHERE Variable_name LIKE 'wsrep%' OR Variable_name = 'Threads_connected';
        SHOW GLOBAL VARIABLES WHERE Variable_name IN ('wsrep_on','wsrep_cluster_name','wsrep_node_name','wsrep_desync','version','skip_networking','wsrep_provider_options')" 2>&1); then
        printf '%s\n' "$answer" | section status
        printf '%s\n' "$answer" | section variables
    else
        printf '%s\n' "$answer" | section status_error
    fi
fi
# Hundredths of a second, as the kernel counts them.
read -r now _ < /proc/uptime && echo "${now%.*}${now#*.}0" | section uptime
echo
echo @end
