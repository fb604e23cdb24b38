# What every look at a host begins with; the scripts beside this one follow it.
#
# They print sections: a line "@name", then its lines, each behind a "|", so that no file's content
# can be taken for a section. A section that is not printed was not there to be seen.
LC_ALL=C
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

# The shell itself quotes what programs print. A file may hold anything, and is quoted byte by byte.
section() {
    printf '\n@%s\n' "$1"
    while IFS= read -r line || [ -n "$line" ]; do printf '|%s\n' "$line"; done
}
file_section() { printf '\n@%s\n' "$1"; sed 's/^/|/'; }

newline='
'
tab=$(printf '\t')
# The first line of a file; nothing where there is none.
first_line() { { IFS= read -r line || [ -n "$line" ]; } 2>/dev/null < "$1" && printf '%s\n' "$line"; }
# Puts a word before each line.
prefix() { while IFS= read -r line; do printf '%s%s\n' "$1" "$line"; done; }
# Seconds since the epoch.
clock=$(date +%s.%N)
# newer_than_unit FILE UNIT: the file was written after the unit's last start or reload.
newer_than_unit() {
    changed=$(systemctl show "$2" --property=StateChangeTimestamp --value)
    [ -n "$changed" ] && [ -e "$1" ] && [ "$(stat -c %Y "$1")" -gt "$(date -d "$changed" +%s)" ]
}
