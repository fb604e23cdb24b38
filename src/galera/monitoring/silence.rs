//! Silences while galactl works.

use std::sync::Mutex;
use std::time::Duration;

use super::program::Service;
use crate::kernel::run::Outcome;
use crate::kernel::transport::{Held, Host, RemoteCommand};

/// The longest time for a silence: no run takes longer.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// $1 Alertmanager's URL, $2 who makes it, $3 why, $4… matchers. The silence ends with its input, and so with galactl
/// or its connection. Should the host lose its network first, it ends by itself within three minutes.
const SCRIPT: &str = r#"
set -eu
ask() { amtool --alertmanager.url="$url" silence "$@"; }
url=$1 author=$2 comment=$3
shift 3
silence=$(ask add --duration=3m --author="$author" --comment="$comment" "$@")
# A duration would count from the silence's beginning.
keep() { while sleep 60; do ask update --end="$(date -u -d '+3 minutes' +%FT%TZ)" "$silence" || :; done; }
keep </dev/null >/dev/null 2>&1 &
keeper=$!
trap 'kill "$keeper" || :; ask expire "$silence"' EXIT
echo ready
cat >/dev/null
"#;

/// The silence of a run, for as long as it is held.
#[derive(Default)]
pub struct Silence(Mutex<Option<Box<Held>>>);

/// Who silences what, and why.
pub struct Silencing {
    pub author: String,
    pub comment: String,
    /// The alerts that match all of them are silent.
    pub matchers: Vec<String>,
}

impl Silence {
    /// Begins the silence on the host of Alertmanager. It changes nothing on the host itself, so it needs no lock. An
    /// Alertmanager that refuses the silence does not stop the work.
    pub async fn begin(&self, host: &Host, silencing: Silencing) -> Outcome {
        let url = format!("http://127.0.0.1:{}", Service::Alertmanager.port());
        let words = [url, silencing.author, silencing.comment].into_iter().chain(silencing.matchers);
        match host.hold(RemoteCommand::new(SCRIPT, words).deadline(LONGEST), "ready").await {
            Ok(held) => {
                if let Ok(mut silence) = self.0.lock() {
                    *silence = Some(Box::new(held));
                }
                Ok(None)
            }
            Err(error) => Ok(Some(format!("no alert is silenced: {error}"))),
        }
    }

    /// Ends it, and waits until Alertmanager knows.
    pub async fn end(self) {
        if let Some(held) = self.0.into_inner().ok().flatten() {
            held.end().await;
        }
    }
}
