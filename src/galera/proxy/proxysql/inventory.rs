//! The inventory's section `proxysql`: what all proxies of this kind share.

use std::collections::BTreeSet;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::galera::model::{LEDGER_PREFIX, LOAD_PREFIX, WRITE_TEST_SCHEMA};
use crate::kernel::inventory::Values;
use crate::kernel::inventory::note::Note;
use crate::kernel::inventory::raw::RawSecret;
use crate::kernel::inventory::text::shown;
use crate::kernel::model::{SecretName, SecretRef, UserName, one_line};

/// The password of the monitor's account on the data nodes.
pub const MONITOR_PASSWORD: SecretName = SecretName::new("proxysql-monitor");
/// The password of the admin interface.
pub const ADMIN_PASSWORD: SecretName = SecretName::new("proxysql-admin");

/// The longest expression of a rule, and the longest path: more than anybody needs. ProxySQL itself has no limit.
const LONGEST_RULE: usize = 1000;

/// The password with which an application logs in.
pub fn user_secret(user: &UserName) -> SecretName {
    SecretName::of(format!("proxysql-user-{user}"))
}

/// What all proxies of the kind share.
#[derive(Debug, Clone)]
pub struct Proxysql {
    /// `None`: the hosts install it from their own apt sources.
    pub package: Option<Package>,
    pub users: Vec<User>,
    pub rules: Vec<Rule>,
    pub monitor_password: SecretRef,
    pub admin_password: SecretRef,
}

/// A Debian package on the operator's machine.
#[derive(Debug, Clone)]
pub struct Package {
    /// Its path as it is written, relative to the inventory.
    pub file: String,
    /// `None`: it was not looked for, or cannot be read.
    pub local: Option<Local>,
}

/// A file that can be read.
#[derive(Debug, Clone)]
pub struct Local {
    pub path: PathBuf,
    pub sha256: String,
}

/// An account of an application. It is one of the cluster, too.
#[derive(Debug, Clone)]
pub struct User {
    pub name: UserName,
    pub password: SecretRef,
}

/// Statements of one kind, and where they go.
#[derive(Debug, Clone)]
pub struct Rule {
    /// A regular expression for a statement without its values.
    pub match_digest: String,
    pub to: To,
}

/// Who gets a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum To {
    /// A node that takes writes.
    Writer,
    /// Any node that serves.
    Reader,
}

/// The section as it is written.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawProxysql {
    /// ProxySQL's Debian package on this machine, relative to the inventory. Default: the hosts' own apt sources have
    /// one.
    pub package: Option<String>,
    /// The accounts with which applications log in, each with a `name` and a `password` such as `{env: NAME}`. They are
    /// accounts of the cluster, too; galactl does not create them there.
    pub users: Vec<RawUser>,
    /// Where statements go on the port for writes: each rule has `match_digest`, a regular expression for a statement
    /// without its values, and `to`, which is `writer` or `reader`. The first one that matches counts. Default: all go
    /// to the writer.
    pub rules: Option<Vec<RawRule>>,
    /// Where the password of the monitor's account comes from. Default: `{generate: true}`.
    pub monitor_password: Option<RawSecret>,
    /// Where the password of ProxySQL's admin interface comes from. Default: `{generate: true}`.
    pub admin_password: Option<RawSecret>,
}

/// An account of an application.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawUser {
    /// The account's name, without a host.
    pub name: String,
    /// Where its password comes from: `{env: NAME}`, `{file: PATH}` or `{command: [PROGRAM, ARG]}`.
    pub password: RawSecret,
}

/// A rule for statements.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawRule {
    /// A regular expression for the statement, in which values are replaced by `?`.
    pub match_digest: String,
    /// `writer`: a node that takes writes; `reader`: any node that serves.
    pub to: To,
}

impl RawProxysql {
    /// The section with every default applied; what is wrong with it is noted.
    pub fn resolved(&self, values: &mut Values) -> Proxysql {
        let users = self.users.as_slice();
        if users.is_empty() {
            let note = Note::error("proxysql-users", "proxysql.users", "nobody could log in");
            values
                .notes
                .push(note.hint("name the accounts of your applications: ProxySQL checks passwords itself"));
        }
        if self.package.as_deref().is_some_and(|path| !is_package(path)) {
            let note = Note::error(
                "proxysql-package",
                "proxysql.package",
                "it is no Debian package: its name does not end in .deb",
            );
            values.notes.push(note.hint("leave it out if the hosts' own apt sources have `proxysql`"));
        }
        let rules = self.rules.as_deref().unwrap_or_default().iter().enumerate();
        let generated = |secret: Option<SecretRef>| secret.unwrap_or(SecretRef::Generated);
        Proxysql {
            package: self.package.clone().map(|file| Package { file, local: None }),
            users: self::users(users, values),
            rules: rules.filter_map(|(place, raw)| rule(raw, place, values)).collect(),
            monitor_password: generated(
                values.secret(self.monitor_password.as_ref(), "proxysql.monitor_password"),
            ),
            admin_password: generated(values.secret(self.admin_password.as_ref(), "proxysql.admin_password")),
        }
    }
}

fn is_package(path: &str) -> bool {
    let extension = std::path::Path::new(path).extension();
    extension.is_some_and(|extension| extension == "deb") && one_line(path, LONGEST_RULE).is_ok()
}

fn users(raw: &[RawUser], values: &mut Values) -> Vec<User> {
    let mut names = BTreeSet::new();
    let mut users = Vec::new();
    for (place, user) in raw.iter().enumerate() {
        let path = format!("proxysql.users[{place}]");
        let Some(name) = values.parse::<UserName>(&user.name, &format!("{path}.name")) else { continue };
        if !names.insert(name.clone()) {
            let message = format!("`{name}` is there already");
            values.notes.push(
                Note::error("duplicate-name", format!("{path}.name"), message).hint("keep one of them"),
            );
        }
        if [super::MONITOR, super::ADMIN, "stats"].contains(&name.as_str()) {
            let message = format!("`{name}` is an account of ProxySQL itself");
            let note = Note::error("proxysql-users", format!("{path}.name"), message);
            values.notes.push(note.hint("give the application another account"));
        }
        if [LEDGER_PREFIX, LOAD_PREFIX, WRITE_TEST_SCHEMA]
            .iter()
            .any(|prefix| name.as_str().starts_with(prefix))
        {
            let message = format!("`{name}` is named like an account that galactl uses for a while");
            let note = Note::error("proxysql-users", format!("{path}.name"), message);
            values.notes.push(note.hint("give the application another account"));
        }
        if let Some(password) = password(&user.password, &format!("{path}.password"), values) {
            users.push(User { name, password });
        }
    }
    users
}

/// An application has to know its password, so galactl makes none.
fn password(raw: &RawSecret, path: &str, values: &mut Values) -> Option<SecretRef> {
    match values.secret(Some(raw), path)? {
        SecretRef::Generated => {
            let note =
                Note::error("secret", path, "an application's password is not made by galactl").at_key();
            let hint =
                "say where it comes from: `{env: NAME}`, `{file: PATH}` or `{command: [PROGRAM, ARG]}`";
            values.notes.push(note.hint(hint));
            None
        }
        known => Some(known),
    }
}

fn rule(raw: &RawRule, place: usize, values: &mut Values) -> Option<Rule> {
    let path = format!("proxysql.rules[{place}].match_digest");
    if let Err(reason) = one_line(&raw.match_digest, LONGEST_RULE) {
        let text = &raw.match_digest;
        let message = if text.trim().is_empty() {
            format!("it {reason}")
        } else {
            format!("`{}` {reason}", shown(text))
        };
        let note = Note::error("proxysql-rule", path, message);
        values.notes.push(note.hint("a regular expression on one line, such as \"^SELECT\""));
        return None;
    }
    Some(Rule { match_digest: raw.match_digest.clone(), to: raw.to })
}
