# The machine's own packages.
# shellcheck shell=bash

# COMMAND-OR-FILE PACKAGE: the package is installed when the first is missing.
deps_wanted() {
	cat <<-'END'
		systemd-nspawn systemd-container
		mmdebstrap mmdebstrap
		apt-ftparchive apt-utils
		ssh openssh-client
		ip iproute2
		nft nftables
		tcpdump tcpdump
		ethtool ethtool
		prove perl
		setpriv util-linux
		/usr/share/keyrings/debian-archive-trixie-automatic.gpg debian-archive-keyring
	END
}

missing_packages() {
	local wanted package
	while read -r wanted package; do
		case $wanted in
		/*) [[ -e $wanted ]] || echo "$package" ;;
		*) type -P "$wanted" >/dev/null || echo "$package" ;;
		esac
	done < <(deps_wanted)
}

install_deps() {
	local packages
	mapfile -t packages < <(missing_packages)
	((${#packages[@]})) || return 0
	say "installing ${packages[*]}"
	apt_install "${packages[@]}" ||
		die "apt could not install: ${packages[*]}" "install them by hand; the lab needs Debian 12 or later"
}

apt_install() {
	apt-get update --quiet=2 >&2 || return
	DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet=2 --no-install-recommends "$@" </dev/null >/dev/null
}

# The dispatcher has installed them already.
lab_deps() { say "everything the lab needs is installed"; }
