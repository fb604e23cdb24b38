# What the root file systems hold. They are built anew when this file changes.
# shellcheck shell=bash

readonly releases="bullseye bookworm trixie"
readonly kinds="bare mariadb"

# A small but whole Debian server, as a cloud image has it.
readonly base_packages="systemd systemd-sysv dbus openssh-server sudo iproute2 procps ca-certificates"

# What a host of kind "mariadb" has installed.
readonly mariadb_packages="mariadb-server mariadb-backup galera-4 rsync socat pv lsof"

# What a host can install from its own repository, with all dependencies.
readonly offered_packages="$mariadb_packages galera-arbitrator-4 haproxy keepalived nginx libnginx-mod-stream man-db zsh \
	prometheus prometheus-alertmanager prometheus-mysqld-exporter prometheus-node-exporter"

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
