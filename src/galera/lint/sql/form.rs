//! Files that are no dump of MariaDB or MySQL.

/// Why the file that begins with these bytes cannot be read, and what to do. `None`: nothing speaks against it.
pub fn foreign(head: &[u8]) -> Option<(&'static str, &'static str)> {
    const POSTGRES: &[u8] = b"PostgreSQL database dump";
    let has = |text: &[u8]| head.windows(text.len()).any(|window| window == text);
    match head {
        // A dump writes a NUL byte as \0.
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some(UTF_16),
        _ if head.contains(&0) => Some(UTF_16),
        _ if has(POSTGRES) => Some((
            "is a dump of PostgreSQL",
            "a dump is the text of mariadb-dump or mysqldump; galactl reads no other database's",
        )),
        _ => None,
    }
}

const UTF_16: (&str, &str) = (
    "is no text of UTF-8: UTF-16, or a binary file",
    "PowerShell's > writes UTF-16: iconv -f UTF-16 -t UTF-8 FILE | galactl lint --dump -; for a compressed dump: zcat FILE | galactl lint --dump -",
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_dump_is_told_by_its_head() {
        let said = |head: &[u8]| foreign(head).map(|(said, _)| said);
        assert_eq!(said(b"\xff\xfeC\0R\0"), Some(UTF_16.0));
        assert_eq!(said(b"\xfe\xff\0C"), Some(UTF_16.0));
        assert_eq!(said(b"C\0R\0"), Some(UTF_16.0));
        assert_eq!(said(b"--\n-- PostgreSQL database dump\n"), Some("is a dump of PostgreSQL"));
        assert_eq!(said("-- MariaDB dump\nCREATE TABLE ü (x INT);".as_bytes()), None);
        assert_eq!(said(b""), None);
    }
}
