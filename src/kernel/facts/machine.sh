# Tells what the machine is, whatever runs on it. It stands before the script of the first role that is
# looked at on a host.
section os < /etc/os-release
{
    echo "arch=$(uname -m)"
    echo "machine_id=$(cat /etc/machine-id 2>/dev/null)"
    echo "clock=$(date +%s.%N)"
    echo "cores=$(nproc 2>/dev/null)"
    systemctl --version | sed -n '1s/^systemd \([0-9]*\).*/systemd=\1/p'
    [ -e /sys/fs/selinux/enforce ] && echo "selinux=$(cat /sys/fs/selinux/enforce)"
    ip -o address show 2>/dev/null | sed -n 's/^.* inet6\{0,1\} \([^ /]*\).*/address=\1/p'
    sed -n 's/^MemTotal: *\([0-9]*\) kB/memory_kib=\1/p' /proc/meminfo
} | section machine
cat /etc/ssh/ssh_host_*_key.pub 2>/dev/null | cut -d ' ' -f 1,2 | section host_keys
