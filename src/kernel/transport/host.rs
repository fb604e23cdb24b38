//! One connected host.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use openssh::{ForwardType, KnownHosts, OwningCommand, Session, SessionBuilder, Socket, Stdio};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{Mutex, OnceCell, Semaphore};
use tokio::time::timeout;

use super::command::{Output, RemoteCommand, TransportError};
use super::lock;
use super::lock::{Claim, Lock};
use super::run_dir::{MASTERS_LINGER, ssh_config_of};
use super::ssh_config::destination;
use crate::kernel::inventory::Machine;
use crate::kernel::inventory::text::harmless;
use crate::kernel::model::HostName;

const CONNECT_DEADLINE: Duration = Duration::from_secs(25);
/// What the network may add to a command's own deadline.
const GRACE: Duration = Duration::from_secs(15);

/// Printed before a script's own output. What a login shell's start files print comes before it,
/// and is dropped.
const BEGIN: &str = "galactl-output-begins-here";
/// Commands at once on one connection. sshd allows ten (MaxSessions), and the lock is one of them.
const MOST_SESSIONS: usize = 8;

/// An open SSH connection to a host, over which commands run as root.
pub struct Host {
    pub name: HostName,
    session: Arc<Session>,
    /// The login is not root, so every command goes through `sudo -n`.
    sudo: bool,
    /// Where the forwarded server socket goes. A number names it: a node's name may be too long for
    /// a socket's path.
    local_socket: PathBuf,
    /// The local end of the forwarded server socket, once it was asked for.
    forwarded: OnceCell<PathBuf>,
    /// The same of a port that the host reaches.
    local_port: PathBuf,
    forwarded_port: OnceCell<PathBuf>,
    /// The token of the run that holds this host's lock, once it does.
    token: OnceLock<String>,
    /// Joiners of one wave all leave word with the seed. One acts after the other there: the host's
    /// own fence would take the second for a step of another run.
    acting: Mutex<()>,
    sessions: Semaphore,
}

impl Host {
    /// Connects with the configuration in `run_dir`. Host keys are checked strictly.
    pub async fn connect(machine: &Machine, number: usize, run_dir: &Path) -> Result<Self, TransportError> {
        let mut builder = SessionBuilder::default();
        builder
            .config_file(ssh_config_of(run_dir, &machine.name))
            .known_hosts_check(KnownHosts::Strict)
            .control_directory(run_dir)
            .control_persist(idle(MASTERS_LINGER));
        let session = timeout(CONNECT_DEADLINE, builder.connect_mux(destination(machine)))
            .await
            .map_err(|_| TransportError::Connect("no connection within 25 s".into()))?
            .map_err(|error| TransportError::Connect(connect_error(&error)))?;
        Ok(Self {
            name: machine.name.clone(),
            session: Arc::new(session),
            sudo: machine.ssh.sudo,
            local_socket: run_dir.join(format!("{number}.sock")),
            forwarded: OnceCell::new(),
            local_port: run_dir.join(format!("{number}.port")),
            forwarded_port: OnceCell::new(),
            token: OnceLock::new(),
            acting: Mutex::default(),
            sessions: Semaphore::new(MOST_SESSIONS),
        })
    }

    /// True when the login itself is root, so that a forwarded socket authenticates as root.
    pub fn login_is_root(&self) -> bool {
        !self.sudo
    }

    /// Runs a script to its end and gives back what it left, whatever its exit status.
    ///
    /// Errors: the connection was lost, or the deadline has passed.
    pub async fn run(&self, command: RemoteCommand) -> Result<Output, TransportError> {
        let deadline = command.deadline;
        let _alone = if command.acts { Some(self.acting.lock().await) } else { None };
        // It is never closed.
        let _session = self.sessions.acquire().await;
        // A look changes nothing, so that one which was cut off is taken once more, if the connection stands.
        let once_more = (!command.once).then(|| command.clone());
        let by_then = |_| TransportError::Deadline(deadline);
        let mut outcome = timeout(deadline + GRACE, self.exchange(command)).await.map_err(by_then)?;
        if let (Err(TransportError::Lost(_)), Some(command)) = (&outcome, once_more)
            && self.is_alive().await
        {
            outcome = timeout(deadline + GRACE, self.exchange(command)).await.map_err(by_then)?;
        }
        let output = outcome?;
        // `timeout` reports its own TERM with 124 and its KILL with 137.
        if output.code == 124 || output.code == 137 {
            return Err(TransportError::Deadline(deadline));
        }
        Ok(output)
    }

    /// [`Host::run`], and a status other than 0 is an error.
    pub async fn succeed(&self, command: RemoteCommand) -> Result<String, TransportError> {
        self.run(command).await?.success()
    }

    async fn exchange(&self, command: RemoteCommand) -> Result<Output, TransportError> {
        let seconds = command.deadline.as_secs().to_string();
        let fence = if command.acts { lock::FENCE } else { "" };
        let script = format!("echo {BEGIN}\n{fence}{}", command.script);
        let wrapper = ["timeout", "--kill-after=5", &seconds, "sh", "-c", &script, "galactl"];
        // Without a token the fence lets nothing through.
        let token = command.acts.then(|| self.token.get().map_or("", String::as_str));
        let mut child = self
            .as_root(&wrapper)
            .args(token)
            .args(&command.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .await
            .map_err(|error| lost(&error))?;
        // The streams are read here and not by `wait_with_output`, which drops them when a
        // script ends with 127.
        let (stdin, stdout, stderr) = (child.stdin().take(), child.stdout().take(), child.stderr().take());
        let write = async {
            if let Some(mut stdin) = stdin {
                // A script that ends without reading its input closes the pipe; its status tells.
                let _ = stdin.write_all(&command.input).await;
            }
        };
        let ((), stdout, stderr) = tokio::join!(write, read(stdout), read(stderr));
        let code = match child.wait().await {
            Ok(status) => status.code().unwrap_or(-1),
            Err(openssh::Error::Remote(_)) => 127,
            Err(error) => return Err(lost(&error)),
        };
        if code != 0 && !self.is_alive().await {
            return Err(TransportError::Lost("the SSH connection is gone".into()));
        }
        match stdout.split_once(&format!("{BEGIN}\n")) {
            Some((_, stdout)) => Ok(Output { code, stdout: stdout.to_owned(), stderr }),
            None if self.sudo && code != 0 && sudo_refuses(&stderr) => {
                Err(TransportError::NotRoot { code, stderr })
            }
            None if code != 0 => Ok(Output { code, stdout, stderr }),
            None => Err(TransportError::Lost("the script's own output did not arrive".into())),
        }
    }

    /// The connection still stands, as far as this side knows.
    pub async fn is_alive(&self) -> bool {
        self.session.check().await.is_ok()
    }

    /// Takes the host's lock for a changing run; `Ok(Err(…))` tells who has it. `again`: this run
    /// has had it, and gets it only if no other one has had it since.
    pub async fn lock(&self, claim: &Claim, again: bool) -> Result<Result<Lock, String>, TransportError> {
        let mut command = self.as_root(&["sh", "-c", lock::SCRIPT, "galactl"]);
        command.args([claim.token.as_str(), &claim.who, if again { "again" } else { "" }]);
        let taken = lock::take(command).await?;
        if taken.is_ok() {
            // Set twice only by the same run.
            let _ = self.token.set(claim.token.clone());
        }
        Ok(taken)
    }

    /// A command of these words, run by root in the C locale.
    pub(super) fn as_root(&self, words: &[&str]) -> OwningCommand<Arc<Session>> {
        let become_root: &[&str] = if self.sudo { &["sudo", "-n", "--", "env"] } else { &["env"] };
        let mut command = Arc::clone(&self.session).arc_command(become_root[0]);
        command.args(&become_root[1..]).arg("LC_ALL=C").args(words);
        command
    }

    /// Makes the server's unix socket available as a local one, and gives its path. The forward
    /// lasts as long as the connection, also while the server restarts.
    pub async fn forward(&self, remote_socket: &str) -> Result<PathBuf, TransportError> {
        let open = || async {
            self.session
                .request_port_forward(
                    ForwardType::Local,
                    self.local_socket.as_path(),
                    Path::new(remote_socket),
                )
                .await
                .map_err(|error| lost(&error))?;
            Ok(self.local_socket.clone())
        };
        self.forwarded.get_or_try_init(open).await.cloned()
    }

    /// Makes one port that the host reaches available as a local unix socket, and gives its path.
    pub async fn forward_port(&self, address: &str, port: u16) -> Result<PathBuf, TransportError> {
        let open = || async {
            let remote = Socket::TcpSocket { host: address.to_owned().into(), port };
            let forward =
                self.session.request_port_forward(ForwardType::Local, self.local_port.as_path(), remote);
            forward.await.map_err(|error| lost(&error))?;
            Ok(self.local_port.clone())
        };
        self.forwarded_port.get_or_try_init(open).await.cloned()
    }

    pub async fn close(self) {
        // A connection that is gone already is closed.
        if let Some(session) = Arc::into_inner(self.session) {
            let _ = session.close().await;
        }
    }
}

async fn read(stream: Option<impl tokio::io::AsyncRead + Unpin>) -> String {
    let mut bytes = Vec::new();
    if let Some(mut stream) = stream {
        // A broken stream ends the text; the exit status or the lost connection is reported.
        let _ = stream.read_to_end(&mut bytes).await;
    }
    harmless(&String::from_utf8_lossy(&bytes)).into_owned()
}

/// sudo begins its own words with its name, and nothing of the script has run by then.
fn sudo_refuses(stderr: &str) -> bool {
    stderr.lines().any(|line| line.starts_with("sudo: "))
}

fn idle(duration: Duration) -> openssh::ControlPersist {
    let seconds = usize::try_from(duration.as_secs()).unwrap_or(60);
    std::num::NonZeroUsize::new(seconds)
        .map_or(openssh::ControlPersist::ClosedAfterInitialConnection, openssh::ControlPersist::IdleFor)
}

fn lost(error: &openssh::Error) -> TransportError {
    TransportError::Lost(chain(error))
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

/// ssh's own words, which hold a banner of ten lines when a host key has changed.
fn connect_error(error: &openssh::Error) -> String {
    let text = chain(error);
    if text.contains("REMOTE HOST IDENTIFICATION HAS CHANGED") {
        return "its SSH host key is not the one in known_hosts: either the host was set up anew, or this is not the host".into();
    }
    if text.contains("Host key verification failed") || text.contains("host key is known") {
        return "its SSH host key is not in known_hosts".into();
    }
    let lines: Vec<_> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    harmless(&lines.join("; ")).into_owned()
}
