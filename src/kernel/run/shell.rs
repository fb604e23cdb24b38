//! Pieces of shell that several scripts share. Macros, because a script is one constant text.

/// Forbids, until the script ends, that a package starts its service, and brings apt's lists up to date.
/// `$lock` are options for the apt-get that follows.
///
/// policy-rc.d is Debian's way to do so (invoke-rc.d(8)). One that the administrator put there is respected.
/// The marker lets a later run remove the file if this script was killed.
macro_rules! without_starts {
    () => {
        r#"
policy=/usr/sbin/policy-rc.d
marker='# galactl: no service starts while packages are installed'
if [ -e "$policy" ] && grep -qF "$marker" "$policy"; then
    rm -f "$policy"
fi
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\n%s\nexit 101\n' "$marker" > "$policy"
    chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
lock='-o DPkg::Lock::Timeout=300'
apt-get $lock update >/dev/null
"#
    };
}

pub(crate) use without_starts;
