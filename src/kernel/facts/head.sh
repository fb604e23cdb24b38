# What every look at a host begins with; the scripts beside this one follow it.
#
# They print sections: a line "@name", then its lines, each behind a "|", so that no file's content
# can be taken for a section. A section that is not printed was not there to be seen.
LC_ALL=C
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

# The shell itself quotes what programs print. A file may hold anything, and is quoted byte by byte.
# Every `|`, and every `$( )`, is a process of its own, and a look at many hosts that share a machine is made of little
# else: what is in a variable is quoted by `text_section` and `say`, which start none.
section() {
    printf '\n@%s\n' "$1"
    while IFS= read -r line || [ -n "$line" ]; do printf '|%s\n' "$line"; done
}
file_section() { printf '\n@%s\n' "$1"; sed 's/^/|/'; }

newline='
'
tab='	'
# begin_section NAME: what is said from here on is in it.
begin_section() { printf '\n@%s\n' "$1"; }
# say TEXT: its lines that are not empty. `split` and `joined` stand around a `for` that takes a text apart into such lines.
say() {
    split
    # shellcheck disable=SC2086 # a line is a word here
    [ -z "$1" ] || printf '|%s\n' $1
    joined
}
split() { set -f && IFS=$newline; }
joined() { set +f && unset IFS; }
# text_section NAME TEXT
text_section() {
    begin_section "$1"
    say "$2"
}
# first_line FILE: sets `line`, which is empty where there is no such file.
first_line() { line= && { IFS= read -r line 2>/dev/null < "$1" || [ -n "$line" ]; }; }
# Puts a word before each line.
prefix() { while IFS= read -r line; do printf '%s%s\n' "$1" "$line"; done; }
# Seconds since the epoch.
clock=$(date +%s.%N)
# newer_than_unit FILE UNIT: the file was written after the unit's last start or reload.
newer_than_unit() {
    changed=$(systemctl show "$2" --property=StateChangeTimestamp --value)
    [ -n "$changed" ] && [ -e "$1" ] && [ "$(stat -c %Y "$1")" -gt "$(date -d "$changed" +%s)" ]
}
