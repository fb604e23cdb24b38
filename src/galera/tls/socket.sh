# server_socket PID: the socket at which the server takes local clients. What it serves there is what it serves at its
# port, where it turns hosts away that no account admits, before any certificate is shown.
server_socket() { ss -xlHp | awk -v pid="pid=$1," 'index($0, pid) && $5 ~ /^\// { print $5; exit }'; }
