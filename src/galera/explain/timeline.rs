//! The journal and the server's own log file as one text, ordered by time.

/// Lines with the host's local time at which each was written, as `2026-11-28 09:10:51`.
pub type Timed<'a> = Vec<(String, &'a str)>;

/// Reads the output of `journalctl --reverse --output=short-iso`: the newest entry first, each with time, host and
/// program. Only the first line of an entry has these.
pub fn of_journal(printed: &str) -> Timed<'_> {
    let mut entries: Vec<Timed<'_>> = Vec::new();
    for line in printed.lines().filter(|line| !line.starts_with("-- ")) {
        match (entry(line), entries.last_mut()) {
            (Some(first), _) => entries.push(vec![first]),
            (None, Some(entry)) => entry.push((entry[0].0.clone(), line.trim_start())),
            (None, None) => {}
        }
    }
    entries.into_iter().rev().flatten().collect()
}

/// `2026-11-28T09:10:51+0000 db1 mariadbd[77]: what it says`
fn entry(line: &str) -> Option<(String, &str)> {
    let time = time_of(line)?;
    let (_host, said) = line.split_once(' ')?.1.split_once(' ')?;
    Some((time, said.split_once(": ").map_or("", |(_, text)| text)))
}

/// Reads a log file: a line without a time gets the time of the line before it.
pub fn of_file(text: &str) -> Timed<'_> {
    let mut time = String::new();
    let timed = text.lines().map(|line| {
        time = time_of(line).unwrap_or_else(|| std::mem::take(&mut time));
        (time.clone(), line)
    });
    timed.collect()
}

/// `2026-11-28 09:10:51` of `2026-11-28  9:10:51` or `2026-11-28T09:10:51+0000`, with which the line begins.
fn time_of(line: &str) -> Option<String> {
    const FORM: &str = "0000-00-00 00:00:00";
    let begin = line.get(..FORM.len())?;
    let fits = |(at, (is, form)): (usize, (u8, u8))| match form {
        b'0' => is.is_ascii_digit() || (at == 11 && is == b' '),
        b' ' => is == b' ' || is == b'T',
        _ => is == form,
    };
    let fits = begin.bytes().zip(FORM.bytes()).enumerate().all(fits);
    let hour = begin[11..].replace(' ', "0");
    fits.then(|| format!("{} {hour}", &begin[..10]))
}

/// Both, by time. What the journal says in the same second comes first: systemd tells of a start before the server
/// does.
pub fn merged(journal: &Timed<'_>, file: &Timed<'_>) -> String {
    let (mut journal, mut file) = (journal.iter().peekable(), file.iter().peekable());
    let mut text = String::new();
    loop {
        let file_first = match (journal.peek(), file.peek()) {
            (Some((said, _)), Some((written, _))) => written < said,
            (None, Some(_)) => true,
            (_, None) => false,
        };
        let Some((_, line)) = (if file_first { file.next() } else { journal.next() }) else { return text };
        text += line;
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JOURNAL: &str = "2026-11-28T09:10:53+00:00 db1 systemd[1]: mariadb.service: Failed\n\
         2026-11-28T09:10:51+0000 db1 sh[7]: two\n                            lines\n\
         -- Boot 7 --\n\
         2026-11-28T09:10:50+0000 db1 systemd[1]: Starting mariadb.service: it\n";

    #[test]
    fn the_journal_is_turned_round() {
        let lines: Vec<_> = of_journal(JOURNAL).into_iter().map(|(_, line)| line).collect();
        assert_eq!(lines, ["Starting mariadb.service: it", "two", "lines", "mariadb.service: Failed"]);
        assert_eq!(of_journal("-- No entries --\n"), []);
        assert_eq!(of_journal("2026-11-28T09:10:50+0000 db1 sh[7]:\n")[0].1, "");
    }

    #[test]
    fn a_files_lines_stand_at_their_time() {
        let file = "2026-11-28  9:10:50 0 [Note] begins\n\tand more\n2026-11-28  9:10:52 0 [ERROR] ends\n";
        assert_eq!(
            merged(&of_journal(JOURNAL), &of_file(file)),
            "Starting mariadb.service: it\n2026-11-28  9:10:50 0 [Note] begins\n\tand more\ntwo\nlines\n\
             2026-11-28  9:10:52 0 [ERROR] ends\nmariadb.service: Failed\n"
        );
        assert_eq!(merged(&Timed::new(), &of_file(file)), file);
        assert_eq!(time_of("2026-11-28 x9:10:50"), None);
        assert_eq!(time_of("2026-11-2é 09:10:50 and more"), None);
    }
}
