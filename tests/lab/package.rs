//! The Debian package: installed on hosts, worked from, and removed.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::lab::Lab;
use crate::run::Inventory;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const OPERATORS: [&str; 2] = ["op1", "op2"];

/// The hosts of the lab leave out manuals and documents; those of users do not.
const AS_USERS_HAVE_IT: &str = "rm /etc/dpkg/dpkg.cfg.d/99mmdebstrap";

/// What is in the package besides the program, each thing used by the program that it is for.
const USE_IT: &str = r"
man --where galactl galactl-bootstrap
bash -c '
    set -e
    source /usr/share/bash-completion/completions/galactl
    COMP_WORDS=(galactl bootst) COMP_CWORD=1
    _galactl galactl bootst galactl
    echo bash: ${COMPREPLY[*]}'
zsh -n /usr/share/zsh/vendor-completions/_galactl
grep -q '^complete -c galactl ' /usr/share/fish/vendor_completions.d/galactl.fish
cd /usr/share/doc/galactl
galactl validate inventories/three-nodes.yaml
galactl render examples/custom-template/inventory.yaml >/dev/null
zcat changelog.gz changelog.Debian.gz third-party-notices.gz >/dev/null
ls copyright README.md docs/recovery.md
dpkg-query --show --showformat '${Depends}\n' galactl
";

/// What `make deb` makes, of the program under test. Gives the path of the package.
fn packed() -> String {
    let mut make = Command::new("make");
    make.args(["--silent", "deb-of", "OUT=target/package-test", "DEB_OPTIONS=--fast"]);
    make.arg(format!("BINARY={}", env!("CARGO_BIN_EXE_galactl")));
    let output = make.current_dir(ROOT).output().expect("make");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let path = String::from_utf8(output.stdout).expect("a path");
    format!("{ROOT}/{}", path.trim())
}

/// Copies a file of this machine into the home of a host's root.
fn give(lab: &Lab, host: &str, file: &Path) {
    let home = lab.directory().join("machines").join(host).join("root/root");
    fs::copy(file, home.join(file.file_name().expect("a name"))).expect("a copy");
}

fn install(lab: &Lab, host: &str, package: &Path) {
    give(lab, host, package);
    lab.on(host, AS_USERS_HAVE_IT);
    lab.on(host, "apt-get install --yes --no-install-recommends man-db zsh");
    lab.on(host, "cd && apt-get install --yes ./galactl_*.deb");
    let version = concat!("galactl ", env!("CARGO_PKG_VERSION"));
    assert_eq!(lab.on(host, "galactl --version"), version, "{host}");
}

fn use_it(lab: &Lab, host: &str) {
    let seen = lab.on(host, &format!("set -e\n{USE_IT}"));
    for word in ["man1/galactl.1.gz", "man1/galactl-bootstrap.1.gz", "bash: bootstrap", "openssh-client"] {
        assert!(seen.contains(word), "{host}: {word:?} is not in:\n{seen}");
    }
    lab.on(host, "cd && galactl init shop.yaml && galactl validate shop.yaml");
}

/// There are no conffiles, so that nothing stays but what the runs wrote below the user's home.
fn remove(lab: &Lab, host: &str) {
    lab.on(host, "apt-get remove --yes galactl");
    let left = lab.on(host, "find /etc /opt /usr /var -xdev -name '*galactl*'");
    assert_eq!(left, "", "{host}");
    assert!(!lab.try_on(host, "dpkg --status galactl").0, "{host}: dpkg still knows the package");
}

#[test]
#[ignore = "boots real hosts"]
fn the_package_is_installed_worked_from_and_removed() {
    let package = packed();
    let lab = Lab::up("t-package", &["op1:bookworm:bare", "op2:trixie:bare", "db1"]);
    std::thread::scope(|scope| {
        for host in OPERATORS {
            scope.spawn(|| {
                install(&lab, host, Path::new(&package));
                use_it(&lab, host);
            });
        }
    });

    let inventory = Inventory::of(&lab, &["db1"]);
    for host in OPERATORS {
        give(&lab, host, &inventory.write());
        give(&lab, host, &lab.directory().join("id_ed25519"));
        give(&lab, host, &lab.directory().join("known_hosts"));
    }
    lab.on("op1", "cd && galactl check test-inventory.yaml");
    lab.on("op1", "cd && galactl bootstrap --yes test-inventory.yaml");
    inventory.assert_whole();
    let status = lab.on("op2", "cd && galactl status test-inventory.yaml");
    assert!(status.contains("Synced"), "{status}");
    assert!(lab.on("op2", "cd && galactl bootstrap --yes test-inventory.yaml").contains("Nothing to do"));

    for host in OPERATORS {
        remove(&lab, host);
    }
}
