//! The jobs of examples/ci: the review's script on a repository with a base branch, and what no job may do.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_yaml::Value;

const INVENTORY: &str = "version: 1
cluster: {name: shop}
ssh: {key: id_ed25519, known_hosts: known_hosts}
sst: {method: rsync}
provider_options: {gcache.size: 512M}
nodes:
  - {name: db1, address: 10.0.0.11}
  - {name: db2, address: 10.0.0.12}
  - {name: db3, address: 10.0.0.13}
";

fn example(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/ci").join(name);
    serde_yaml::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The script of a GitHub job's step.
fn github(job: &str, step: &str) -> String {
    let workflow = example("github.yml");
    let steps = workflow["jobs"][job]["steps"].as_sequence().unwrap().clone();
    let step = steps.iter().find(|it| it["name"].as_str() == Some(step)).unwrap();
    step["run"].as_str().unwrap().to_owned()
}

/// The lines of a GitLab job.
fn gitlab(job: &str, part: &str) -> String {
    let lines = example("gitlab.yml")[job][part].as_sequence().unwrap().clone();
    lines.iter().map(|line| line.as_str().unwrap().to_owned() + "\n").collect()
}

/// A clone with a branch of its own, as a runner checks it out.
struct Checkout(tempfile::TempDir);

impl Checkout {
    /// `base`: the inventory of the base branch, if it has one.
    fn new(base: Option<&str>, change: &str) -> Self {
        let root = tempfile::tempdir().unwrap();
        let (origin, clone) = (root.path().join("origin"), root.path().join("clone"));
        fs::create_dir(&origin).unwrap();
        git(&origin, &["init", "--quiet", "--initial-branch=main"]);
        fs::write(origin.join("README.md"), "Our databases\n").unwrap();
        if let Some(base) = base {
            fs::write(origin.join("inventory.yaml"), base).unwrap();
        }
        commit(&origin, "the base");
        git(root.path(), &["clone", "--quiet", "origin", "clone"]);
        git(&clone, &["checkout", "--quiet", "-b", "change"]);
        fs::write(clone.join("inventory.yaml"), change).unwrap();
        commit(&clone, "a change");
        // The base branch goes on meanwhile: that is no part of the change.
        fs::write(origin.join("README.md"), "Our databases, and more\n").unwrap();
        commit(&origin, "later");
        git(&clone, &["fetch", "--quiet"]);
        Self(root)
    }

    fn clone(&self) -> std::path::PathBuf {
        self.0.path().join("clone")
    }

    /// Runs a script as the runner does, and gives what it wrote to the summary; `Err`: it failed.
    fn run(&self, script: &str) -> Result<String, String> {
        let galactl = Path::new(env!("CARGO_BIN_EXE_galactl")).parent().unwrap();
        let path = format!("{}:{}", galactl.display(), std::env::var("PATH").unwrap());
        let summary = self.0.path().join("summary.md");
        let base = git(&self.clone(), &["merge-base", "origin/main", "HEAD"]);
        let output = Command::new("bash")
            .args(["--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script])
            .current_dir(self.clone())
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.0.path())
            .env("GITHUB_STEP_SUMMARY", &summary)
            .env("GITHUB_BASE_REF", "main")
            .env("CI_MERGE_REQUEST_DIFF_BASE_SHA", base.trim())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        match output.status.success() {
            true => Ok(fs::read_to_string(&summary).unwrap_or_default()),
            false => Err(said),
        }
    }
}

fn commit(repository: &Path, message: &str) {
    git(repository, &["add", "."]);
    git(repository, &["commit", "--quiet", "--message", message]);
}

fn git(directory: &Path, words: &[&str]) -> String {
    let who = ["-c", "user.name=ci", "-c", "user.email=ci@shop.example"];
    let output = Command::new("git").args(who).args(words).current_dir(directory).output().unwrap();
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

const REVIEW: (&str, &str) = ("review", "Validate and compare");

#[test]
fn a_review_shows_what_changes_on_every_node() {
    let checkout = Checkout::new(Some(INVENTORY), &INVENTORY.replace("512M", "2G"));
    let shown = checkout.run(&github(REVIEW.0, REVIEW.1)).unwrap();
    checkout.run(&gitlab("review", "script")).unwrap();
    let gitlab = fs::read_to_string(checkout.clone().join("review.diff")).unwrap();
    for diff in [&shown, &gitlab] {
        for node in ["db1", "db2", "db3"] {
            let file = format!("+++ after/{node}/etc/mysql/mariadb.conf.d/99-galactl.cnf\n");
            assert!(diff.contains(&file), "{node} is missing in\n{diff}");
        }
        assert_eq!(diff.matches("\n+wsrep_provider_options = \"gcache.size=2G; ").count(), 3, "{diff}");
        assert_eq!(diff.matches("\n-wsrep_provider_options = \"gcache.size=512M; ").count(), 3, "{diff}");
    }
    assert!(shown.starts_with("## Option files") && shown.contains("\n~~~~~~diff\n"), "{shown}");
}

#[test]
fn a_review_of_no_difference_says_so() {
    let checkout = Checkout::new(Some(INVENTORY), &format!("{INVENTORY}# a remark\n"));
    let shown = checkout.run(&github(REVIEW.0, REVIEW.1)).unwrap();
    assert!(shown.ends_with("\n\nNone.\n"), "{shown}");
    checkout.run(&gitlab("review", "script")).unwrap();
}

#[test]
fn a_review_of_a_new_inventory_shows_its_bootstrap() {
    let checkout = Checkout::new(None, INVENTORY);
    let shown = checkout.run(&github(REVIEW.0, REVIEW.1)).unwrap();
    assert!(shown.starts_with("## Bootstrap of cluster `shop`"), "{shown}");
    checkout.run(&gitlab("review", "script")).unwrap();
    assert!(fs::read_to_string(checkout.clone().join("review.md")).unwrap().starts_with("## Bootstrap"));
}

#[test]
fn a_review_fails_where_the_inventory_is_not_valid() {
    let checkout = Checkout::new(Some(INVENTORY), &INVENTORY.replace("10.0.0.13", "10.0.0.12"));
    for script in [github(REVIEW.0, REVIEW.1), gitlab("review", "script")] {
        let said = checkout.run(&script).unwrap_err();
        assert!(said.contains("is not a valid inventory"), "{said}");
    }
}

/// Least permissions, and concurrency only where something changes.
#[test]
fn jobs_have_no_more_than_they_need() {
    let workflow = example("github.yml");
    assert_eq!(workflow["permissions"].as_mapping().map(serde_yaml::Mapping::len), Some(0));
    assert!(workflow["concurrency"].is_null(), "a review would wait for a change");
    for (name, job) in workflow["jobs"].as_mapping().unwrap() {
        let name = name.as_str().unwrap();
        let rights = job["permissions"].as_mapping().unwrap();
        assert_eq!((rights.len(), rights["contents"].as_str()), (1, Some("read")), "{name}");
        assert_eq!(job["concurrency"].is_null(), name != "apply", "{name}");
        let text = serde_yaml::to_string(job).unwrap();
        let reaches = job["runs-on"].is_sequence();
        assert_eq!(text.contains("secrets."), reaches, "{name}: secrets are where hosts are");
        assert_eq!(job["environment"].is_string(), reaches, "{name}");
        assert!(!text.contains("actions/checkout") || text.contains("persist-credentials: false"), "{name}");
        // The key goes away however the script ends, before it is there.
        let script = text.find("trap 'rm -f id_ed25519' EXIT");
        assert_eq!(script.is_some(), reaches, "{name}");
        assert!(script <= text.find("GALERA_SSH_KEY\\\" >").or(text.find("GALERA_SSH_KEY\" >")), "{name}");
    }
    let pipeline = example("gitlab.yml");
    for (name, job) in pipeline.as_mapping().unwrap() {
        let name = name.as_str().unwrap();
        if let Some(script) = job["script"].as_sequence() {
            assert_eq!(job["resource_group"].is_string(), name == "apply", "{name}");
            assert_eq!(job["extends"].as_str() == Some(".on_hosts"), name != "review", "{name}");
            assert!(!script.is_empty());
        }
    }
}
