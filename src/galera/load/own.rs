//! The user's own statements, from a file.
//!
//! ```text
//! -- setup
//! CREATE TABLE orders (id BIGINT PRIMARY KEY, paid INT) ENGINE=InnoDB;
//! -- transaction
//! UPDATE orders SET paid = paid + 1 WHERE id = {row};
//! INSERT INTO log (client) VALUES ({client});
//! ```
//!
//! Each line `-- transaction` begins another transaction; a client takes one of them at random. `{row}` is the number of
//! a row that the client may change, `{rows}` how many rows there are, `{region}` the client's region (0, where there
//! are none), `{client}` the client's number and `{random}` a random number.

use fastrand::Rng;

use super::statements::{Part, parts};

/// Parsed statements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    pub setup: Vec<String>,
    transactions: Vec<Vec<String>>,
}

/// Words with which a statement would leave the transaction that a client has begun, or the database.
const NOT_TAKEN: [&str; 10] =
    ["BEGIN", "START", "COMMIT", "ROLLBACK", "USE", "SET", "LOCK", "XA", "PREPARE", "EXECUTE"];
/// What a transaction may begin with. Others end the transaction, or change the schema: each such statement stops the
/// writes of all nodes for a moment (total order isolation), and a client would send a thousand a second.
const OF_A_TRANSACTION: [&str; 8] =
    ["SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "WITH", "VALUES", "DO"];

impl Own {
    /// Reads a file's text.
    ///
    /// Errors: a statement stands before the first `-- setup` or `-- transaction`, is not closed, or is none that such
    /// a part may hold; or there is no transaction.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut own = Self { setup: Vec::new(), transactions: Vec::new() };
        let mut section = None;
        for part in parts(text)? {
            match part {
                Part::Section { word, .. } => {
                    section = Some(word);
                    if word == "transaction" {
                        own.transactions.push(Vec::new());
                    }
                }
                Part::Statement { text, line } => {
                    let in_setup = section.ok_or_else(|| {
                        format!("line {line}: a statement before the first `-- setup` or `-- transaction`")
                    })? == "setup";
                    taken(&text, in_setup).map_err(|why| format!("line {line}: {why}"))?;
                    match own.transactions.last_mut() {
                        Some(last) if !in_setup => last.push(text),
                        _ => own.setup.push(text),
                    }
                }
            }
        }
        own.transactions.retain(|statements| !statements.is_empty());
        if own.transactions.is_empty() {
            return Err("it has no statement below a line `-- transaction`".into());
        }
        Ok(own)
    }

    /// The statements of the next transaction. `row` is one that the client may change.
    pub fn transaction(&self, rng: &mut Rng, row: u64, region: Option<u64>, client: usize) -> Vec<String> {
        let chosen = &self.transactions[rng.usize(0..self.transactions.len())];
        let random = rng.u32(..).to_string();
        let filled = |statement: &String| {
            statement
                .replace("{row}", &row.to_string())
                .replace("{region}", &region.unwrap_or(0).to_string())
                .replace("{client}", &client.to_string())
                .replace("{random}", &random)
        };
        chosen.iter().map(filled).collect()
    }
}

fn taken(statement: &str, in_setup: bool) -> Result<(), String> {
    let begin = statement.trim_start_matches(['(', ' ']);
    let word = begin.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default().to_uppercase();
    if NOT_TAKEN.contains(&word.as_str()) {
        return Err(format!(
            "{word} is not taken: galactl begins and commits each transaction itself, in a database of its own"
        ));
    }
    match in_setup || OF_A_TRANSACTION.contains(&word.as_str()) {
        true => Ok(()),
        false => Err(format!(
            "{word} is not taken in a transaction, which may hold {}. What changes tables stops the writes of the whole \
             cluster each time: put it below `-- setup`",
            OF_A_TRANSACTION.join(", ")
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_tables_and_transactions() {
        let text = "-- setup\nCREATE TABLE t (\n id INT PRIMARY KEY);\n-- a remark\nINSERT INTO t VALUES (1);\n\
                    -- transaction\nUPDATE t SET a = {client} WHERE id = {row};\n-- transaction\n\
                    DELETE FROM t WHERE id = {row};\nINSERT INTO t VALUES ({row}, {region});\n";
        let own = Own::parse(text).unwrap();
        assert_eq!(own.setup, ["CREATE TABLE t ( id INT PRIMARY KEY)", "INSERT INTO t VALUES (1)"]);
        assert_eq!(own.transactions.len(), 2);
        let mut rng = Rng::with_seed(1);
        let all: Vec<_> = (0..20).map(|_| own.transaction(&mut rng, 5, Some(2), 3)).collect();
        assert!(all.contains(&vec!["UPDATE t SET a = 3 WHERE id = 5".to_owned()]));
        assert!(
            all.contains(&vec!["DELETE FROM t WHERE id = 5".into(), "INSERT INTO t VALUES (5, 2)".into()])
        );
    }

    #[test]
    fn a_transaction_may_hold_what_changes_and_reads_rows() {
        let text = "-- setup\nALTER TABLE t ADD b INT;\n-- transaction\n(SELECT 1) UNION (SELECT 2); WITH x AS (SELECT 1) SELECT * FROM x;\n\
                    REPLACE INTO t VALUES (1); DO SLEEP(0);";
        assert_eq!(Own::parse(text).unwrap().transactions[0].len(), 4);
    }

    #[test]
    fn what_cannot_be_run_is_told_with_its_line() {
        for (text, why) in [
            ("UPDATE t SET a = 1;", "line 1: a statement before the first"),
            ("-- transaction\nUPDATE t SET a = 1", "line 2: the statement before it does not end"),
            (
                "-- transaction\nUPDATE t SET a = 1\n-- setup\n",
                "line 3: the statement before it does not end",
            ),
            ("-- transaction\ncommit;", "line 2: COMMIT is not taken"),
            ("-- transaction\nUSE mysql;", "line 2: USE is not taken"),
            ("-- setup\nSET GLOBAL x = 1;", "line 2: SET is not taken"),
            ("-- transaction\nUPDATE t SET a = 1; COMMIT;", "line 2: COMMIT is not taken"),
            ("-- transaction\nUPDATE t SET a = 1; -- a note\nCOMMIT;", "line 3: COMMIT is not taken"),
            ("-- transaction\nTRUNCATE t;", "line 2: TRUNCATE is not taken in a transaction"),
            ("-- transaction\n/* x */ alter table t ENGINE=InnoDB;", "ALTER is not taken in a transaction"),
            ("-- transaction\nEXECUTE IMMEDIATE 'COMMIT';", "EXECUTE is not taken"),
            ("-- transaction\nOPTIMIZE TABLE t;", "put it below `-- setup`"),
            ("-- setup\nCREATE TABLE t (id INT);", "no statement below"),
            ("", "no statement below"),
        ] {
            let error = Own::parse(text).unwrap_err();
            assert!(error.contains(why), "{text:?}: {error}");
        }
    }
}
