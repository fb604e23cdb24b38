# Into a host: by ssh as anybody would, or without it.
# shellcheck shell=bash

lab_ssh() {
	open_lab "${1:-}"
	use_host "${2:-}"
	exec ssh -F "$dir/ssh_config" "$host" "${@:3}"
}

lab_exec() {
	open_lab "${1:-}"
	use_running_host "${2:-}"
	(($# > 2)) || die "exec needs a command" "e.g. lab exec $lab $host systemctl status mariadb"
	host_exec "${@:3}" || exit
}
