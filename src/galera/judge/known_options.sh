# What a server says of options that it does not know, where they may be those of a plugin that was installed in SQL.

# is_a_variable SOCKET NAME: the running server has it.
is_a_variable() {
    [ -S "$1" ] && [ -n "$(timeout 5 mariadb --no-defaults --batch --skip-column-names --socket="$1" --user=root \
        --connect-timeout=3 -e "SHOW GLOBAL VARIABLES LIKE '$2'" 2>/dev/null)" ]
}
# really_said SOCKET: of the lines on standard input not those that call an option unknown which the running server has.
really_said() {
    while IFS= read -r line; do
        option=${line#*"unknown variable '"} && option=${option%%=*}
        case $line in
        *"unknown variable '"*=*) is_a_variable "$1" "$(printf '%s\n' "$option" | tr - _)" || printf '%s\n' "$line" ;;
        *) printf '%s\n' "$line" ;;
        esac
    done
}
