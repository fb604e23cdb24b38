# What is known about a lab: a folder for each, readable without these scripts.
# shellcheck shell=bash

readonly labs_dir=/var/lib/galactl-lab

# use_lab NAME: sets lab and dir for all that follows; the lab need not exist.
use_lab() {
	[[ ${1:-} =~ ^[a-z][a-z0-9-]{0,19}$ ]] ||
		die "\"${1:-}\" is no name for a lab" "use up to 20 of a-z, 0-9 and -, with a letter first"
	lab=$1
	dir=$labs_dir/$lab
}

# open_lab NAME: as use_lab, for a lab that must exist.
open_lab() {
	use_lab "${1:-}"
	[[ -d $dir ]] || die "there is no lab \"$lab\"" "start it with: lab up $lab HOST..., or see: lab list"
	[[ -e $dir/inventory.yaml ]] || die "lab \"$lab\" is not whole: its start was broken off" "remove it: lab down $lab"
	prefix=$(<"$dir/prefix")
	read_options
}

# The options that "up" was given, kept for hosts that are added later.
write_options() {
	printf 'small_disk=%s\nbehind_jump=%s\n' "$small_disk" "$behind_jump" >"$dir/options"
}

read_options() {
	small_disk=$(sed -n 's/^small_disk=//p' "$dir/options")
	behind_jump=$(sed -n 's/^behind_jump=//p' "$dir/options")
}

# The table "hosts": name, address, release, kind and pid, separated by tabs.
# The pid is that of the host's PID 1 as this machine sees it, or "-".

add_to_table() { printf '%s\t%s\t%s\t%s\t-\n' "$@" >>"$dir/hosts"; }

remove_from_table() {
	awk -F'\t' -v host="$host" '$1 != host' "$dir/hosts" >"$dir/hosts.new"
	mv "$dir/hosts.new" "$dir/hosts"
}

host_names() { cut -f1 "$dir/hosts"; }

# use_host HOST: sets host, address, release, kind and pid for all that follows.
use_host() {
	local line
	line=$(awk -v host="${1:-}" '$1 == host' "$dir/hosts")
	[[ -n $line ]] || die "lab \"$lab\" has no host \"${1:-}\"" "it has: $(host_names | paste -sd' ')"
	IFS=$'\t' read -r host address release kind pid <<<"$line"
	host_dir=$dir/machines/$host
}

# use_running_host HOST: as use_host, for a host that must be on.
use_running_host() {
	use_host "${1:-}"
	pid=$(find_pid1) || die "$host is off" "start it with: lab poweron $lab $host"
}

set_pid() {
	awk -v host="$host" -v pid="$1" 'BEGIN { FS = OFS = "\t" } $1 == host { $5 = pid } 1' \
		"$dir/hosts" >"$dir/hosts.new"
	mv "$dir/hosts.new" "$dir/hosts"
	pid=$1
}

make_ssh_key() {
	ssh-keygen -q -t ed25519 -N '' -C "lab $lab" -f "$dir/id_ed25519"
}

# Every host key under the host's address and its name.
write_known_hosts() {
	local name address rest key
	while IFS=$'\t' read -r name address rest; do
		for key in "$dir/machines/$name"/root/etc/ssh/ssh_host_*_key.pub; do
			printf '%s,%s %s\n' "$address" "$name" "$(cut -d' ' -f1,2 "$key")"
		done
	done <"$dir/hosts" >"$dir/known_hosts"
}

write_inventory() {
	local engine=galera
	grep -q '^pg[0-9]' "$dir/hosts" && engine=patroni
	{
		cat <<-END
			# Written by lab/lab for the hosts of lab "$lab".
			version: 1
			engine: $engine
			cluster:
			  name: $lab
			ssh:
			  user: root
			  key: id_ed25519
			  known_hosts: known_hosts
			nodes:
		END
		awk -F'\t' '$1 != "jump" { print "  - name: " $1; print "    address: " $2 }' "$dir/hosts"
	} >"$dir/inventory.yaml"
}

# For "ssh -F": every host by its name, by way of the jump host where needed.
write_ssh_config() {
	local name address rest
	{
		while IFS=$'\t' read -r name address rest; do
			printf 'Host %s\n\tHostName %s\n' "$name" "$address"
			[[ $name == jump || -z $behind_jump ]] || printf '\tProxyJump jump\n'
		done <"$dir/hosts"
		cat <<-END
			Host *
				User root
				IdentityFile $dir/id_ed25519
				IdentitiesOnly yes
				UserKnownHostsFile $dir/known_hosts
				GlobalKnownHostsFile /dev/null
				StrictHostKeyChecking yes
				BatchMode yes
				LogLevel ERROR
		END
	} >"$dir/ssh_config"
}

# The hosts know each other by name, and need no resolver.
write_etc_hosts() {
	local name
	{
		printf '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n'
		awk -F'\t' '{ print $2 "\t" $1 }' "$dir/hosts"
	} >"$dir/etc-hosts"
	for name in $(host_names); do
		cat "$dir/etc-hosts" >"$dir/machines/$name/root/etc/hosts"
	done
}

write_files_about_hosts() {
	write_known_hosts
	write_inventory
	write_ssh_config
	write_etc_hosts
}
