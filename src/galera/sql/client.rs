//! The host's own client under sudo, statements on its standard input.
//!
//! `--skip-reconnect`: else, where the server has closed the connection, the client sends the next statement in another
//! session, which has none of the settings of the first one.

use std::time::Duration;

use super::{DbError, Row};
use crate::kernel::transport::{Host, RemoteCommand};

const SCRIPT: &str = r#"exec mariadb --no-defaults --skip-reconnect --batch --skip-column-names --raw --default-character-set=utf8mb4 --socket="$1" --user=root"#;

pub(super) async fn run(host: &Host, socket: &str, statements: &[&str]) -> Result<Vec<Row>, DbError> {
    let command = RemoteCommand::new(SCRIPT, [socket]).input(statements.join(";\n") + ";\n");
    let output = host.run(command).await?;
    if output.code != 0 {
        return Err(DbError::Server(said(&output.stderr)));
    }
    Ok(output.stdout.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect())
}

/// Nothing is sent where the session cannot be kept from replicating: the client ends there. Values within rows are
/// escaped, and a statement that fails does not end the session.
const APART: &str = r#"
exec mariadb --no-defaults --skip-reconnect --batch --skip-column-names --force --default-character-set=utf8mb4 --init-command='SET SESSION wsrep_on = OFF, sql_log_bin = 0' --socket="$1" --user=root
"#;
/// The last line of a session that came to its end.
const END: &str = "galactl: end";

/// What the session prints. It may make databases, so it is not sent twice.
pub(super) async fn apart(
    host: &Host,
    socket: &str,
    lines: &[String],
    deadline: Duration,
) -> Result<String, DbError> {
    let input = format!("{};\nSELECT '{END}';\n", lines.join(";\n"));
    let output = host.run(RemoteCommand::new(APART, [socket]).input(input).deadline(deadline).once()).await?;
    match output.stdout.trim_end().strip_suffix(END) {
        Some(printed) => Ok(printed.to_owned()),
        None => Err(DbError::Server(said(&output.stderr))),
    }
}

/// Under the host's lock, and once.
pub(super) async fn act(
    host: &Host,
    socket: &str,
    statements: &[&str],
    deadline: Duration,
) -> Result<(), DbError> {
    let command =
        RemoteCommand::act(SCRIPT, [socket]).input(statements.join(";\n") + ";\n").deadline(deadline);
    let output = host.run(command).await?;
    if output.code == 0 { Ok(()) } else { Err(DbError::Server(said(&output.stderr))) }
}

/// The server's words. Before them the client repeats the statement, between two lines of dashes.
fn said(stderr: &str) -> String {
    let lines: Vec<_> = stderr.lines().skip_while(|line| !line.starts_with("ERROR ")).collect();
    if lines.is_empty() { stderr.trim().to_owned() } else { lines.join("\n").trim().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_statement_is_sent_in_another_session() {
        assert!([SCRIPT, APART].iter().all(|script| script.contains(" --skip-reconnect ")));
    }

    /// As the client of 10.11 printed it.
    #[test]
    fn the_servers_words_stand_behind_the_statement() {
        let printed = "--------------\nALTER TABLE t ADD UNIQUE (a)\n--------------\n\nERROR 1062 (23000) at line 3: Duplicate entry '1' for key 'a'\n";
        assert_eq!(said(printed), "ERROR 1062 (23000) at line 3: Duplicate entry '1' for key 'a'");
        assert_eq!(said("sh: 1: exec: mariadb: not found\n"), "sh: 1: exec: mariadb: not found");
    }
}
