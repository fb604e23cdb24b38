//! Silences while galactl works.

use std::sync::Mutex;
use std::time::Duration;

use serde::Serialize;

use super::inventory::Alertmanager;
use crate::kernel::run::Outcome;
use crate::kernel::transport::{Held, Host, RemoteCommand};

/// The longest time for a silence: no run takes longer.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// Silences alerts while it gets signs of life: `silence.sh`.
pub const SCRIPT: &str =
    concat!(include_str!("http_get.sh"), include_str!("http_send.sh"), include_str!("silence.sh"));

/// The silence of a run, for as long as it is held.
#[derive(Default)]
pub struct Silence(Mutex<Option<Box<Held>>>);

/// Who silences what, and why, as the API of Alertmanager has it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Silencing {
    pub created_by: String,
    pub comment: String,
    /// The alerts that match all of them are silent.
    pub matchers: Vec<Matcher>,
}

/// A label with its value, or with a regular expression for its whole value.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Matcher {
    pub name: &'static str,
    pub value: String,
    pub is_regex: bool,
}

impl Silencing {
    /// As JSON without its braces, because the script puts members of its own beside these.
    ///
    /// # Panics
    ///
    /// Never: a silence can be written as JSON.
    pub fn members(&self) -> String {
        let text = serde_json::to_string(self).expect("keys are texts");
        text.trim_start_matches('{').strip_suffix('}').unwrap_or_default().to_owned()
    }
}

impl Silence {
    /// Begins the silence, by way of a host that reaches the Alertmanager. It changes nothing on the host itself, so it
    /// needs no lock. An Alertmanager that refuses the silence does not stop the work.
    pub async fn begin(&self, host: &Host, at: &Alertmanager, silencing: &Silencing) -> Outcome {
        let words = [at.address.to_string(), at.port.to_string(), silencing.members()];
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
