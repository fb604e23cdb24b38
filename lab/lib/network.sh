# One bridge for a lab, one network namespace and one cable for a host.
# Nothing is routed, so nothing a host sends gets beyond its lab.
# shellcheck shell=bash

# Names follow from the addresses, so that they are short, unique, and known
# even when "up" was killed: bridge glab3, cable gl3-11, tap of a delay gt3-11.
bridge_name() { echo "glab${prefix##*.}"; }
cable_name() { echo "gl${prefix##*.}-${address##*.}"; }
tap_name() { echo "gt${prefix##*.}-${address##*.}"; }
netns_name() { echo "galactl.$lab.$host"; }

# claim_lab: makes the lab's folder, with its addresses, all at once.
claim_lab() {
	local claim=$labs_dir/.claim-$lab
	mkdir -p "$labs_dir"
	lock_addresses
	refuse_existing_lab
	prefix=$(free_prefix)
	rm -rf "$claim"
	mkdir -m 0700 "$claim"
	echo "$prefix" >"$claim/prefix"
	mv "$claim" "$dir"
	unlock_addresses
}

refuse_existing_lab() {
	[[ ! -e $dir ]] || die "lab \"$lab\" exists already" "add hosts with \"lab add\", or stop it with: lab down $lab"
}

# The lab "demo" always has the same addresses.
free_prefix() {
	local number
	if [[ $lab == demo ]]; then
		echo 10.77.0
		return
	fi
	for number in {1..254}; do
		if ! prefix_taken "10.77.$number"; then
			echo "10.77.$number"
			return
		fi
	done
	die "all addresses are taken" "stop labs that are not needed; see: lab list"
}

prefix_taken() {
	grep --quiet --line-regexp --fixed-strings --no-messages "$1" "$labs_dir"/*/prefix ||
		[[ -n $(ip -4 route show root "$1.0/24") ]]
}

# pick_address HOST: dbN and pgN have .(10+N), jump .5, others the next from .100, as the second of a pair dbN
# and pgN has.
pick_address() {
	local last
	if [[ $1 == jump ]]; then
		last=5
	elif [[ $1 =~ ^(db|pg)([1-9]|[1-8][0-9])$ ]] && ! address_taken $((10 + BASH_REMATCH[2])); then
		last=$((10 + BASH_REMATCH[2]))
	else
		last=100
		while address_taken "$last"; do ((++last)); done
		((last < 255)) || die "lab \"$lab\" has no address left" "use fewer hosts"
	fi
	echo "$prefix.$last"
}

address_taken() { grep --quiet --no-messages --fixed-strings $'\t'"$prefix.$1"$'\t' "$dir/hosts"; }

make_bridge() {
	local bridge
	bridge=$(bridge_name)
	ip link add "$bridge" type bridge
	ip link set "$bridge" addrgenmode none
	ip address add "$prefix.1/24" dev "$bridge"
	ip link set "$bridge" up
}

# The namespace is the lab's, not the container's: it outlives a poweroff, and
# faults can be set from outside.
plug_in() {
	local netns cable
	netns=$(netns_name) cable=$(cable_name)
	ip netns add "$netns"
	ip link add "$cable" type veth peer name eth0 netns "$netns"
	ip link set "$cable" addrgenmode none
	ip link set "$cable" master "$(bridge_name)" up
	ip -n "$netns" link set lo up
	ip -n "$netns" link set eth0 addrgenmode none
	ip -n "$netns" address add "$address/24" dev eth0
	ip -n "$netns" link set eth0 up
	if [[ -n $behind_jump && $host != jump ]]; then only_jump_may_ssh; fi
}

only_jump_may_ssh() {
	in_netns nft -f - <<-END
		table inet galactl_jump {
			chain input {
				type filter hook input priority 0
				iif lo accept
				ip saddr $prefix.5 accept
				tcp dport 22 reject with tcp reset
			}
		}
	END
}

# in_netns COMMAND...: a command of this machine, on the host's network.
in_netns() {
	nsenter --net="/run/netns/$(netns_name)" -- "$@"
}

unplug() {
	remove_links "$(cable_name)" "$(tap_name)"
	if [[ -e /run/netns/$(netns_name) ]]; then ip netns delete "$(netns_name)"; fi
}

# The links of a namespace would go with it, but only some time later.
remove_network() {
	local number=${prefix##*.} netns
	remove_links "gl$number-*" "gt$number-*" "glab$number"
	for netns in /run/netns/"galactl.$lab."*; do
		[[ ! -e $netns ]] || ip netns delete "${netns##*/}"
	done
}

# remove_links PATTERN...: those that are there.
remove_links() {
	local pattern link
	for pattern in "$@"; do
		for link in /sys/class/net/$pattern; do
			[[ ! -e $link ]] || ip link delete "${link##*/}"
		done
	done
}
