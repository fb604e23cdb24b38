//! ProxySQL's admin interface, as far as its tables and its commands go: SQLite with the tables of
//! `tests/fixtures/proxysql`, and the commands that its source knows (2.7.2, lib/ProxySQL_Admin.cpp).

use std::collections::BTreeMap;

use rusqlite::Connection;

/// The tables that each part of the configuration has.
const PARTS: [(&str, &[&str]); 5] = [
    ("MYSQL VARIABLES", &["global_variables"]),
    ("ADMIN VARIABLES", &["global_variables"]),
    ("MYSQL SERVERS", &["mysql_servers", "mysql_galera_hostgroups"]),
    ("MYSQL USERS", &["mysql_users"]),
    ("MYSQL QUERY RULES", &["mysql_query_rules"]),
];
const BOUND: &str = "mysql-interfaces";

pub struct Admin {
    pub memory: Connection,
    /// Tables of [`Admin::memory`] as they count now, and as they were saved.
    pub runtime: Tables,
    pub disk: Tables,
    /// What `mysql-interfaces` was when it started.
    bound: String,
}

type Tables = BTreeMap<(String, &'static str), Vec<String>>;

impl Admin {
    /// One that has just been started for the first time.
    pub fn new() -> Self {
        let memory = Connection::open_in_memory().unwrap();
        memory.execute_batch(include_str!("../../fixtures/proxysql/tables.sql")).unwrap();
        let users = "SELECT sql FROM sqlite_master WHERE name = 'mysql_users'";
        let users: String = memory.query_row(users, [], |row| row.get(0)).unwrap();
        let on_disk = users.replace("TABLE mysql_users", "TABLE disk.mysql_users");
        memory.execute_batch(&format!("ATTACH ':memory:' AS disk; {on_disk}")).unwrap();
        for (name, _) in variables() {
            let value = if name == BOUND { "0.0.0.0:6033" } else { "0" };
            memory.execute("INSERT INTO global_variables VALUES (?1, ?2)", [name, value]).unwrap();
        }
        Self { memory, runtime: Tables::new(), disk: Tables::new(), bound: "0.0.0.0:6033".into() }
    }

    /// What a client does with a file: every statement, up to the first that fails.
    pub fn load(&mut self, text: &str) {
        for statement in statements(text) {
            self.run(&statement).unwrap_or_else(|why| panic!("{statement}: {why}"));
        }
    }

    fn run(&mut self, statement: &str) -> Result<(), String> {
        if let Some(rest) = statement.strip_prefix("LOAD ") {
            let part = rest.strip_suffix(" TO RUNTIME").ok_or("no command")?;
            self.take_effect(part)
        } else if let Some(rest) = statement.strip_prefix("SAVE ") {
            let part = rest.strip_suffix(" TO DISK").ok_or("no command")?;
            let tables = self.tables(part)?;
            self.disk.extend(tables);
            Ok(())
        } else {
            let changed = self.memory.execute(statement, []).map_err(|error| error.to_string())?;
            if statement.contains("INTO disk.mysql_users") || statement.contains("FROM disk.mysql_users") {
                let rows = self.rows("SELECT COUNT(*) FROM disk.mysql_users");
                self.disk.insert(("MYSQL USERS".to_owned(), "mysql_users"), rows);
            }
            let of_variable = statement.starts_with("UPDATE global_variables");
            if of_variable && changed != 1 { Err("no such variable".into()) } else { Ok(()) }
        }
    }

    /// A variable that cannot be changed while it runs is set back to what it is.
    fn take_effect(&mut self, part: &str) -> Result<(), String> {
        if part == "MYSQL VARIABLES" {
            let set = "UPDATE global_variables SET variable_value = ?1 WHERE variable_name = ?2";
            self.memory.execute(set, [self.bound.as_str(), BOUND]).unwrap();
        }
        let tables = self.tables(part)?;
        self.runtime.extend(tables);
        Ok(())
    }

    fn tables(&self, part: &str) -> Result<Tables, String> {
        let (name, tables) = PARTS.iter().find(|(name, _)| *name == part).ok_or("no such part")?;
        let prefix = name.split(' ').next().unwrap().to_lowercase();
        let rows = |table: &str| {
            match table {
            "global_variables" => self.rows(&format!(
                "SELECT variable_name || '=' || variable_value FROM global_variables WHERE variable_name LIKE '{prefix}-%' ORDER BY 1"
            )),
            "mysql_servers" => {
                self.rows("SELECT hostname || ':' || port || ' ' || weight FROM mysql_servers ORDER BY weight DESC, hostname DESC")
            }
            _ => self.rows(&format!("SELECT COUNT(*) FROM {table}")),
        }
        };
        Ok(tables.iter().map(|table| (((*name).to_owned(), *table), rows(table))).collect())
    }

    /// The first column of a query's rows.
    pub fn rows(&self, query: &str) -> Vec<String> {
        let mut statement = self.memory.prepare(query).unwrap();
        let text = |row: &rusqlite::Row<'_>| {
            row.get::<_, rusqlite::types::Value>(0).map(|value| match value {
                rusqlite::types::Value::Integer(number) => number.to_string(),
                rusqlite::types::Value::Text(text) => text,
                other => panic!("{other:?}"),
            })
        };
        statement.query_map([], text).unwrap().map(Result::unwrap).collect()
    }

    /// The node that takes the writes while all are up: the first by ProxySQL's own order
    /// (lib/MySQL_HostGroups_Manager.cpp, `converge_galera_config`).
    pub fn writer(&self) -> String {
        self.order().remove(0)
    }

    /// All nodes in that order.
    pub fn order(&self) -> Vec<String> {
        self.rows(
            "SELECT hostname FROM mysql_servers WHERE hostgroup_id = 10 ORDER BY weight DESC, hostname DESC, port DESC",
        )
    }
}

/// Every variable, and what its value may be.
pub fn variables() -> Vec<(&'static str, &'static str)> {
    let lines = include_str!("../../fixtures/proxysql/variables.txt").lines();
    lines.filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(' ')).collect()
}

/// The statements of a file, as MariaDB's client cuts them: lines that are comments are dropped, a semicolon ends a
/// statement except between quotes, and there a backslash hides what follows it.
pub fn statements(text: &str) -> Vec<String> {
    let lines: String = text.lines().filter(|line| !line.starts_with("-- ")).collect::<Vec<_>>().join("\n");
    let (mut all, mut one, mut quoted) = (Vec::new(), String::new(), false);
    let mut characters = lines.chars();
    while let Some(c) = characters.next() {
        match c {
            ';' if !quoted => {
                all.push(one.trim().to_owned());
                one.clear();
                continue;
            }
            '\'' => quoted = !quoted,
            '\\' if quoted => {
                one.push(c);
                one.extend(characters.next());
                continue;
            }
            _ => {}
        }
        one.push(c);
    }
    assert!(one.trim().is_empty() && !quoted, "this never ends: {one}");
    all
}
