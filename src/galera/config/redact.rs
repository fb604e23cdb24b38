//! Keeping secrets out of everything that is shown, and putting them in at the very end.

use crate::galera::inventory::options::{canonical, holds_secret};
use crate::galera::model::SST_PASSWORD;
use crate::galera::model::escape;
use crate::kernel::model::{SecretName, Secrets};

/// Shown where a file holds a secret that is not the inventory's.
pub const FOREIGN_SECRET: &str = "${secret:another-value}";

/// Shown in place of other text that must not be shown.
const HIDDEN: &str = "(not shown)";

const AUTH_OPTION: &str = "wsrep_sst_auth";

/// The least length of a secret that is searched for in a text: a shorter one could stand there by chance.
const TELLING: usize = 8;

/// Replaces secrets in an option file's text: the inventory's own by their placeholder, any
/// other value that could be one by [`FOREIGN_SECRET`].
pub fn redact(text: &str, secrets: &Secrets) -> String {
    let mut text = text.to_owned();
    for (name, secret) in secrets.iter().filter(|(_, secret)| secret.len() >= TELLING) {
        for spelling in [escape(secret).unwrap_or_default(), secret.trim_end().to_owned()] {
            if !spelling.is_empty() {
                text = text.replace(&spelling, &name.placeholder());
            }
        }
        for line in lines(secret) {
            text = text.replace(line, &name.placeholder());
        }
    }
    by_lines(&text, |line| redact_line(line, secrets))
}

/// Of a secret of many lines, such as a key, the lines that tell something: a program may repeat one of them.
fn lines(secret: &str) -> impl Iterator<Item = &str> {
    let several = secret.trim_end().contains('\n');
    let lines =
        secret.lines().map(str::trim).filter(|line| line.len() >= TELLING && !line.starts_with("-----"));
    lines.filter(move |_| several)
}

/// The file on the host, as it may be shown beside the one that replaces it. A file that begins like
/// the new one was made by galactl and is shown whole. Of any other file, values are shown only for options
/// that the new file sets as well: the rest may hold somebody's secrets.
pub fn presentable(there: &str, wanted: &str) -> String {
    let header = wanted.lines().next().filter(|line| line.starts_with('#'));
    if header.is_some() && there.lines().next() == header {
        return there.to_owned();
    }
    let name = |line: &str| line.split_once('=').map(|(name, _)| canonical(name.trim()));
    let lines: Vec<&str> = wanted.lines().collect();
    let names: Vec<_> = lines.iter().filter_map(|line| name(line)).collect();
    by_lines(there, |line| {
        let section = line.trim().is_empty() || line.trim_start().starts_with('[');
        let known = name(line)
            .is_some_and(|name| names.contains(&name) && !line.to_lowercase().contains("password="));
        match name(line) {
            _ if section || known || lines.contains(&line) => line.to_owned(),
            Some(_) if !line.trim_start().starts_with(['#', ';']) => {
                format!("{}= {HIDDEN}", line.split('=').next().unwrap_or_default())
            }
            _ => format!("# {HIDDEN}"),
        }
    })
}

fn by_lines(text: &str, change: impl Fn(&str) -> String) -> String {
    let mut changed: String = text.lines().map(|line| change(line) + "\n").collect();
    if !text.ends_with('\n') {
        changed.pop();
    }
    changed
}

fn redact_line(line: &str, secrets: &Secrets) -> String {
    let Some((name, value)) = line.split_once('=') else { return line.to_owned() };
    // A line that is commented out can hold a secret as well.
    let option = name.trim_start_matches(['#', ';', ' ', '\t']).trim();
    if !holds_secret(option) {
        return line.to_owned();
    }
    let own = SST_PASSWORD;
    let escaped = secrets.get(own).and_then(|secret| escape(secret).ok());
    if value.contains(&own.placeholder()) {
        return line.to_owned();
    }
    match (escaped, value.split_once(':')) {
        (Some(secret), Some((user, password))) if password == format!("{secret}\"") => {
            format!("{name}={user}:{own}\"")
        }
        (_, Some((user, _))) if option == AUTH_OPTION => format!("{name}={user}:{FOREIGN_SECRET}\""),
        _ => format!("{name}= {FOREIGN_SECRET}"),
    }
}

/// An option as `my_print_defaults` prints it, with its secret replaced as in [`redact`]; `None` where
/// the value is a secret that galactl has no use for.
pub fn redact_value(name: &str, value: &str, secrets: &Secrets) -> Option<String> {
    if !holds_secret(name) {
        return Some(value.to_owned());
    }
    let (user, password) = (name == AUTH_OPTION).then(|| value.split_once(':'))??;
    let own = SST_PASSWORD;
    Some(match password {
        "" => value.to_owned(),
        _ if secrets.get(own) == Some(password) => format!("{user}:{own}"),
        _ => format!("{user}:{FOREIGN_SECRET}"),
    })
}

/// Puts the secrets' values, escaped, where a rendered text holds their placeholders.
///
/// Errors: a placeholder without a value, or a value that cannot stand in an option file.
pub fn fill_in(text: &str, secrets: &Secrets) -> Result<String, String> {
    let mut filled = text.to_owned();
    for name in SecretName::all_in(text) {
        let value = secrets.get(&name).ok_or_else(|| format!("no value for {name}"))?;
        let escaped = escape(value).map_err(|reason| format!("the value of {name} {reason}"))?;
        // A comment gets no secret, even where a template has put a placeholder there.
        filled = by_lines(&filled, |line| match line.trim_start().starts_with('#') {
            true => line.to_owned(),
            false => line.replace(&name.placeholder(), &escaped),
        });
    }
    Ok(filled)
}

/// The SST password that an option file written by galactl holds.
pub fn sst_password_in(text: &str) -> Option<String> {
    let value = text.lines().find_map(|line| {
        let (name, value) = line.split_once('=')?;
        (name.trim() == AUTH_OPTION).then_some(value.trim())
    })?;
    let (_, password) = value.strip_prefix('"')?.strip_suffix('"')?.split_once(':')?;
    let password = password.replace("\\\"", "\"").replace("\\\\", "\\");
    (!password.is_empty() && !password.starts_with("${secret:")).then_some(password)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(value: &str) -> Secrets {
        let mut secrets = Secrets::default();
        secrets.insert(SST_PASSWORD, value.to_owned());
        secrets
    }

    #[test]
    fn what_is_filled_in_is_redacted_to_the_same_text_again() {
        let text = "wsrep_sst_auth = \"sst:${secret:sst-password}\"\nx = 1\n";
        let filled = fill_in(text, &secrets(r#"p"q\r:s"#)).unwrap();
        assert!(filled.contains(r#"sst:p\"q\\r:s""#), "{filled}");
        assert_eq!(redact(&filled, &secrets(r#"p"q\r:s"#)), text);
        assert_eq!(sst_password_in(&filled).unwrap(), r#"p"q\r:s"#);
    }

    #[test]
    fn a_foreign_secret_is_hidden_and_told_from_ours() {
        let text = "wsrep_sst_auth = \"sst:theirs\"\npassword=hunter2\n #encrypt-key = old\n";
        let hidden = redact(text, &secrets("ours"));
        let expected = ["wsrep_sst_auth = \"sst:F\"\n", "password= F\n", " #encrypt-key = F\n"];
        assert_eq!(hidden, expected.concat().replace('F', FOREIGN_SECRET));
    }

    #[test]
    fn of_a_foreign_file_only_what_the_new_one_sets_is_shown() {
        let there =
            "[mysqld]\n# password is hunter2\nmax_connections = 7\ninit_connect = \"x\"\npassword hunter2\n";
        let shown = presentable(there, "# ours\n[mysqld]\nmax_connections = \"9\"\n");
        let expected =
            "[mysqld]\n# (not shown)\nmax_connections = 7\ninit_connect = (not shown)\n# (not shown)\n";
        assert_eq!(shown, expected);
    }

    #[test]
    fn our_secret_is_found_wherever_it_stands() {
        let text = "# sst:long-secret\nother = \"a long-secret b\"\n";
        assert!(!redact(text, &secrets("long-secret")).contains("long-secret"));
    }

    #[test]
    fn an_option_that_only_sounds_secret_is_left_alone() {
        let text = "default_authentication_plugin = \"ed25519\"\nstrict_password_validation = \"ON\"\n";
        assert_eq!(redact(text, &secrets("ours")), text);
    }
}
