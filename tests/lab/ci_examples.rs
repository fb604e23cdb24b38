//! The jobs of examples/ci, run as their runners would run them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_yaml::Value;

use crate::lab::Lab;
use crate::run::Inventory;

const HOSTS: [&str; 2] = ["db1", "db2"];

/// A job's checkout of its own, with the artifacts of earlier jobs in it.
struct Runner {
    root: tempfile::TempDir,
    artifacts: Vec<PathBuf>,
}

impl Runner {
    fn new() -> Self {
        Self { root: tempfile::tempdir().expect("a directory"), artifacts: Vec::new() }
    }

    /// Checks out the inventory with what it names, and runs the script. `key`: what the secret holds.
    fn run(&mut self, lab: &Lab, job: &str, script: &str, key: &str) -> PathBuf {
        let checkout = self.root.path().join(job);
        fs::create_dir_all(&checkout).expect("a directory");
        fs::copy(lab.directory().join("known_hosts"), checkout.join("known_hosts")).expect("a copy");
        fs::copy(lab.directory().join("test-inventory.yaml"), checkout.join("inventory.yaml"))
            .expect("a copy");
        for artifact in &self.artifacts {
            fs::copy(artifact, checkout.join(artifact.file_name().expect("a name"))).expect("a copy");
        }
        let galactl = Path::new(env!("CARGO_BIN_EXE_galactl")).parent().expect("a directory");
        let path = format!("{}:{}", galactl.display(), std::env::var("PATH").expect("PATH"));
        let output = Command::new("bash")
            .args(["-e", "-o", "pipefail", "-c", script])
            .current_dir(&checkout)
            .env("PATH", path)
            .env("GALERA_SSH_KEY", key)
            .env("XDG_STATE_HOME", self.root.path())
            .env("GITHUB_STEP_SUMMARY", checkout.join("summary.md"))
            .env("GITHUB_OUTPUT", checkout.join("output"))
            .output()
            .expect("bash");
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{job}: {}\n{text}", output.status);
        assert!(!checkout.join("id_ed25519").exists(), "{job} leaves the key behind");
        checkout
    }
}

pub fn example(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/ci").join(name);
    serde_yaml::from_str(&fs::read_to_string(path).expect("the example")).expect("YAML")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The `run` lines of a job of GitHub Actions; `uses` is the runner's own work.
pub fn github_script(workflow: &Value, job: &str) -> String {
    let steps = workflow["jobs"][job]["steps"].as_sequence().expect("steps");
    let scripts: Vec<_> = steps.iter().filter_map(|step| step["run"].as_str()).collect();
    assert!(!scripts.is_empty(), "{job} runs nothing");
    scripts.join("\n")
}

/// The job's lines, and those that all jobs on hosts have before and after them.
fn gitlab_script(pipeline: &Value, job: &str) -> String {
    let lines = |job: &str, part: &str| -> String {
        let lines = pipeline[job][part].as_sequence().expect("lines");
        lines.iter().map(|line| line.as_str().expect("a line").to_owned() + "\n").collect()
    };
    assert_eq!(pipeline[job]["extends"].as_str(), Some(".on_hosts"));
    lines(".on_hosts", "before_script") + &lines(job, "script") + &lines(".on_hosts", "after_script")
}

#[test]
#[ignore = "boots real hosts"]
fn github_actions() {
    let lab = Lab::up("t-github", &HOSTS);
    let inventory = Inventory::of(&lab, &HOSTS);
    inventory.write();
    let workflow = example("github.yml");
    let key = read(&lab.directory().join("id_ed25519"));
    let run = |runner: &mut Runner, job: &str| runner.run(&lab, job, &github_script(&workflow, job), &key);

    let mut runner = Runner::new();
    let live = run(&mut runner, "live");
    assert!(read(&live.join("summary.md")).contains("db1/galera/new-cluster"));

    let mut runner = Runner::new();
    let plan = run(&mut runner, "plan");
    assert_eq!(read(&plan.join("output")), "pending=yes\n");
    assert!(read(&plan.join("summary.md")).contains("db1/galera/new-cluster"));
    runner.artifacts.push(plan.join("plan.json"));
    run(&mut runner, "apply");
    inventory.assert_whole();

    let mut runner = Runner::new();
    let plan = run(&mut runner, "plan");
    assert_eq!(read(&plan.join("output")), "pending=no\n");
}

#[test]
#[ignore = "boots real hosts"]
fn gitlab() {
    let lab = Lab::up("t-gitlab", &HOSTS);
    let inventory = Inventory::of(&lab, &HOSTS);
    inventory.write();
    let pipeline = example("gitlab.yml");
    let key = lab.directory().join("id_ed25519").display().to_string();
    let run = |runner: &mut Runner, job: &str| runner.run(&lab, job, &gitlab_script(&pipeline, job), &key);

    let mut runner = Runner::new();
    let live = run(&mut runner, "live");
    assert!(read(&live.join("plan.md")).contains("db1/galera/new-cluster"));

    let mut runner = Runner::new();
    let plan = run(&mut runner, "plan");
    assert!(read(&plan.join("plan.md")).contains("db1/galera/new-cluster"));
    runner.artifacts.push(plan.join("plan.json"));
    run(&mut runner, "apply");
    inventory.assert_whole();

    // A plan of nothing is applied as well: it does nothing.
    let mut runner = Runner::new();
    let plan = run(&mut runner, "plan");
    runner.artifacts.push(plan.join("plan.json"));
    run(&mut runner, "apply");
}
