//! Whether the other hosts know the locales of a seed: a server whose setting names one that its host lacks does not start.

use std::collections::BTreeSet;

use crate::kernel::judge::shell_word;
use crate::patroni::facts::{Beside, Standalone};

/// The settings that initdb has given the seed, and that go to all nodes with its data.
const SETTINGS: [&str; 4] = ["lc_messages", "lc_monetary", "lc_numeric", "lc_time"];

/// Those of the seed that a host lacks.
pub fn lacking<'a>(seed: &'a Standalone, beside: &Beside) -> BTreeSet<&'a str> {
    let of_databases = seed.inside.iter().flat_map(|inside| &inside.locales).map(String::as_str);
    let all = SETTINGS.iter().filter_map(|name| seed.value(name)).chain(of_databases);
    let there: BTreeSet<_> = beside.locales.iter().map(|it| plain(it)).collect();
    let every_host_has = ["", "c", "posix", "c.utf8"];
    all.filter(|it| !every_host_has.contains(&plain(it).as_str()) && !there.contains(&plain(it))).collect()
}

/// What makes them on Debian.
pub fn made(locales: &BTreeSet<&str>) -> String {
    let lines = locales.iter().map(|it| shell_word(&line(it))).collect::<Vec<_>>().join(" ");
    format!(
        "sudo apt-get install -y locales && printf '%s\\n' {lines} | sudo tee -a /etc/locale.gen && sudo locale-gen, then run this again"
    )
}

/// `de_DE.UTF-8` and `de_DE.utf8` are one.
fn plain(locale: &str) -> String {
    locale.to_ascii_lowercase().replace("utf-8", "utf8")
}

/// As /etc/locale.gen has it: the locale, and its encoding.
fn line(locale: &str) -> String {
    let (language, modifier) = locale.split_once('@').map_or((locale, ""), |(before, after)| (before, after));
    let modifier = if modifier.is_empty() { String::new() } else { format!("@{modifier}") };
    match language.split_once('.') {
        Some((language, encoding)) if plain(encoding) == "utf8" => {
            format!("{language}.UTF-8{modifier} UTF-8")
        }
        Some((language, encoding)) => format!("{language}.{encoding}{modifier} {encoding}"),
        None => format!("{language}{modifier} ISO-8859-1"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patroni::facts::Inside;

    #[test]
    fn a_locale_that_the_other_host_lacks_is_told_by_the_line_that_makes_it() {
        let inside = Inside { locales: vec!["de_DE.UTF-8".into(), "C.UTF-8".into()], ..Inside::default() };
        let seed = Standalone { inside: Some(inside), ..Standalone::default() };
        let lacks = lacking(&seed, &Beside::default());
        assert_eq!(lacks, BTreeSet::from(["de_DE.UTF-8"]));
        assert!(made(&lacks).contains("'%s\\n' 'de_DE.UTF-8 UTF-8' | sudo tee -a"), "{}", made(&lacks));
        let has = Beside { locales: BTreeSet::from(["de_DE.utf8".to_owned()]), ..Beside::default() };
        assert!(lacking(&seed, &has).is_empty());
    }
}
