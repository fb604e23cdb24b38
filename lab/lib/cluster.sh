# Whole labs: up, add, run, down, list.
# shellcheck shell=bash

# --- up and add ---------------------------------------------------------------

lab_up() {
	local small_disk="" behind_jump=""
	while [[ ${1:-} == --* ]]; do
		case $1 in
		--small-disk)
			small_disk=${2:-}
			[[ $small_disk =~ ^[0-9]+[MG](:/[a-z0-9/._-]+)?$ ]] ||
				die "--small-disk needs a size, and may name a folder" "e.g. --small-disk 400M or 400M:/var/lib/postgresql"
			shift 2
			;;
		--behind-jump)
			behind_jump=yes
			shift
			;;
		*) die "up has no option \"$1\"" "it has --small-disk SIZE[:FOLDER] and --behind-jump" ;;
		esac
	done
	use_lab "${1:-}"
	parse_specs ${behind_jump:+jump:bookworm:bare} "${@:2}"
	refuse_existing_lab
	build_roots "${spec_releases[@]}"

	lock_lab "$lab"
	hold_signals
	claim_lab
	on_exit remove_lab
	write_options
	make_ssh_key
	mount_disks
	make_bridge
	start_hosts
	keep
	unlock_lab
	print_summary
}

lab_add() {
	open_lab "${1:-}"
	parse_specs "${@:2}"
	build_roots "${spec_releases[@]}"

	lock_lab "$lab"
	refuse_known_hosts
	on_exit remove_added_hosts
	start_hosts
	keep
	unlock_lab
	print_summary
}

# parse_specs HOSTSPEC...: checks them all before anything is made.
parse_specs() {
	(($#)) || die "no host was named" "give at least one HOSTSPEC, e.g. db1 or db2:trixie:bare"
	spec_hosts=() spec_releases=() spec_kinds=()
	local spec host release kind rest
	for spec in "$@"; do
		IFS=: read -r host release kind rest <<<"$spec"
		[[ $host =~ ^[a-z][a-z0-9-]{0,19}$ && -z $rest ]] ||
			die "\"$spec\" is no HOSTSPEC" "write HOST[:RELEASE[:KIND]], e.g. db2:trixie:bare"
		[[ " ${spec_hosts[*]} " != *" $host "* ]] ||
			die "the host \"$host\" is named twice" "every host needs a name of its own"
		check_release "${release:=bookworm}"
		[[ " $kinds " == *" ${kind:=$(usual_kind "$host")} "* ]] ||
			die "there is no kind \"$kind\"" "choose one of: $kinds"
		[[ " $(kinds_of "$release") " == *" $kind "* ]] ||
			die "$release has no hosts of kind \"$kind\"" "write $host:bookworm:$kind or $host:trixie:$kind"
		spec_hosts+=("$host") spec_releases+=("$release") spec_kinds+=("$kind")
	done
}

# usual_kind HOST: what a host of this name is where nothing else is said.
usual_kind() {
	if [[ $1 =~ ^pg[0-9]+$ ]]; then echo postgresql; else echo mariadb; fi
}

refuse_known_hosts() {
	local name
	for name in "${spec_hosts[@]}"; do
		! host_names | grep --quiet --line-regexp "$name" ||
			die "lab \"$lab\" has a host \"$name\" already" "choose another name"
	done
}

# All boot at the same time; what takes long is waited for at the end.
start_hosts() {
	local i name identities=()
	raise_limits
	for i in "${!spec_hosts[@]}"; do
		name=${spec_hosts[i]}
		add_to_table "$name" "$(pick_address "$name")" "${spec_releases[i]}" "${spec_kinds[i]}"
		use_host "$name"
		make_disk
		plug_in
		make_identity 8>&- 9>&- &
		identities+=($!)
	done
	for i in "${identities[@]}"; do wait "$i"; done
	write_files_about_hosts
	for_each_new_host boot
	for_each_new_host wait_for_pid1
	for_each_new_host wait_for_services
}

for_each_new_host() {
	local name
	for name in "${spec_hosts[@]}"; do
		use_host "$name"
		"$1"
	done
}

# --- whatever goes wrong, nothing is left behind ------------------------------

# Until it is known what is to be undone, a signal is only noted.
hold_signals() {
	interrupted=""
	trap 'interrupted=yes' INT TERM HUP
}

# on_exit UNDO: however this script ends from here on, UNDO is called.
on_exit() {
	# shellcheck disable=SC2064 # the name is known now
	trap "$1" EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	[[ -z ${interrupted:-} ]] || exit 143
}

keep() { trap - EXIT INT TERM HUP; }

# Cleaning up must not be broken off half way.
begin_cleaning() {
	trap - EXIT
	trap '' INT TERM HUP
}

remove_added_hosts() {
	begin_cleaning
	local name
	for name in "${spec_hosts[@]}"; do
		host_names | grep --quiet --line-regexp "$name" || continue
		use_host "$name"
		end_group "$(delay_group)"
		kill_host
		unmount_below "$host_dir"
		unplug
		rm -rf --one-file-system "$host_dir" "$dir/disks/$host"
		remove_from_table
	done
	write_files_about_hosts
}

# --- down ---------------------------------------------------------------------

lab_down() {
	if [[ ${1:-} != --all ]]; then
		down "${1:-}"
		return
	fi
	local path
	for path in "$labs_dir"/*/ "$labs_dir"/.claim-*/; do
		[[ ! -d $path ]] || down "$(basename "${path/.claim-/}")"
	done
}

down() {
	use_lab "$1"
	lock_lab "$lab"
	[[ ! -d $dir ]] || remove_lab
	rm -rf "$labs_dir/.claim-$lab"
	unlock_lab
}

# Works on whatever is there, in whichever state "up" was left.
remove_lab() {
	begin_cleaning
	prefix=$(<"$dir/prefix")
	local host
	for host in $(groups); do kill_host; done
	wait_until 5 remove_groups "" || true
	unmount_below "$dir"
	remove_network
	rm -rf --one-file-system "$dir"
	keep
}

# --- run ----------------------------------------------------------------------

lab_run() {
	local up_arguments=()
	while (($#)) && [[ $1 != -- ]]; do
		up_arguments+=("$1")
		shift
	done
	[[ $# -ge 2 ]] || die "run needs a command" "lab run NAME HOST... -- CMD..."
	shift
	lab_up "${up_arguments[@]}"
	on_exit end_run
	local code=0
	run_command "$@" || code=$?
	exit "$code"
}

# In the background, a signal to this script is not kept waiting for the end of
# the command. Only on a terminal the command must be in the foreground.
run_command() {
	command_group=""
	if [[ -t 0 ]]; then
		"$@"
		return
	fi
	set -m
	"$@" <&0 &
	command_group=$!
	set +m
	wait "$command_group"
}

end_run() {
	if [[ -n $command_group ]]; then kill -TERM "-$command_group" 2>/dev/null || true; fi
	down "$lab"
}

# --- list ---------------------------------------------------------------------

lab_list() {
	local path
	for path in "$labs_dir"/*/; do
		[[ -d $path ]] || continue
		lab=$(basename "$path") dir=${path%/}
		echo "$lab"
		print_hosts
	done
}

print_summary() {
	echo "lab $lab is up after $SECONDS s; $dir/inventory.yaml"
	print_hosts
}

print_hosts() {
	[[ -e $dir/hosts ]] || return 0
	awk -F'\t' '{ printf "  %-10s %-13s %-9s %-10s %s\n", $1, $2, $3, $4, $5 == "-" ? "off" : "pid " $5 }' "$dir/hosts"
}
