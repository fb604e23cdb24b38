# What goes wrong in real life, on demand.
# shellcheck shell=bash

# --- a process, a host --------------------------------------------------------

lab_crash() {
	open_lab "${1:-}"
	use_running_host "${2:-}"
	local program=${3:-$(server_program)} unit
	unit=$(unit_of "$program") || die "\"$program\" is no program of the lab" "one of: mariadbd, postgres, patroni, etcd"
	host_exec pkill -KILL --exact "$program" ||
		die "no $program is running on $host" "start it: lab exec $lab $host systemctl start $unit"
}

server_program() { if [[ $kind == postgresql ]]; then echo postgres; else echo mariadbd; fi; }

# unit_of PROGRAM: what starts it.
unit_of() {
	case $1 in
	mariadbd) echo mariadb ;;
	postgres | patroni) echo patroni ;;
	etcd) echo etcd ;;
	*) return 1 ;;
	esac
}

lab_poweroff() {
	open_lab "${1:-}"
	lock_lab "$lab"
	use_running_host "${2:-}"
	kill_host
	set_pid -
}

# MariaDB may well wait for its cluster now, so only ssh is waited for.
lab_poweron() {
	open_lab "${1:-}"
	lock_lab "$lab"
	use_host "${2:-}"
	group_is_empty "$host" || die "$host is on already" "turn it off first: lab poweroff $lab $host"
	boot
	wait_for_pid1
	wait_for_ssh
}

# --- the network --------------------------------------------------------------

lab_cut() {
	open_lab "${1:-}"
	lock_lab "$lab"
	use_host "${2:-}"
	if (($# > 2)); then
		cut_from_peers "${@:3}"
	else
		ip link set "$(cable_name)" down
	fi
}

cut_from_peers() {
	local name peers=()
	for name in "$@"; do peers+=("$(address_of "$name")"); done
	drop_peers "$(IFS=,; echo "${peers[*]}")"
}

address_of() (
	use_host "$1"
	echo "$address"
)

# Both directions, in the kernel of the host's own network: nobody answers, as
# when a switch dies. Cutting again adds peers.
drop_peers() {
	in_netns nft -f - <<-END
		table inet galactl_cut {
			set peers { type ipv4_addr; elements = { $1 } }
			chain input { type filter hook input priority -1; }
			chain output { type filter hook output priority -1; }
		}
		flush chain inet galactl_cut input
		flush chain inet galactl_cut output
		add rule inet galactl_cut input ip saddr @peers drop
		add rule inet galactl_cut output ip daddr @peers drop
	END
}

lab_slow() {
	open_lab "${1:-}"
	lock_lab "$lab"
	use_host "${2:-}"
	local delay=${3:-}
	[[ $delay =~ ^[0-9]+ms$ ]] || die "\"$delay\" is no delay" "give milliseconds, e.g. 40ms"
	end_delay
	tc qdisc replace dev "$(cable_name)" root netem limit 10000 delay "$delay" 2>/dev/null ||
		start_delay_line "${delay%ms}"
}

# A link of this rate, each way, as a network card or a provider's quota gives it.
lab_limit() {
	open_lab "${1:-}"
	lock_lab "$lab"
	use_host "${2:-}"
	local rate=${3:-}
	[[ $rate =~ ^[0-9]+[mg]bit$ ]] || die "\"$rate\" is no rate" "give bits per second, e.g. 100mbit"
	end_delay
	tc qdisc replace dev "$(cable_name)" root tbf rate "$rate" burst 128kb latency 50ms
	in_netns tc qdisc replace dev eth0 root tbf rate "$rate" burst 128kb latency 50ms
}

lab_heal() {
	open_lab "${1:-}"
	lock_lab "$lab"
	use_host "${2:-}"
	end_delay
	ip link set "$(cable_name)" up
	in_netns nft -f - <<-END
		table inet galactl_cut { }
		delete table inet galactl_cut
	END
}

# Some kernels have no netem. There a small program takes the cable off the
# bridge, and passes the frames on between the two.
start_delay_line() {
	local cable tap
	cable=$(cable_name) tap=$(tap_name)
	end_offloads
	ip tuntap add "$tap" mode tap
	ip link set "$tap" addrgenmode none
	ip link set "$tap" master "$(bridge_name)" up
	# Off the bridge the machine must not answer for its addresses there.
	echo 8 >"/proc/sys/net/ipv4/conf/$cable/arp_ignore"
	start_in_group "$(delay_group)" "$host_dir/delay-line.log" "$lab_home/lib/delay-line" "$cable" "$tap" "$1"
	wait_until 5 delay_line_runs ||
		die "the delay of $host could not be set up" "see $host_dir/delay-line.log"
	ip link set "$cable" nomaster
}

delay_line_runs() { [[ $(cat "/sys/class/net/$(tap_name)/carrier" 2>/dev/null) == 1 ]]; }

# The program passes on whole frames, with checksums, as a wire does.
end_offloads() { in_netns ethtool -K eth0 tx off tso off gso off >/dev/null; }
begin_offloads() { in_netns ethtool -K eth0 tx on tso on gso on >/dev/null; }

# A name that no host can have.
delay_group() { echo "$host:delay"; }

# Undoes a limit and both kinds of delay, if there is one.
end_delay() {
	local cable
	cable=$(cable_name)
	end_group "$(delay_group)"
	tc qdisc delete dev "$cable" root 2>/dev/null || true
	in_netns tc qdisc delete dev eth0 root 2>/dev/null || true
	[[ -e /sys/class/net/$(tap_name) ]] || return 0
	ip link set "$cable" master "$(bridge_name)"
	remove_links "$(tap_name)"
	begin_offloads
}

# --- the disk -----------------------------------------------------------------

lab_fill() {
	open_lab "${1:-}"
	use_host "${2:-}"
	need_small_disk
	# It ends with an error: the disk is full.
	cat /dev/zero 2>/dev/null >"$host_dir/small-disk/ballast" || true
}

lab_unfill() {
	open_lab "${1:-}"
	use_host "${2:-}"
	need_small_disk
	rm -f "$host_dir/small-disk/ballast"
}

need_small_disk() {
	[[ -d $host_dir/small-disk ]] ||
		die "$host has no small disk to fill" "start the lab with: lab up --small-disk 400M $lab ..."
}
