# What only an adoption asks of a host: which Patroni is at work, with which file, and that file. Run by `sh -c` as
# root; changes nothing. The file holds passwords: nothing of it is shown.

pgrep -x patroni | section patroni_processes
for pid in $(pgrep -x patroni); do
    ps -o unit= -p "$pid" | sed -n 's/\.service *$//p'
done | sort -u | section patroni_units
for pid in $(pgrep -x patroni); do
    tr '\0' '\n' < "/proc/$pid/cmdline" | grep -E '\.ya?ml$'
done | sort -u | section started_with
# Their names alone: a value may be a password.
for pid in $(pgrep -x patroni); do
    tr '\0' '\n' < "/proc/$pid/environ" | sed -n 's/^\(PATRONI_[A-Z0-9_]*\)=.*/\1/p'
done | sort -u | section patroni_variables
for file in /etc/patroni/*.yml /etc/patroni/*.yaml; do
    [ -e "$file" ] && printf '%s\n' "$file"
done | section patroni_files
[ -e /etc/patroni/config.yml ] && file_section config < /etc/patroni/config.yml
