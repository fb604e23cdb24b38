# What only an adoption asks of a host: the unit of the running server, the options in files that are as their package
# has them, and what is public in galactl's files of certificates. Run by `sh -c` as root; changes nothing.
#   $1 file of the CA  $2 file of certificate and key

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
[ ! -e "$1" ] || certificates < "$1" | section trusted
[ ! -e "$2" ] || sed -n '/^-----/q; /^#/p' "$2" | section certificate
echo
echo @end
