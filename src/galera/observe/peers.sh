# The hosts with which this one has connections for group communication: $1 are the ports that nodes use for that.
# Galera closes a connection over which nothing came for 3 s (gmcast.peer_timeout), so a link that was cut is not
# among them. Nothing is printed where the host cannot tell.
group_peers() {
    filter=
    for port in $1; do filter="$filter${filter:+ or }sport = :$port or dport = :$port"; done
    connections=$(ss -Htn state established "( $filter )" 2>/dev/null) || return
    begin_section group_peers
    while read -r _ _ _ peer _; do say "${peer%:*}"; done <<EOF_CONNECTIONS
$connections
EOF_CONNECTIONS
}
