//! The host's own client under sudo, statements on its standard input.

use super::{DbError, Row};
use crate::kernel::transport::{Host, RemoteCommand};

const SCRIPT: &str =
    r#"exec mariadb --no-defaults --batch --skip-column-names --raw --socket="$1" --user=root"#;

pub(super) async fn run(host: &Host, socket: &str, statements: &[&str]) -> Result<Vec<Row>, DbError> {
    let command = RemoteCommand::new(SCRIPT, [socket]).input(statements.join(";\n") + ";\n");
    let output = host.run(command).await?;
    if output.code != 0 {
        return Err(DbError::Server(output.stderr.trim().to_owned()));
    }
    Ok(output.stdout.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect())
}
