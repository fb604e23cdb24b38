#!/usr/bin/env bash
# pack.sh BINARY OUT MAINTAINER [OPTION...]   makes the Debian package of a program in the folder OUT
#
# OPTIONs are those of cargo-deb, which `make deb` puts on the PATH. Prints the path of the package.
# Cargo.toml (package.metadata.deb) says where each file comes from and goes to.
set -euo pipefail
cd "$(dirname "$0")/../.."
export LC_ALL=C

binary=$1 out=$2 maintainer=$3
shift 3
# What the package holds and the checkout does not.
stage=target/deb

main() {
	local version date
	version=$(sed -n 's/^version = "\(.*\)"/\1/p;T;q' Cargo.toml)
	date=$(date_of "$version")
	# With it and without the clock, the same sources make the same package.
	SOURCE_DATE_EPOCH=$(date --utc --date="$date" +%s)
	export SOURCE_DATE_EPOCH
	rm -rf "$stage"
	mkdir -p "$stage"
	strip --strip-unneeded --remove-section=.comment -o "$stage/galactl" "$binary"
	"$binary" man --out "$stage/man"
	completions
	debian_changelog "$version-1" "$date" >"$stage/changelog.Debian"
	third_party_notices | gzip -9n >"$stage/third-party-notices.gz"
	cargo-deb --quiet --locked --no-build --maintainer "$maintainer" --output "$out" "$@"
}

# date_of VERSION: when it was released, by the changelog.
date_of() {
	sed -n "s/^## ${1//./\\.} (\(.*\))$/\1/p" CHANGELOG.md | grep . || {
		echo "CHANGELOG.md has no heading \"## $1 (YYYY-MM-DD)\": add it, and run make deb again" >&2
		return 1
	}
}

# Each shell finds the file by its name.
completions() {
	local shell
	declare -A names=([bash]=galactl [zsh]=_galactl [fish]=galactl.fish)
	for shell in "${!names[@]}"; do
		mkdir -p "$stage/$shell"
		"$binary" completions "$shell" >"$stage/$shell/${names[$shell]}"
	done
}

# Debian wants a changelog of the package in its own form; galactl's stands beside it.
debian_changelog() {
	cat <<-END
		galactl ($1) stable; urgency=medium

		  * What is new is in /usr/share/doc/galactl/changelog.gz.

		 -- $maintainer  $(date --utc --date="$2" '+%a, %d %b %Y %T %z')
	END
}

# The licences of all crates that are linked into the program; crates with one and the same text
# share it.
third_party_notices() {
	local linked crate files file sum
	declare -A crates=() texts=()
	linked=$(linked_crates)
	for crate in $linked; do
		files=$(notices_of "$crate")
		while read -r file; do
			sum=$(sha256sum <"$file")
			crates[$sum]+=" $crate"
			texts[$sum]=$file
		done <<<"$files"
	done
	# In the order of the first crate of each text: the order of the array is none.
	for sum in "${!texts[@]}"; do echo "${crates[$sum]}|$sum"; done | sort | while IFS='|' read -r crate sum; do
		printf '==== %s\n\n%s\n\n' "${crate# }" "$(<"${texts[$sum]}")"
	done
}

# As NAME-VERSION, which is how the folder of a crate is named. Macros run at build time only.
linked_crates() {
	cargo tree --locked --edges normal,no-proc-macro --prefix none --format '{p}' |
		sed --quiet '/ (\//d; s/^\([^ ]*\) v\([^ ]*\).*/\1-\2/p' | sort --unique
}

# notices_of CRATE: the files with its licences; fails where there is none.
notices_of() {
	local folders=("${CARGO_HOME:-$HOME/.cargo}"/registry/src/*/"$1")
	find "${folders[0]}" -maxdepth 1 -type f -regextype posix-extended \
		-iregex '.*/(un)?(licen[cs]e|copying|copyright|notice)[^/]*' | sort | grep . || {
		echo "no licence of $1 in ${folders[0]}: run cargo fetch, and look there" >&2
		return 1
	}
}

main "$@"
