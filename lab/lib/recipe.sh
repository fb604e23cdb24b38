# What the root file systems hold. They are built anew when this file changes.
# shellcheck shell=bash

readonly releases="bullseye bookworm trixie"
readonly kinds="bare mariadb postgresql"

# A small but whole Debian server, as a cloud image has it.
readonly base_packages="systemd systemd-sysv dbus openssh-server sudo iproute2 procps ca-certificates"

# What a host of kind "mariadb" has installed.
readonly mariadb_packages="mariadb-server mariadb-backup galera-4 rsync socat pv lsof"

# What any host can install from its own repository, with all dependencies.
readonly always_offered="$mariadb_packages stunnel4 galera-arbitrator-4 haproxy keepalived nginx libnginx-mod-stream man-db zsh \
	prometheus prometheus-alertmanager prometheus-mysqld-exporter prometheus-node-exporter"

# kinds_of RELEASE: those that it has. Bullseye's Patroni and etcd are too old for galactl.
kinds_of() {
	if [[ $1 == bullseye ]]; then echo "bare mariadb"; else echo "$kinds"; fi
}

# postgresql_packages RELEASE: what a host of kind "postgresql" has installed.
postgresql_packages() {
	local major
	case $1 in
	bookworm) major=15 ;;
	trixie) major=17 ;;
	*) return 0 ;;
	esac
	echo "postgresql-$major postgresql-client-$major postgresql-$major-pglogical patroni etcd-server etcd-client python3-etcd python3-psycopg2"
}

# offered_packages RELEASE: what a host of any kind can install.
offered_packages() { echo "$always_offered $(postgresql_packages "$1")"; }

# The redo log of a host of kind "mariadb".
readonly redo_log_size=16M

# Where a host has that repository.
readonly debs_dir=/srv/debs

# suites_of RELEASE: what it is built from, as "ARCHIVE SUITE" lines.
suites_of() {
	echo "main $1"
	# Bullseye is past its end, and its other archives are no longer whole.
	[[ $1 != bullseye ]] || return 0
	echo "main $1-updates"
	echo "security $1-security"
}
