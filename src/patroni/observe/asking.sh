# What the scripts of all roles ask with. It stands before them.
show_unit() {
    systemctl show "$1.service" --property=LoadState,ActiveState,SubState,UnitFileState,Result,NRestarts,MainPID |
        section "unit/$1"
}
# A file of settings, and its attributes.
show_file() {
    [ -e "$2" ] || return 0
    stat -c '%a %U %G' "$2" | section "$1_mode"
    file_section "$1" < "$2"
}
# Questions over HTTP are gathered, and asked all at once at the end.
requests=
ask_http() { requests="$requests$*$newline"; }
