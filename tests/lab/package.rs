//! The Debian package: built and tried by the scripts of the release workflow, installed on hosts,
//! worked from, and removed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::ci_examples::{example, github_script};
use crate::lab::Lab;
use crate::run::{Inventory, Ran};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const WORKFLOW: &str = "release-github.yml";
const TAG: &str = concat!("v", env!("CARGO_PKG_VERSION"));
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
    _clap_complete_galactl galactl bootst galactl
    echo bash: ${COMPREPLY[*]}'
zsh -n /usr/share/zsh/vendor-completions/_galactl
grep -q '^complete .*--command galactl ' /usr/share/fish/vendor_completions.d/galactl.fish
cd /usr/share/doc/galactl
galactl validate inventories/three-nodes.yaml
galactl render examples/custom-template/inventory.yaml >/dev/null
zcat changelog.gz changelog.Debian.gz third-party-notices.gz >/dev/null
ls copyright README.md docs/decisions/README.md
dpkg-query --show --showformat '${Depends}\n' galactl
";

/// Runs a job of the release workflow in this checkout. `make deb` packs the program under test there.
fn job(name: &str, tag: &str) -> Ran {
    let mut bash = Command::new("bash");
    bash.args(["-e", "-o", "pipefail", "-c", &github_script(&example(WORKFLOW), name)]);
    bash.current_dir(ROOT).env("GITHUB_REF_NAME", tag);
    bash.env("DEB_BINARY", env!("CARGO_BIN_EXE_galactl")).env("DEB_OUT", "target/package-test");
    bash.env("DEB_OPTIONS", "--fast").env("MAINTAINER", "db <db@users.noreply.github.com>");
    Ran::from(bash.output().expect("bash"))
}

/// What the first job of the workflow hands to the next: the package, its checksum, the notes.
fn to_release() -> Vec<PathBuf> {
    job("package", "v9.9.9").expect_code(1).says(&["the tag is v9.9.9"]);
    job("package", TAG).expect_code(0);
    let folder = Path::new(ROOT).join("target/to-release");
    let notes = fs::read_to_string(folder.join("notes.md")).expect("notes");
    assert!(notes.contains("\n- `galactl ") && !notes.contains("## "), "{notes}");
    let mut files: Vec<_> =
        fs::read_dir(folder).expect("files").map(|it| it.expect("a file").path()).collect();
    files.sort();
    assert_eq!(files.len(), 3, "{files:?}");
    files
}

fn install(lab: &Lab, host: &str, files: &[PathBuf]) {
    for file in files {
        lab.give(host, file);
    }
    lab.on(host, AS_USERS_HAVE_IT);
    lab.on(host, "apt-get install --yes --no-install-recommends man-db zsh");
    let said = lab.on(host, &format!("cd\nset -e\n{}", github_script(&example(WORKFLOW), "try")));
    let version = concat!("galactl ", env!("CARGO_PKG_VERSION"));
    assert!(said.lines().any(|line| line == version), "{host}: {said}");
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
    let files = to_release();
    let lab = Lab::up("t-package", &["op1:bookworm:bare", "op2:trixie:bare", "db1"]);
    for host in OPERATORS {
        install(&lab, host, &files);
        use_it(&lab, host);
    }

    let inventory = Inventory::of(&lab, &["db1"]);
    for host in OPERATORS {
        lab.give(host, &inventory.write());
        lab.give(host, &lab.directory().join("id_ed25519"));
        lab.give(host, &lab.directory().join("known_hosts"));
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

/// `gh` itself needs GitHub: here it only shows what it is called with.
#[test]
fn the_release_is_made_of_the_files_and_by_the_only_job_that_may_write() {
    let folder = tempfile::tempdir().expect("a directory");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("a file");
    write("galactl_1_amd64.deb", "");
    write("notes.md", "");
    write(
        "SHA256SUMS",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  galactl_1_amd64.deb\n",
    );
    let workflow = example(WORKFLOW);
    let script = format!("gh() {{ echo \"$@\"; }}\n{}", github_script(&workflow, "release"));
    let mut bash = Command::new("bash");
    bash.args(["-e", "-o", "pipefail", "-c", &script]).current_dir(&folder).env("GITHUB_REF_NAME", "v1");
    let said = Ran::from(bash.output().expect("bash")).expect_code(0).stdout;
    let call = "release create v1 --verify-tag --title galactl 1 --notes-file notes.md galactl_1_amd64.deb SHA256SUMS";
    assert_eq!(said.lines().last(), Some(call));

    let may_write = |job: &str| workflow["jobs"][job]["permissions"]["contents"] == "write";
    assert_eq!(["package", "try", "release"].map(may_write), [false, false, true]);
    assert!(
        workflow["permissions"].as_mapping().is_some_and(serde_yaml::Mapping::is_empty),
        "others have none"
    );
}
