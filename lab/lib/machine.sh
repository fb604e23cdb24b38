# One host: its disk, its identity, its boot and its end.
# shellcheck shell=bash

# How much the hosts of a lab can write, all together. Their disks are in
# memory: that boots faster, and makes the many fsyncs of a database free.
readonly disks_size=${GALACTL_LAB_DISKS:-8G}

readonly boot_timeout=${GALACTL_LAB_BOOT_TIMEOUT:-60}

mount_disks() {
	mkdir "$dir/disks" "$dir/machines"
	mount -t tmpfs -o "size=$disks_size,mode=0755" galactl-lab "$dir/disks"
}

# The root from the cache is never written to: changes go to a layer above it.
make_disk() {
	local disk=$dir/disks/$host
	mkdir -p "$disk/upper" "$disk/work" "$host_dir/root"
	mount -t overlay -o "lowerdir=$(root_path "$release" "$kind"),upperdir=$disk/upper,workdir=$disk/work" \
		galactl-lab "$host_dir/root"
	if [[ -n $small_disk && $host != jump ]]; then make_small_disk; fi
}

# A disk of its own for the databases. The host sees only the folder "data" in
# it, so it cannot remove the ballast that "fill" puts beside that.
make_small_disk() {
	local small=$host_dir/small-disk datadir size=${small_disk%%:*}
	datadir=$host_dir/root$(small_folder)
	mkdir "$small"
	mount -t tmpfs -o "size=$size,mode=0755" galactl-lab "$small" ||
		die "no disk of size \"$size\" can be made" "give a size like 400M or 1G"
	mkdir -p "$datadir"
	cp --archive "$datadir" "$small/data" 2>/dev/null ||
		die "$size is too small for a fresh $(small_folder)" "give --small-disk a larger size, e.g. 400M"
}

# Where the small disk of this host is mounted.
small_folder() {
	case $small_disk in
	*:*) echo "${small_disk#*:}" ;;
	*) if [[ $kind == postgresql ]]; then echo /var/lib/postgresql; else echo /var/lib/mysql; fi ;;
	esac
}

make_identity() {
	local root=$host_dir/root
	echo "$host" >"$root/etc/hostname"
	tr -d - </proc/sys/kernel/random/uuid >"$root/etc/machine-id"
	# One key of the kind that is made at once. "ssh-keygen -A" makes an RSA key, too, which takes longer than the boot.
	ssh-keygen -q -t ed25519 -N '' -C "root@$host" -f "$root/etc/ssh/ssh_host_ed25519_key"
	install -D -m 0600 "$dir/id_ed25519.pub" "$root/root/.ssh/authorized_keys"
	install -d -m 0700 -o 1000 -g 1000 "$root/home/deploy/.ssh"
	install -m 0600 -o 1000 -g 1000 "$dir/id_ed25519.pub" "$root/home/deploy/.ssh/authorized_keys"
}

boot() {
	local options=()
	[[ ! -d $host_dir/small-disk ]] || options+=(--bind="$host_dir/small-disk/data:$(small_folder)")
	# Recent systemd refuses to start without the unified hierarchy.
	SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 start_in_group "$host" "$host_dir/console.log" \
		systemd-nspawn --quiet --boot --register=no --keep-unit \
		--directory="$host_dir/root" --machine="$lab-$host" \
		--network-namespace-path="/run/netns/$(netns_name)" --capability=CAP_NET_ADMIN \
		--rlimit=NOFILE="1024:$(ulimit -Hn)" --resolv-conf=off --timezone=off --link-journal=no \
		--console=pipe "${options[@]}"
}

# systemd watches files, four to six instances of it in a host. Where they are used up, boots hang.
readonly inotify_instances=4096

raise_limits() {
	local file=/proc/sys/fs/inotify/max_user_instances now
	now=$(<"$file")
	((now < inotify_instances)) || return 0
	{ echo "$inotify_instances" >"$file"; } 2>/dev/null ||
		say "fs.inotify.max_user_instances is $now here and cannot be raised: that carries about $((now / 6)) hosts at once"
}

# PID 1 of the host is the process of its group that is number 1 in there.
find_pid1() {
	local number
	for number in $(pids_in_group "$host"); do
		if grep --quiet --no-messages $'^NSpid:\t'"$number"$'\t1$' "/proc/$number/status"; then
			echo "$number"
			return 0
		fi
	done
	return 1
}

# host_exec COMMAND...: in the host, without ssh.
host_exec() {
	nsenter --target "$pid" --all -- env --ignore-environment \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		HOME=/root USER=root LC_ALL=C.UTF-8 TERM="${TERM:-dumb}" "$@"
}

# --- waiting ------------------------------------------------------------------

pid1_started() { pid=$(find_pid1); }

wait_for_pid1() {
	wait_until "$boot_timeout" pid1_started || not_up "no process was started"
	set_pid "$pid"
}

# Before systemd-user-sessions is done, only root may log in.
logins_allowed() { host_exec systemctl --quiet is-active systemd-user-sessions ssh 2>/dev/null; }

# Asked on the host's own network, so it works when nobody else can reach it.
ssh_answers() {
	# shellcheck disable=SC2016 # the inner shell expands it
	in_netns timeout 2 bash -c 'read -r line <"/dev/tcp/$0/22" && [[ $line == SSH-* ]]' "$address" 2>/dev/null
}

wait_for_ssh() {
	wait_until "$boot_timeout" logins_allowed || not_up "nobody may log in yet"
	wait_until "$boot_timeout" ssh_answers || not_up "sshd does not answer"
}

boot_finished() { [[ $(host_exec systemctl is-system-running 2>/dev/null) == @(running|degraded) ]]; }

wait_for_services() {
	wait_for_ssh
	wait_until "$boot_timeout" boot_finished || not_up "its boot does not finish"
	[[ $kind != mariadb ]] || host_exec systemctl --quiet is-active mariadb || not_up "mariadb.service is not active"
}

not_up() {
	tail -n 15 "$host_dir/console.log" >&2
	[[ -z ${pid#-} ]] || host_exec systemctl --no-pager list-units --state=failed,activating >&2 || true
	die "$host did not come up: $1" "see above; more time can be given with GALACTL_LAB_BOOT_TIMEOUT=SECONDS"
}

# --- ending -------------------------------------------------------------------

# As a power cut does. systemd-nspawn ends by itself once PID 1 is gone, and is
# given the time to clean up.
kill_host() {
	local pid1
	if pid1=$(find_pid1); then
		kill -KILL "$pid1" 2>/dev/null || true
		wait_until 2 group_is_empty "$host" || true
	fi
	end_group "$host"
	rm -rf /run/systemd/nspawn/{propagate,unix-export}/"$lab-$host"
}

# unmount_below FOLDER: all that is mounted there or deeper, the latest first,
# because the overlays stand on the disks.
unmount_below() {
	local target
	while read -r target; do
		wait_until 5 umount "$target" 2>/dev/null || umount --lazy "$target"
	done < <(awk -v top="$1/" 'index($5 "/", top) == 1 { print $5 }' /proc/self/mountinfo | tac)
}
