//! Which lines of an inventory may hold a secret, also where the text cannot be read as YAML.
//!
//! An inventory holds no secret. Who writes one into it all the same makes a mistake, and the error that says so ends
//! up in the log of a CI job. So no such line is ever shown, and no value from it.

/// Parts of names whose value is a secret.
const TELLING: [&str; 11] = [
    "passw",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "credential",
    "auth",
    "access_key",
    "accesskey",
    "encrypt_key",
    "filekey",
];
/// A name this near to `password` is a slip of the fingers.
const NEAR: usize = 2;

/// True of a name behind which a secret may stand: `password`, `wsrep_sst_auth`, `pasword`.
pub fn names_secret(name: &str) -> bool {
    let name = name.replace('-', "_").to_ascii_lowercase();
    let near = || name.len() < 16 && strsim::damerau_levenshtein(&name, "password") <= NEAR;
    name == "pw" || TELLING.iter().any(|part| name.contains(part)) || near()
}

/// True of a text in which a secret may stand behind its name.
pub fn tells_secret(text: &str) -> bool {
    names(text).any(names_secret) || says_password(text)
}

/// True of a statement that sets a password, as servers log it: `ALTER USER shop PASSWORD 's3cr3t'`, `E'…'` or `$$…$$`.
pub fn says_password(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let words = text.match_indices("password").chain(text.match_indices("identified by"));
    words.into_iter().any(|(at, word)| {
        let value = text[at + word.len()..].trim_start_matches(|c: char| c.is_whitespace() || c == '(');
        let bare = ["u&", "e", "n", "b", "x"].into_iter().find_map(|prefix| value.strip_prefix(prefix));
        let opens = |value: &str| value.starts_with(['\'', '"', '`']);
        let dollars = value.strip_prefix('$').and_then(|value| value.split_once('$'));
        let tag = |tag: &str| tag.chars().all(|c| c.is_alphanumeric() || c == '_');
        opens(value) || bare.is_some_and(opens) || dollars.is_some_and(|(word, _)| tag(word))
    })
}

/// The part of a path down to a name behind which a secret may stand.
pub fn secret_in(path: &str) -> Option<&str> {
    let mut at = 0;
    path.split_inclusive(['.', '[']).find_map(|part| {
        at += part.len();
        let name = part.trim_end_matches(['.', '[']);
        names_secret(name).then(|| path[..at].trim_end_matches(['.', '[']))
    })
}

/// For each line of the text: whether a secret may stand in it. Such a line names a secret, or belongs to a value
/// that begins in a line that does: it is indented below it, or its quote is still open.
pub fn secret_lines(text: &str) -> Vec<bool> {
    let mut state = State { below: None, quote: None };
    text.lines().map(|line| state.hides(line)).collect()
}

/// What the lines above have begun.
struct State {
    /// The indentation of the line that names a secret.
    below: Option<usize>,
    /// A quote that is open since such a line.
    quote: Option<char>,
}

impl State {
    fn hides(&mut self, line: &str) -> bool {
        if let Some(quote) = self.quote {
            self.quote = (line.matches(quote).count() % 2 == 0).then_some(quote);
            return true;
        }
        let content = line.trim_start();
        let indent = columns(&line[..line.len() - content.len()]);
        // A list may begin in the same column as the name above it.
        let belongs = |below: usize| {
            content.is_empty() || indent > below || indent == below && content.starts_with("- ")
        };
        let belongs = self.below.is_some_and(belongs);
        let names = tells_secret(content);
        if names {
            self.below = Some(indent);
            self.quote = open_quote(content);
        } else if !belongs {
            self.below = None;
        }
        names || belongs
    }
}

/// The width of white space. A tab is wide to whoever wrote it.
fn columns(white: &str) -> usize {
    white.chars().map(|c| if c == '\t' { 8 } else { 1 }).sum()
}

/// All words of a line that stand before a colon or an equals sign, as names do.
fn names(line: &str) -> impl Iterator<Item = &str> {
    let marks = line.match_indices([':', '=']).map(|(at, _)| at);
    marks.filter_map(|at| {
        let before = line[..at].trim_end_matches([' ', '\t', '"', '\'']);
        before.rsplit(|c: char| !c.is_alphanumeric() && !"_-.".contains(c)).next()
    })
}

/// The quote with which a value begins that does not end in this line.
fn open_quote(line: &str) -> Option<char> {
    let (_, value) = line.split_once([':', '='])?;
    let first = value.trim_start().chars().next().filter(|c| matches!(c, '"' | '\''))?;
    (value.matches(first).count() % 2 == 1).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hidden(text: &str) -> Vec<usize> {
        let lines = secret_lines(text);
        (1..).zip(lines).filter(|(_, hidden)| *hidden).map(|(number, _)| number).collect()
    }

    #[test]
    fn a_line_that_names_a_secret_is_hidden_with_all_that_belongs_to_it() {
        for (text, lines) in [
            ("sst:\n  password: s3cr3t#pa: ss\n  method: rsync\n", vec![2]),
            ("sst: {method: rsync, password: x: y}\nnodes:\n", vec![1]),
            ("sst:\n  password:\n    s3: cr3t\n\n    x\n  user: sst\n", vec![2, 3, 4, 5]),
            ("password:\n- s3: cr3t\nuser: sst\n", vec![1, 2]),
            ("password: \"s3\ncr3t: x\ny\"\nuser: sst\n", vec![1, 2, 3]),
            ("mysqld:\n  wsrep-sst-auth: root:x\n  report_password : x\n  \"password\": x\n", vec![2, 3, 4]),
            ("sst:\n  pasword: a\n  passwort: a\n  pw: a\n", vec![2, 3, 4]),
            ("x\nSTATEMENT:  alter user shop PassWord 's3cr3t'\ny", vec![2]),
            (
                "ALTER USER shop ENCRYPTED PASSWORD E's3\\'t'\nPASSWORD $$s3$$\nPASSWORD $a$s3$a$\nx",
                vec![1, 2, 3],
            ),
            (
                "SET PASSWORD FOR shop = PASSWORD('s3')\nCREATE USER x IDENTIFIED VIA y USING PASSWORD ( \"s3\")\nidentified BY 's3'",
                vec![1, 2, 3],
            ),
            (
                "FATAL:  password authentication failed for user \"shop\"\nthe password of 'shop' is wrong",
                vec![],
            ),
            ("ssh: {key: ~/.ssh/id, user: root}\nnodes:\n  - {name: db1}\n", vec![]),
        ] {
            assert_eq!(hidden(text), lines, "{text}");
        }
    }

    #[test]
    fn a_path_is_cut_behind_the_name_of_a_secret() {
        assert_eq!(secret_in("sst.password.s3cr3t"), Some("sst.password"));
        assert_eq!(secret_in("sst.password[0]"), Some("sst.password"));
        assert_eq!(secret_in("mysqld.wsrep_sst_auth"), Some("mysqld.wsrep_sst_auth"));
        assert_eq!(secret_in("nodes[0].name"), None);
    }
}
