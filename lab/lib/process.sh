# Whatever a lab starts and leaves running is in a control group of its own:
# galactl-lab.LAB/GROUP. That tells whose a process is, with no pid file to go
# stale, and no other process ever taken for one of the lab's.
#
# For a host there is a second reason. systemd takes the group it finds itself
# in for the root of all; hosts in one group would end each other's services.
# shellcheck shell=bash

# group_dir GROUP: its folder; that of all groups of the lab when GROUP is empty.
group_dir() {
	local root
	root=$(findmnt --first-only --noheadings --output TARGET --types cgroup2) ||
		die "this machine has no cgroup2" "mount it: mount -t cgroup2 none /sys/fs/cgroup/unified"
	echo "$root/galactl-lab.$lab/$1"
}

# start_in_group GROUP LOG COMMAND...: in a session of its own, with no lock.
start_in_group() {
	local folder log=$2
	folder=$(group_dir "$1")
	shift 2
	mkdir -p "$folder"
	{
		echo "$BASHPID" >"$folder/cgroup.procs"
		exec setsid "$@"
	} </dev/null >>"$log" 2>&1 8>&- 9>&- &
	# Its end is not this shell's business.
	disown
}

# pids_in_group GROUP: as this machine counts them.
pids_in_group() {
	find "$(group_dir "$1")" -name cgroup.procs -exec cat {} + 2>/dev/null || true
}

group_is_empty() { [[ -z $(pids_in_group "$1") ]]; }

kill_group() {
	local number
	for number in $(pids_in_group "$1"); do
		kill -KILL "$number" 2>/dev/null || true
	done
	group_is_empty "$1"
}

# end_group GROUP: kills what is in it, and removes it.
end_group() {
	wait_until 10 kill_group "$1" ||
		die "processes cannot be ended: $(pids_in_group "$1" | paste -sd' ')" "look at them with ps, then try again"
	wait_until 5 remove_groups "/$1" ||
		die "the control group galactl-lab.$lab/$1 cannot be removed" "look for it below /sys/fs/cgroup"
}

groups() {
	find "$(group_dir "")" -mindepth 1 -maxdepth 1 -type d -printf '%f\n' 2>/dev/null || true
}

# remove_groups /GROUP: with all below it; all groups of the lab without GROUP.
# Where there are several hierarchies, systemd-nspawn makes the group in more
# than one.
remove_groups() {
	local folder
	for folder in /sys/fs/cgroup/{,*/}"galactl-lab.$lab$1"; do
		[[ ! -d $folder ]] || find "$folder" -depth -type d -exec rmdir {} + 2>/dev/null || return 1
	done
}
