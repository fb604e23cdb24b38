//! What the words of a server's error tell, and what they must not.

/// The server takes the change, by another algorithm. (ER_ALTER_OPERATION_NOT_SUPPORTED, and the same with a reason)
const ANOTHER_ALGORITHM: [u16; 2] = [1845, 1846];
/// The server had no time, no lock or no room, whatever is in the rows.
const NOT_OF_ROWS: [u16; 14] =
    [1020, 1021, 1030, 1114, 1135, 1180, 1205, 1206, 1213, 1317, 1927, 1969, 2013, 3024];
/// The server was stopped, or the statement or its connection was killed.
const ENDED_FROM_OUTSIDE: [u16; 6] = [1053, 1080, 1152, 1184, 1317, 1927];
/// Errors whose words have names in them and no values, in the sources of 10.5 to 11.8 (sql/share/errmsg-utf8.txt).
const WITHOUT_VALUES: [u16; 27] = [
    1005, 1025, 1044, 1045, 1048, 1050, 1054, 1060, 1061, 1064, 1068, 1071, 1072, 1091, 1118, 1138, 1142,
    1146, 1264, 1265, 1364, 1406, 1451, 1452, 1832, 1833, 4025,
];
/// A name follows these.
const BEFORE_NAMES: [&str; 2] = [" for key ", " for column "];

/// The number in `ERROR 1062: …` and `ERROR 1062 (23000) at line 2: …`.
pub fn code(words: &str) -> Option<u16> {
    let digits = words.trim_start().strip_prefix("ERROR ")?;
    digits.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// The next algorithm is to be tried.
pub fn wants_another_algorithm(words: &str) -> bool {
    code(words).is_some_and(|code| ANOTHER_ALGORITHM.contains(&code))
}

/// The rows do not tell why: the same change may succeed in another moment.
pub fn is_of_the_moment(words: &str) -> bool {
    code(words).is_none_or(|code| NOT_OF_ROWS.contains(&code))
}

/// The words are the client's own, or those of a server that was told to end the statement or itself: what has become of
/// the statement, here and on other nodes, they do not tell. (2000 and above: errors of the client)
pub fn tells_no_end(words: &str) -> bool {
    code(words).is_none_or(|code| ENDED_FROM_OUTSIDE.contains(&code) || (2000..3000).contains(&code))
}

/// The error without the values of rows: its code, and the key or column at the end of its words.
pub fn without_values(words: &str) -> String {
    let Some(code) = code(words) else { return words.trim().to_owned() };
    let text = words.split_once(": ").map_or("", |(_, text)| text).trim();
    if WITHOUT_VALUES.contains(&code) || ANOTHER_ALGORITHM.contains(&code) || NOT_OF_ROWS.contains(&code) {
        return format!("ERROR {code}: {text}");
    }
    // A value may hold any words, so only the last ones are the server's.
    let name = BEFORE_NAMES.iter().filter_map(|word| text.rfind(word)).max().map(|at| &text[at..]);
    let begin = text.split(|c: char| "'\"`".contains(c) || c.is_ascii_digit()).next().unwrap_or_default();
    if begin == text {
        return format!("ERROR {code}: {text}");
    }
    format!("ERROR {code}: {} (value not shown){}", begin.trim_end(), name.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_of_a_row_is_told() {
        for (words, told) in [
            (
                "ERROR 1062 (23000) at line 2: Duplicate entry 'ann@x' for key 'by_mail'",
                "ERROR 1062: Duplicate entry (value not shown) for key 'by_mail'",
            ),
            (
                "ERROR 1062: Duplicate entry 'x for key 'y'' for key 'k'",
                "ERROR 1062: Duplicate entry (value not shown) for key 'k'",
            ),
            (
                "ERROR 1366: Incorrect integer value: 'secret' for column `s`.`t`.`c` at row 7",
                "ERROR 1366: Incorrect integer value: (value not shown) for column `s`.`t`.`c` at row 7",
            ),
            (
                "ERROR 1292: Truncated incorrect DOUBLE value: 'secret'",
                "ERROR 1292: Truncated incorrect DOUBLE value: (value not shown)",
            ),
            (
                "ERROR 1526: Table has no partition for value 77",
                "ERROR 1526: Table has no partition for value (value not shown)",
            ),
            ("ERROR 1047: Unknown command", "ERROR 1047: Unknown command"),
            (
                "ERROR 1265 (01000) at line 2: Data truncated for column 'c' at row 7",
                "ERROR 1265: Data truncated for column 'c' at row 7",
            ),
        ] {
            assert_eq!(without_values(words), told);
        }
    }

    #[test]
    fn a_moment_without_room_or_time_says_nothing_of_the_rows() {
        assert!(is_of_the_moment(
            "ERROR 1969: Query execution was interrupted (max_statement_time exceeded)"
        ));
        assert!(!is_of_the_moment("ERROR 1062 (23000) at line 2: Duplicate entry"));
        assert!(wants_another_algorithm("ERROR 1846: ALGORITHM=INSTANT is not supported"));
        assert!(!wants_another_algorithm("ERROR 1146: Table 'shop.x' doesn't exist"));
    }
}
