//! The operator's own record of runs: every event of a changing run, one JSON object a line.
//!
//! The hosts decide where things stand; the journal tells a person what was going on when a run
//! was cut off.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::event::{Event, Reporter};
use crate::kernel::model::ClusterName;

/// The event of a later run that found nothing left to do.
const SETTLED: &str = "run-settled";
/// Files of one cluster that are kept.
const MOST_FILES: usize = 100;

/// Passes events on, and writes each down before.
pub struct Journal {
    file: Mutex<File>,
    pub path: PathBuf,
    next: Arc<dyn Reporter>,
}

/// A run that has no end in its journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CutOff {
    pub path: PathBuf,
    /// Who it was, and since when.
    pub who: String,
    /// The step that was going on, if one was.
    pub step: Option<String>,
}

impl Journal {
    /// Begins a new file for a run of the plan with this id.
    ///
    /// Errors: the directory or the file cannot be made.
    pub fn begin(cluster: &ClusterName, plan: &str, who: &str, next: Arc<dyn Reporter>) -> io::Result<Self> {
        let directory = directory(cluster)?;
        DirBuilder::new().recursive(true).mode(0o700).create(&directory)?;
        prune(&directory);
        let time = Timestamp::now().strftime("%Y%m%dT%H%M%S%.3fZ");
        let path = directory.join(format!("{time}-{}.jsonl", plan.get(..8).unwrap_or_default()));
        let file = OpenOptions::new().append(true).create_new(true).mode(0o600).open(&path)?;
        // The lock ends with the process: so a run that is still going on is told from one that was cut off. On a file
        // system without locks, the next run calls this one cut off while it is going on, which is only a note.
        let _ = file.try_lock();
        let journal = Self { file: Mutex::new(file), path, next };
        journal.line(&json!({"event": "run", "plan": plan, "who": who}))?;
        Ok(journal)
    }

    fn line(&self, value: &Value) -> io::Result<()> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let time = Timestamp::now().to_string();
        let mut line = json!({"time": time});
        if let (Some(line), Value::Object(fields)) = (line.as_object_mut(), value) {
            line.extend(fields.clone());
        }
        file.write_all(format!("{line}\n").as_bytes())?;
        file.sync_data()
    }
}

impl Reporter for Journal {
    fn event(&self, event: &Event) {
        // A disk that fills up on this side is no reason to stop halfway on the other.
        let value = serde_json::to_value(event).unwrap_or_default();
        let _ = self.line(&value);
        self.next.event(event);
    }
}

/// The last run of this cluster from this machine, if it was cut off.
pub fn cut_off(cluster: &ClusterName) -> Option<CutOff> {
    let path = files(&directory(cluster).ok()?).pop()?;
    if let Err(TryLockError::WouldBlock) = File::open(&path).ok()?.try_lock() {
        return None;
    }
    let text = fs::read_to_string(&path).ok()?;
    let events: Vec<Value> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let ends = ["run-finished", "run-failed", SETTLED];
    if events.iter().any(|event| ends.iter().any(|end| event["event"] == *end)) {
        return None;
    }
    let who = events.first().and_then(|event| event["who"].as_str()).unwrap_or("somebody").to_owned();
    Some(CutOff { path, who, step: step_underway(&events) })
}

/// Notes that nothing is left of a run that was cut off, so that it is not told again.
pub fn settle(cut_off: &CutOff) {
    let line = json!({"time": Timestamp::now().to_string(), "event": SETTLED});
    // Where it cannot be noted, it is told once more.
    if let Ok(mut file) = OpenOptions::new().append(true).open(&cut_off.path) {
        let _ = file.write_all(format!("{line}\n").as_bytes());
    }
}

/// The last step that began and has no end.
fn step_underway(events: &[Value]) -> Option<String> {
    let of = |name: &'static str| events.iter().filter(move |event| event["event"] == name);
    let ended: Vec<_> = of("step-finished").chain(of("step-failed")).map(|event| &event["id"]).collect();
    let open = of("step-started").map(|event| &event["id"]).rfind(|id| !ended.contains(id))?;
    open.as_str().map(str::to_owned)
}

/// `$XDG_STATE_HOME/galactl/CLUSTER`, by default below ~/.local/state.
fn directory(cluster: &ClusterName) -> io::Result<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = variable("XDG_STATE_HOME")
        .or_else(|| Some(variable("HOME")?.join(".local/state")))
        .ok_or_else(|| io::Error::other("neither HOME nor XDG_STATE_HOME is set"))?;
    Ok(state.join("galactl").join(cluster.in_path()))
}

/// In order of time, which is that of their names.
fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let mut files: Vec<_> = entries.map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    files.sort();
    files
}

fn prune(directory: &Path) {
    let files = files(directory);
    for old in files.iter().take((files.len() + 1).saturating_sub(MOST_FILES)) {
        // A file that cannot be removed is only one more file.
        let _ = fs::remove_file(old);
    }
}
