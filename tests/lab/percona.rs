//! The Percona Toolkit for hosts whose own source of packages has none.

use std::process::Command;

use crate::lab::Lab;

/// $1 the lab's scripts, $2 the release, $3 where the packages go. They are fetched once, from where this machine's own apt
/// gets Debian, for a host of the kind `mariadb`.
const FETCH: &str = r#"
set -euo pipefail
lab_home=$1 release=$2 out=$3
mkdir -p "$(dirname "$out")"
exec 7>"$out.lock"
flock 7
[[ ! -e $out/Packages ]] || exit 0
die() { echo "$*" >&2; exit 1; }
say() { echo "$*" >&2; }
source "$lab_home/lib/recipe.sh"
source "$lab_home/lib/build.sh"
find_mirrors
declare -A mirrors=([main]=$main_mirror [security]=$security_mirror)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
mkdir -p "$tmp"/{lists/partial,cache,debs/partial}
while read -r archive suite; do
    [[ -z ${mirrors[$archive]} ]] ||
        echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${mirrors[$archive]} $suite main"
done < <(suites_of "$release") >"$tmp/sources.list"
options=(-o Dir::Etc::sourcelist="$tmp/sources.list" -o Dir::Etc::sourceparts=/dev/null
    -o Dir::Etc::preferencesparts=/dev/null -o Dir::State::lists="$tmp/lists" -o Dir::Cache="$tmp/cache"
    -o Dir::State::status="$(root_path "$release" mariadb)/var/lib/dpkg/status" -o APT::Sandbox::User=root)
apt-get "${options[@]}" --quiet=2 update
apt-get "${options[@]}" --quiet=2 --yes --download-only --no-install-recommends \
    -o Dir::Cache::archives="$tmp/debs" install percona-toolkit
rm -rf "$tmp"/debs/{partial,lock}
(cd "$tmp/debs" && apt-ftparchive packages . >Packages)
mkdir -p "$out"
cp "$tmp"/debs/*.deb "$out/"
cp "$tmp/debs/Packages" "$out/"
"#;
const ADD: &str = r#"
echo 'deb [trusted=yes] file:/srv/percona ./' > /etc/apt/sources.list.d/percona.list && apt-get -qq update
"#;

/// Makes the package known to the apt of these hosts. It is not installed.
pub fn offer(lab: &Lab, hosts: &[&str], release: &str) {
    let root = env!("CARGO_MANIFEST_DIR");
    let out = format!("{root}/target/percona-toolkit/{release}");
    let words = ["-c", FETCH, "fetch", &format!("{root}/lab"), release, &out];
    let fetched = Command::new("bash").args(words).status().expect("bash");
    assert!(fetched.success(), "the packages could not be fetched");
    for host in hosts {
        let there = lab.directory().join("machines").join(host).join("root/srv/percona");
        let copied = Command::new("cp").args(["-r", &out]).arg(there).status().expect("cp");
        assert!(copied.success(), "no packages for {host}");
        lab.on(host, ADD);
    }
}
