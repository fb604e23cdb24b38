# Which node takes the writes, as the running HAProxy has it: what it answers at its statistics socket.
if systemctl is-active --quiet haproxy.service; then ask_proxy 'show table galactl-write' | section table; fi
