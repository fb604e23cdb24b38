# Which engines are on the host; run by `sh -c` as root, changes nothing. Prints a word for each: NAME-runs or NAME-there.
if pgrep -x patroni >/dev/null; then echo patroni-runs
# The package itself brings dcs.yml.
elif find /etc/patroni -name '*.y*ml' ! -name dcs.yml 2>/dev/null | grep -q .; then echo patroni-there
fi
if pgrep -x 'mariadbd|mysqld' >/dev/null; then echo galera-runs
elif command -v mariadbd mysqld >/dev/null || [ -x /usr/sbin/mariadbd ] || [ -x /usr/sbin/mysqld ]; then echo galera-there
fi
if pgrep -x postgres >/dev/null; then echo postgres-runs; fi
true
