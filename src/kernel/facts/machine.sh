# Tells what the machine is, whatever runs on it. It stands before the script of the first role that is
# looked at on a host.
section os < /etc/os-release
systemd=$(systemctl --version)
addresses=$(ip -o address show 2>/dev/null)
begin_section machine
say "arch=$(uname -m)"
first_line /etc/machine-id
say "machine_id=$line"
say "clock=$clock"
say "cores=$(nproc 2>/dev/null)"
case $systemd in "systemd "[0-9]*) systemd=${systemd#systemd } && say "systemd=${systemd%%[!0-9]*}" ;; esac
[ ! -e /sys/fs/selinux/enforce ] || { first_line /sys/fs/selinux/enforce && say "selinux=$line"; }
while read -r _ _ family address _; do
    case $family in inet | inet6) say "address=${address%%/*}" ;; esac
done <<EOF_ADDRESSES
$addresses
EOF_ADDRESSES
while read -r name kib _; do
    case $name in MemTotal:) say "memory_kib=$kib" && break ;; esac
done < /proc/meminfo

begin_section host_keys
for key in /etc/ssh/ssh_host_*_key.pub; do
    [ -e "$key" ] && read -r kind text comment < "$key" && say "$kind $text"
done
