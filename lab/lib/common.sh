# What every part of the lab uses: messages, waiting, locks.
# shellcheck shell=bash

readonly locks_dir=/run/lock/galactl-lab

# Progress goes to stderr, so that stdout holds only what was asked for.
say() { printf 'lab: %s\n' "$*" >&2; }

# A subshell tells its parent with this exit code that the error has been told.
readonly told=75

# die MESSAGE HINT: every error says what to do about it.
die() {
	printf 'lab: error: %s\nlab: hint: %s\n' "$1" "$2" >&2
	trap - ERR
	[[ $BASHPID == "$$" ]] || exit "$told"
	exit 1
}

# A command that fails where nobody foresaw it still says where that was.
on_unforeseen_error() {
	local code=$?
	[[ $BASHPID == "$$" ]] || return 0
	((code == told)) ||
		printf 'lab: error: "%s" failed with %s\nlab: hint: it is in %s, line %s\n' \
			"$BASH_COMMAND" "$code" "${BASH_SOURCE[1]##*/}" "${BASH_LINENO[0]}" >&2
	exit 1
}
trap on_unforeseen_error ERR

need_root() {
	[[ $EUID -eq 0 ]] || die "the lab must be run as root" "try: sudo lab/lab ..."
}

# wait_until SECONDS COMMAND...: polls COMMAND; false when the time is over.
wait_until() {
	local deadline=$((SECONDS + $1))
	shift
	until "$@"; do
		((SECONDS < deadline)) || return 1
		sleep 0.05
	done
}

# Locks are released by the kernel when their holder ends, however it ends.
# Whatever outlives a command must be started with both closed: 8>&- 9>&-

# lock_lab NAME: one command at a time changes a lab.
lock_lab() {
	mkdir -p "$locks_dir"
	exec 9>"$locks_dir/lab-$1"
	flock --wait 120 9 ||
		die "lab \"$1\" is being changed by another command" "wait for it, or interrupt it, and try again"
}

unlock_lab() { exec 9>&-; }

# lock_addresses: one lab at a time chooses its addresses.
lock_addresses() {
	mkdir -p "$locks_dir"
	exec 8>"$locks_dir/addresses"
	flock --wait 30 8 || die "another lab holds the address lock" "try again"
}

unlock_addresses() { exec 8>&-; }
