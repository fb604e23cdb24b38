# Lets the installed server read one option file as at a start, and changes nothing: $1 the file.
#
# The server makes a file in its data directory, and opens its table of plugins beside a server that runs. So it is
# given no data directory. The options of a plugin that was installed in SQL are known there only: a running server is
# asked whether it has them, and where none runs, nobody is disturbed.
server=$(command -v mariadbd || command -v mysqld) || exit 1
said=$("$server" --defaults-file="$1" --datadir=/nonexistent --user=mysql --skip-grant-tables --help --verbose 2>&1 >/dev/null) && exit 0
socket=$(HOME=/nonexistent my_print_defaults --mysqld 2>/dev/null | sed -n 's/^--socket=//p' | tail -n 1)
case $said in
*"unknown variable '"*)
    if pgrep -x 'mariadbd|mysqld' >/dev/null; then
        said=$(printf '%s\n' "$said" | really_said "${socket:-/run/mysqld/mysqld.sock}")
        case $said in *"[ERROR]"*) ;; *) exit 0 ;; esac
    else
        said=$("$server" --defaults-file="$1" --user=mysql --help --verbose 2>&1 >/dev/null) && exit 0
    fi
    ;;
esac
printf '%s\n' "$said" >&2
exit 1
