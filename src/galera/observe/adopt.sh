# What only an adoption asks of a host: the unit of the running server, and the options in files that are as
# their package has them. Run by `sh -c` as root; changes nothing.

for pid in $(pgrep -x 'mariadbd|mysqld'); do
    ps -o unit= -p "$pid" | sed -n 's/\.service *$//p'
done | section unit

if command -v dpkg-query >/dev/null; then
    dpkg-query -W -f '${Conffiles}\n' 'mariadb-*' mysql-common 2>/dev/null | while read -r file sum _; do
        case $file in *.cnf) ;; *) continue ;; esac
        [ "$(md5sum < "$file" 2>/dev/null)" = "$sum  -" ] || continue
        # What it includes is not its own.
        grep -v '^ *!' "$file" | my_print_defaults --defaults-file=/dev/stdin --mysqld 2>/dev/null
    done | section packaged
fi
echo
echo @end
