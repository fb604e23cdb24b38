# Root file systems, built once and kept in the cache.
# shellcheck shell=bash

readonly cache=${GALACTL_LAB_CACHE:-/var/cache/galactl-lab}

# root_path RELEASE KIND: where that root is, or will be. The name changes with
# the recipe, so a root made by an older recipe is never taken for this one.
root_path() {
	local recipe
	recipe=$(cat "$lab_home/lib/recipe.sh" "$lab_home/lib/make-roots" | sha256sum)
	echo "$cache/roots/$1-$2-${recipe:0:12}"
}

roots_built() {
	local kind
	for kind in $(kinds_of "$1"); do
		[[ -d $(root_path "$1" "$kind") ]] || return 1
	done
}

check_release() {
	[[ " $releases " == *" $1 "* ]] || die "there is no release \"$1\"" "choose one of: $releases"
}

# The machine's own apt knows from where it gets Debian.
# debian_mirror LABEL: the address of what apt calls LABEL.
debian_mirror() {
	# shellcheck disable=SC2016 # apt expands these
	apt-get indextargets --format '$(LABEL)|$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' |
		awk -F'|' -v label="$1" '$1 == label { print $2; exit }'
}

find_mirrors() {
	main_mirror=$(debian_mirror Debian)
	if [[ -z $main_mirror ]]; then
		apt-get update --quiet=2 >&2 || true
		main_mirror=$(debian_mirror Debian)
	fi
	[[ -n $main_mirror ]] ||
		die "apt on this machine has no Debian sources" "add one to /etc/apt/sources.list and run apt-get update"
	security_mirror=$(debian_mirror Debian-Security)
}

# start_build RELEASE: builds in namespaces of its own, so that all its mounts
# and processes end with it, and it ends with this script, even by SIGKILL.
start_build() {
	say "building the roots of $1; log: $cache/$1.log"
	setpriv --pdeathsig KILL \
		unshare --mount --pid --fork --kill-child --mount-proc \
		"$lab_home/lib/make-roots" "$1" "$cache" \
		"$(root_path "$1" bare)" "$(root_path "$1" mariadb)" "$(root_path "$1" postgresql)" \
		"$main_mirror" "$security_mirror" \
		</dev/null >"$cache/$1.log" 2>&1 8>&- 9>&- &
}

# build_roots RELEASE...: those that are not yet there, side by side.
build_roots() {
	local release
	local -A builds=()
	for release in "$@"; do
		check_release "$release"
		roots_built "$release" || builds[$release]=""
	done
	((${#builds[@]})) || return 0

	local main_mirror security_mirror
	find_mirrors
	mkdir -p "$cache/roots"
	for release in "${!builds[@]}"; do
		start_build "$release"
		builds[$release]=$!
	done
	for release in "${!builds[@]}"; do
		wait "${builds[$release]}" || build_failed "$release"
	done
	remove_old_roots
}

build_failed() {
	tail -n 20 "$cache/$1.log" >&2
	die "the roots of $1 could not be built" "the whole log is $cache/$1.log; is the package mirror reachable?"
}

# Roots of older recipes go, except those a running host still stands on.
remove_old_roots() {
	local root kept="" release kind
	for release in $releases; do
		for kind in $kinds; do kept+=" $(root_path "$release" "$kind") "; done
	done
	for root in "$cache"/roots/*; do
		[[ $kept == *" $root "* ]] && continue
		grep --quiet --fixed-strings "lowerdir=$root," /proc/mounts && continue
		rm -rf --one-file-system "$root"
	done
}

lab_build() {
	(($#)) || set -- bookworm
	build_roots "$@"
	say "built: $*"
}
