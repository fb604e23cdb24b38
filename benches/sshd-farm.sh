#!/usr/bin/env bash
# Hosts that are nothing but an sshd, each with a network and processes of its own: one cable to
# one bridge, one daemon. Nothing is routed, so nothing that a host sends gets beyond them.
#   sshd-farm.sh COUNT
# Prints "ready" when all listen, and lasts until its standard input ends: with whoever started it,
# however that ends. The inventory is /run/galactl-farm/inventory.yaml. Root, one farm at a time.
set -euo pipefail

count=$1
readonly dir=/run/galactl-farm
bridge=galfarm
prefix=10.78
# Host 7 has the namespace galactl-farm-7, the cable gf-7 and the address 10.78.1.7.
netns=galactl-farm-
cable=gf-

# shellcheck source=lab/lib/deps.sh
source "$(dirname "$0")/../lab/lib/deps.sh"

main() {
    install_sshd
    exec 9>/run/lock/galactl-farm
    flock --nonblock 9
    # Ctrl-C ends whoever started this, and so the standard input.
    trap '' INT
    trap 'trap "" TERM HUP; remove_all' EXIT
    trap 'exit 143' TERM HUP
    remove_all
    make_files
    make_network
    start_daemons
    echo ready
    cat >/dev/null
}

# Only its program is wanted: the machine's own service is started neither now nor at boot.
install_sshd() {
    [[ ! -x /usr/sbin/sshd ]] || return 0
    local policy=/usr/sbin/policy-rc.d made="" code=0
    if [[ ! -e $policy ]]; then
        made=yes
        printf '#!/bin/sh\nexit 101\n' >$policy
        chmod +x $policy
    fi
    apt_install openssh-server || code=$?
    systemctl --quiet disable ssh.service ssh.socket 2>/dev/null || true
    [[ -z $made ]] || rm $policy
    return "$code"
}

make_files() {
    mkdir -m 0700 $dir
    ssh-keygen -q -t ed25519 -N '' -C farm -f $dir/id_ed25519
    ssh-keygen -q -t ed25519 -N '' -C farm -f $dir/host_key
    make_apt_cache
    cat >$dir/sshd_config <<-END
		HostKey $dir/host_key
		AuthorizedKeysFile $dir/id_ed25519.pub
		UsePAM yes
		SetEnv APT_CONFIG=$dir/apt.conf
	END
    write_inventory
}

# A server keeps a cache of its package lists. This machine may be a container whose image was told
# not to; without it, every look at a host would read all lists.
make_apt_cache() {
    mkdir $dir/apt
    cat >$dir/apt.conf <<-END
		Dir::Etc::Parts "$dir/apt";
		Dir::Cache "$dir/apt";
	END
    APT_CONFIG=$dir/apt.conf apt-cache policy >/dev/null
}

write_inventory() {
    # The user's own settings are not what is measured.
    touch $dir/ssh_config
    cat >$dir/inventory.yaml <<-END
		version: 1
		cluster:
		  name: farm
		ssh:
		  user: root
		  key: id_ed25519
		  known_hosts: known_hosts
		  config: ssh_config
		nodes:
	END
    local n key
    key=$(cut -d ' ' -f 1,2 $dir/host_key.pub)
    for ((n = 1; n <= count; n++)); do
        echo "$prefix.1.$n $key" >>$dir/known_hosts
        printf '  - name: db%s\n    address: %s\n' "$n" "$prefix.1.$n" >>$dir/inventory.yaml
    done
}

make_network() {
    ip link add $bridge type bridge
    ip address add $prefix.0.1/16 dev $bridge
    ip link set $bridge up
    local n
    for ((n = 1; n <= count; n++)); do plug_in "$n"; done
}

plug_in() {
    ip netns add "$netns$1"
    ip link add "$cable$1" type veth peer name eth0 netns "$netns$1"
    ip link set "$cable$1" master $bridge up
    ip -n "$netns$1" -batch - <<-END
		link set lo up
		address add $prefix.1.$1/16 dev eth0
		link set eth0 up
	END
}

start_daemons() {
    mkdir -p /run/sshd
    local n
    for ((n = 1; n <= count; n++)); do start_daemon "$n" & done
    # The file is written once the daemon listens.
    for ((n = 1; n <= count; n++)); do
        until [[ -s $dir/$n.pid ]]; do
            ((SECONDS < 300)) || return 1
            sleep 0.05
        done
    done
}

# root's shell finds no start files of this machine's root there. The daemon is the host's PID 1;
# with it, all that runs there ends.
start_daemon() {
    exec setsid nsenter --net="/run/netns/$netns$1" -- \
        unshare --mount --pid --fork --kill-child --mount-proc -- \
        sh -c "mount -t tmpfs home ~ && exec /usr/sbin/sshd -D -f $dir/sshd_config -o PidFile=$dir/$1.pid" \
        </dev/null >>$dir/log 2>&1 9>&-
}

# Whatever is there, also what a farm left that was killed.
remove_all() {
    local path
    for path in /run/netns/"$netns"*; do
        [[ ! -e $path ]] || remove_host "${path##*/}"
    done
    # A cable goes with its namespace, but only some time later; it may be gone by now.
    for path in /sys/class/net/"$cable"* /sys/class/net/$bridge; do
        [[ ! -e $path ]] || ip link delete "${path##*/}" 2>/dev/null || true
    done
    rm -rf $dir
}

# remove_host NETNS: with all that runs in it.
remove_host() {
    local pids
    while pids=$(ip netns pids "$1") && [[ -n $pids ]]; do
        # shellcheck disable=SC2086 # a list of words
        kill -KILL $pids 2>/dev/null || true
    done
    ip netns delete "$1"
}

main
