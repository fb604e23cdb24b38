//! Whether the server takes the rules of pg_hba.conf as they are written.

/// Lines of pg_hba.conf that the server does not understand: `FILE:LINE: ERROR` each. With one of them, it keeps the rules that it
/// had before. The view reads the file anew each time; it names files from version 16 on.
pub const WRONG_RULES: &str = "
SELECT coalesce(to_jsonb(r) ->> 'file_name', current_setting('hba_file')) || ':' || coalesce(line_number::text, '?') || ': ' || error
    FROM pg_hba_file_rules AS r WHERE error IS NOT NULL;
";
