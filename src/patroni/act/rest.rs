//! Orders to a node's Patroni over its REST API, given on its own host.

use std::time::Duration;

use serde_json::{Value, json};

use super::Context;
use crate::kernel::model::NodeName;
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::RemoteCommand;
use crate::patroni::model::REST_PORT;
use crate::patroni::observe::look::HTTP;

/// $1 http.pl  $2 seconds  $3 address  $4 port  $5 method  $6 path  $7 the body as JSON in one line.
const ORDER: &str = r#"
printf 'order %s %s %s %s %s\n' "$3" "$4" "$5" "$6" "$7" | timeout "$(($2 + 10))" perl -e "$1" "$2"
"#;
/// Beyond the time in which an answer is waited for.
const MARGIN: Duration = Duration::from_secs(30);
const QUICK: Duration = Duration::from_secs(20);
/// Not longer: the loop comes by itself soon after.
const WAKING: Duration = Duration::from_secs(5);
const MOST_SHOWN: usize = 300;

/// What Patroni answered.
#[derive(Debug, PartialEq, Eq)]
pub struct Answered {
    /// 0: there was no answer; why is in `words`.
    pub status: u16,
    pub words: String,
}

impl Answered {
    pub fn is_good(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Nobody listens there, so nobody took the order.
    pub fn is_nobody(&self) -> bool {
        self.status == 0 && self.words == "refused"
    }
}

/// Gives an order, and waits for its answer for so long.
///
/// Errors: the host did not carry the order to its Patroni.
pub async fn order(
    context: &Context,
    node: &NodeName,
    [method, path]: [&str; 2],
    body: &Value,
    patience: Duration,
) -> Result<Answered, StepError> {
    let Some(entry) = context.inventory.node(node) else {
        return Err(StepError::new(format!("{node} is not in the inventory")));
    };
    let arguments = [
        HTTP.to_owned(),
        patience.as_secs().to_string(),
        entry.address.in_url(),
        REST_PORT.to_string(),
        method.to_owned(),
        path.to_owned(),
        body.to_string(),
    ];
    let command = RemoteCommand::act(ORDER, arguments).deadline(patience + MARGIN);
    Ok(read(&context.host(node)?.succeed(command).await?))
}

/// Changes Patroni's dynamic configuration. Errors: it did not take the change.
pub async fn set(context: &Context, node: &NodeName, change: &Value) -> Result<(), StepError> {
    match order(context, node, ["PATCH", "/config"], change, QUICK).await? {
        answered if answered.is_good() => Ok(()),
        Answered { status, words } => {
            Err(StepError::new(format!("Patroni did not take the configuration: {status} {words}")))
        }
    }
}

/// Lets a Patroni go through its loop now, where it would wait for up to `loop_wait` seconds: it makes the slots of new
/// members there, and chooses synchronous standbys. It does so after every change of its configuration, also after one
/// that changes nothing: this takes away a value that is not there. Where the order fails, the loop comes by itself.
pub async fn wake(context: &Context, node: &NodeName) {
    let nothing = json!({"galactl": null});
    drop(order(context, node, ["PATCH", "/config"], &nothing, WAKING).await);
}

fn read(text: &str) -> Answered {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('@'));
    let mut lines = lines.map(|line| line.strip_prefix('|').unwrap_or(line));
    let first = lines.next().unwrap_or_default();
    let words = |lines: &mut dyn Iterator<Item = &str>| {
        let words = lines.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ");
        words.chars().take(MOST_SHOWN).collect()
    };
    match first.parse() {
        Ok(status) => Answered { status, words: words(&mut lines) },
        Err(_) => Answered { status: 0, words: words(&mut std::iter::once(first)) },
    }
}

#[cfg(test)]
mod tests {
    use super::{Answered, read};

    #[test]
    fn an_answer_has_a_status_or_there_was_none() {
        let answered = |status, words: &str| Answered { status, words: words.into() };
        assert_eq!(
            read("\n@order\n|200\n|Successfully switched\n|over\n"),
            answered(200, "Successfully switched over")
        );
        assert_eq!(
            read("\n@order\n|unseen no answer within 5 s\n"),
            answered(0, "unseen no answer within 5 s")
        );
        assert!(read("\n@order\n|refused\n").is_nobody());
        assert_eq!(read(""), answered(0, ""));
        assert!(answered(202, "").is_good() && !answered(412, "").is_good() && !answered(0, "").is_good());
    }
}
