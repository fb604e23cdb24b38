//! What psql printed → [`Live`].

use serde::Deserialize;

use super::server::{Database, Live};
use crate::kernel::facts::Answer;
use crate::kernel::facts::Report;

/// The answer to the second question.
#[derive(Deserialize)]
struct Inside {
    databases: Vec<Database>,
    relations_in_postgres: u64,
}

/// What libpq says of a socket behind which nobody listens.
const NOBODY_LISTENS: [&str; 2] = ["Connection refused", "No such file or directory"];

/// Reads the answers of the server at the inventory's port.
pub fn server(report: &Report) -> Answer<Box<Live>> {
    if let Some(why) = report.section("server_nobody") {
        return Answer::Nobody(why.trim().to_owned());
    }
    if let Some(said) = report.section("server_error") {
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        let nobody =
            said.contains("connection to server") && NOBODY_LISTENS.iter().any(|it| said.contains(it));
        return if nobody { Answer::Nobody(said) } else { Answer::Unseen(said) };
    }
    let mut answers = report.lines("server").filter(|line| line.starts_with('{'));
    let Some(first) = answers.next() else {
        return Answer::Unseen("the host did not tell of its server".into());
    };
    let mut live = match serde_json::from_str::<Live>(first) {
        Ok(live) => live,
        Err(why) => return Answer::Unseen(format!("the server's answer cannot be read: {why}")),
    };
    if let Some(inside) = answers.next().and_then(|line| serde_json::from_str::<Inside>(line).ok()) {
        live.databases = Some(inside.databases);
        live.relations_in_postgres = Some(inside.relations_in_postgres);
    }
    Answer::Told(Box::new(live))
}
