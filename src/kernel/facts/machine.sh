# Tells what the machine is, whatever runs on it. It stands before the script of the first role that is
# looked at on a host.
section os < /etc/os-release
systemd=$(systemctl --version)
{
    echo "arch=$(uname -m)"
    echo "machine_id=$(first_line /etc/machine-id)"
    echo "clock=$clock"
    echo "cores=$(nproc 2>/dev/null)"
    case $systemd in "systemd "[0-9]*) systemd=${systemd#systemd } && echo "systemd=${systemd%%[!0-9]*}" ;; esac
    [ -e /sys/fs/selinux/enforce ] && echo "selinux=$(first_line /sys/fs/selinux/enforce)"
    ip -o address show 2>/dev/null | while read -r _ _ family address _; do
        case $family in inet | inet6) echo "address=${address%%/*}" ;; esac
    done
    while read -r name kib _; do
        case $name in MemTotal:) echo "memory_kib=$kib" && break ;; esac
    done < /proc/meminfo
} | section machine

for key in /etc/ssh/ssh_host_*_key.pub; do
    [ -e "$key" ] && read -r kind text comment < "$key" && echo "$kind $text"
done | section host_keys
