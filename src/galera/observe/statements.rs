//! A host with a running server → the large transactions that its logs of statements tell of.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::galera::facts::HostFacts;
use crate::galera::lint::Schema;
use crate::galera::lint::log::{self, Large, Log, Logged, Written};
use crate::galera::lint::rules::large::limit;
use crate::galera::lint::server::answer;
use crate::galera::model::unescaped;
use crate::kernel::facts::{HEAD, Report};
use crate::kernel::lint::Unread;
use crate::kernel::transport::{Host, RemoteCommand};

const STATEMENTS: &str = include_str!("statements.sh");
/// Bytes of a log that are read: the last ones.
const MOST_BYTES: u64 = 8 << 20;
const DEADLINE: Duration = Duration::from_secs(90);

type Settings = BTreeMap<String, String>;

/// Adds to a schema what the logs tell. What could not be read is told there; a server without such a log is not asked.
pub async fn add(schema: &mut Schema, host: &Host, facts: &HostFacts) {
    let Some(settings) = schema.settings.clone() else { return };
    let written = [Log::Slow, Log::General].map(|log| log.written(&settings));
    if written.iter().all(Option::is_none) {
        return;
    }
    let [slow, general] = written.map(|it| match it {
        None => String::new(),
        Some(Written::Table) => "table".to_owned(),
        Some(Written::File(path)) => path,
    });
    let most = limit(&settings);
    let words = [facts.socket.clone(), slow, general, MOST_BYTES.to_string(), most.to_string()];
    let command = RemoteCommand::of_pieces(&[HEAD, STATEMENTS], words).deadline(DEADLINE);
    let told = host.succeed(command).await.map_err(|error| error.to_string());
    match told.and_then(|told| Report::parse(&told).map_err(|error| error.to_string())) {
        Ok(report) => {
            let (large, unread) = read(&report, &settings, most);
            schema.large = large;
            schema.unread.extend(unread);
        }
        Err(what) => schema.unread.push(Unread { at: "its logs of statements".into(), what }),
    }
}

/// What the script has told; `None`: neither log could be read.
fn read(report: &Report, settings: &Settings, most: u64) -> (Option<Vec<Large>>, Vec<Unread>) {
    let (mut large, mut unread) = (None::<Vec<Large>>, Vec::new());
    for (log, name) in [(Log::Slow, "slow"), (Log::General, "general")] {
        let at = || format!("its {}", log.word());
        let found = if report.has(name) {
            let (statements, whole) = of_file(log, report.text(name), settings);
            Ok(log::large(log, &statements, most, whole))
        } else if report.has(&format!("{name}_table")) {
            answer(report, &format!("{name}_table")).map(|rows| of_table(log, &rows, most))
        } else if report.has(&format!("{name}_missing")) {
            let path = report.text(&format!("{name}_missing")).trim();
            Err(Unread { at: at(), what: format!("there is no file {path}") })
        } else {
            continue;
        };
        match found {
            Ok(found) => large.get_or_insert_default().extend(found),
            Err(Unread { what, .. }) => unread.push(Unread { at: at(), what }),
        }
    }
    (large, unread)
}

fn of_file(log: Log, text: &str, settings: &Settings) -> (Vec<Logged>, bool) {
    match log {
        Log::Slow => (log::of_slow_log(text), log::has_every_statement(settings)),
        Log::General => (log::of_general_log(text), true),
    }
}

/// The table of the slow log is asked for large statements only.
fn of_table(log: Log, rows: &[&str], most: u64) -> Vec<Large> {
    let statements = match log {
        Log::Slow => rows.iter().filter_map(|row| slow_row(row)).collect(),
        // With tabs between, as in the file, but for the line breaks in a statement.
        Log::General => {
            let lines: Vec<_> =
                rows.iter().map(|row| format!("\t\t{}\n", row.replacen('\t', " ", 1))).collect();
            log::of_general_log(&lines.concat())
        }
    };
    log::large(log, &statements, most, log == Log::General)
}

fn slow_row(row: &str) -> Option<Logged> {
    let fields: Vec<String> = row.split('\t').map(unescaped).collect();
    let [thread, database, rows, text] = &fields[..] else { return None };
    let (thread, rows) = (thread.parse().ok()?, rows.parse().ok()?);
    Some(Logged { thread, database: database.clone(), rows: Some(rows), text: text.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> (Option<Vec<Large>>, Vec<Unread>) {
        let settings = [("long_query_time".to_owned(), "0.000000".to_owned())].into();
        read(&Report::parse(&format!("{text}@end\n")).expect("a report"), &settings, 100)
    }

    #[test]
    fn tables_of_the_server_are_read_as_its_files() {
        let slow = "@slow_table\n|7\tshop\t500\tUPDATE t SET a = 'x\\ny'\n|@done\n";
        let (large, unread) = told(slow);
        let large = large.expect("a log");
        assert_eq!((large.len(), &*large[0].name.to_string(), large[0].rows), (1, "shop.t", 500));
        assert_eq!(unread, []);
        let line = "|8\tQuery\tINSERT INTO t VALUES (1)\n";
        let general = format!(
            "@general_table\n|8\tConnect\troot@localhost on shop using Socket\n|8\tQuery\tBEGIN\n{}|8\tQuery\tCOMMIT\n|@done\n",
            line.repeat(120)
        );
        let (large, _) = told(&general);
        let large = large.expect("a log");
        assert_eq!((large[0].rows, large[0].statements, &*large[0].name.to_string()), (120, 120, "shop.t"));
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        let (large, unread) = told(
            "@slow_table\n|ERROR 1194 (HY000): Table 'slow_log' is marked as crashed\n@general_missing\n|/var/log/g.log\n",
        );
        assert_eq!(large, None);
        let told: Vec<_> = unread.iter().map(|it| format!("{}: {}", it.at, it.what)).collect();
        assert!(
            told[0].starts_with("its slow query log: the server did not tell them: ERROR 1194"),
            "{told:?}"
        );
        assert_eq!(told[1], "its general log: there is no file /var/log/g.log");
        assert_eq!(
            super::read(&Report::parse("@end\n").expect("a report"), &Settings::new(), 1),
            (None, vec![])
        );
    }
}
