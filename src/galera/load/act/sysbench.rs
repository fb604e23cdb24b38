//! sysbench on this machine: a process for each node or proxy.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::sleep;

use super::client::Shared;
use crate::galera::guest::act::{Guest, Route};
use crate::galera::load::report::Asked;
use crate::galera::load::samples::{Pulse, Samples};
use crate::galera::load::sysbench::{Call, Output, Test, To, arguments, configuration, rounded};
use crate::kernel::run::interrupt::Interrupt;
use crate::kernel::run::step_error::StepError;

const PROGRAM: &str = "sysbench";
/// Between two looks whether it is to end.
const LOOK: Duration = Duration::from_millis(100);

/// Errors: it is not installed on this machine.
pub fn is_installed() -> Result<(), String> {
    let asked = Command::new(PROGRAM).arg("--version").stdin(Stdio::null()).output();
    match asked {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(format!("sysbench --version ends with {}", output.status)),
        Err(error) => Err(format!("sysbench cannot be run on this machine: {error}")),
    }
}

/// Makes the table by way of this node.
///
/// Errors: sysbench says that it cannot; or Ctrl-C was pressed.
pub async fn prepare(
    test: Test,
    asked: &Asked,
    route: &Route,
    guest: &Guest,
    interrupt: &Interrupt,
) -> Result<(), StepError> {
    let Asked { rows, seed, .. } = *asked;
    let call = Call { clients: 1, seconds: 0, rate: None, rows, seed };
    let stop = Arc::new(AtomicBool::new(false));
    let (route, guest, stopped) = (route.clone(), guest.clone(), Arc::clone(&stop));
    let made = spawn_blocking(move || run(test, "prepare", call, &route, &guest, &stopped, |_| {}));
    while !made.is_finished() {
        stop.store(interrupt.requested(), Ordering::Relaxed);
        sleep(LOOK).await;
    }
    let (output, status) =
        made.await.map_err(|_| StepError::new("the thread that calls sysbench broke down"))?;
    if stop.load(Ordering::Relaxed) {
        return Err(StepError::surprise("ended early, before the tables were made"));
    }
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(StepError::surprise(format!(
            "sysbench could not make its table: {}",
            output.complaint().map_or_else(|| status.to_string(), str::to_owned)
        ))),
        Err(why) => Err(StepError::surprise(why)),
    }
}

/// A run of one process.
pub fn work(test: Test, call: Call, route: &Route, shared: &Shared, pulse: &Mutex<Pulse>) -> Samples {
    let pulse = || pulse.lock().unwrap_or_else(PoisonError::into_inner);
    let mut silent = false;
    let second = |tps: f64| {
        // A line tells of the second that has ended.
        let at = shared.began.elapsed().saturating_sub(Duration::from_secs(1));
        if tps > 0.0 && silent {
            pulse().beat(at);
            pulse().done();
        } else if tps == 0.0 && !silent {
            pulse().asked(at);
        }
        silent = tps == 0.0;
        shared.commits.fetch_add(rounded(tps), Ordering::Relaxed);
    };
    let (output, ended) = run(test, "run", call, route, &shared.guest, &shared.stop, second);
    let mut samples = output.samples();
    // One that was stopped has not failed.
    let failed = !ended.as_ref().is_ok_and(ExitStatus::success) && !shared.stop.load(Ordering::Relaxed);
    if failed && output.complaint().is_none() {
        let why = ended.map_or_else(|why| why, |status| format!("sysbench ended with {status}"));
        samples.error(why.clone(), why);
    }
    samples
}

/// Runs sysbench to its end, or until it is to stop. `told` has the transactions of each second.
pub fn run(
    test: Test,
    command: &str,
    call: Call,
    route: &Route,
    guest: &Guest,
    stop: &AtomicBool,
    mut told: impl FnMut(f64),
) -> (Output, Result<ExitStatus, String>) {
    let mut output = Output::default();
    let to = match route {
        Route::Socket(path) => To::Socket(path),
        Route::Address(host, port) => To::Address(host, *port),
    };
    let mut child = match started(&arguments(test, command, call, &to, &guest.name), guest) {
        Ok(child) => child,
        Err(error) => return (output, Err(format!("sysbench cannot be run: {error}"))),
    };
    let lines = lines(&mut child);
    loop {
        match lines.recv_timeout(LOOK) {
            Ok(line) => output.line(&line).into_iter().for_each(&mut told),
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {}
        }
        if stop.load(Ordering::Relaxed) {
            // Its transaction is undone by the server.
            let _ = child.kill();
        }
    }
    let ended = child.wait().map_err(|error| format!("sysbench: {error}"));
    (output, ended)
}

/// Begins a process that the kernel ends with galactl, also where galactl is killed. Ctrl-C is galactl's alone, so that the
/// process has a group of its own. The password comes by standard input: others see a command line and an environment.
fn started(words: &[String], guest: &Guest) -> std::io::Result<Child> {
    let mut child = Command::new("setpriv")
        .args(["--pdeathsig", "KILL", PROGRAM, "--config-file=/dev/stdin"])
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        // Where it has ended already, its output says why.
        let _ = stdin.write_all(configuration(guest.password()).as_bytes());
    }
    Ok(child)
}

fn lines(child: &mut Child) -> Receiver<String> {
    let (sender, receiver) = channel();
    if let Some(stdout) = child.stdout.take() {
        std::thread::spawn(move || {
            let lines = BufReader::new(stdout).split(b'\n').map_while(Result::ok);
            for line in lines {
                if sender.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                    break;
                }
            }
        });
    }
    receiver
}
