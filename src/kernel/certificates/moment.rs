//! Moments for people.

use jiff::Timestamp;

/// Seconds since 1970 as `2026-11-30 12:00 UTC`.
pub fn moment(seconds: i64) -> String {
    // A certificate may name moments that lie some hours outside of what jiff can show.
    let (first, last) = (Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
    let shown = Timestamp::from_second(seconds.clamp(first, last)).unwrap_or(Timestamp::UNIX_EPOCH);
    shown.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::moment;

    #[test]
    fn a_moment_is_shown_to_the_minute() {
        assert_eq!(moment(1_796_040_059), "2026-11-30 12:00 UTC");
        assert_eq!(moment(0), "1970-01-01 00:00 UTC");
    }

    /// "Never", as certificates write it: 9999-12-31 23:59:59.
    #[test]
    fn no_moment_is_too_far_away() {
        assert!(moment(253_402_300_799).starts_with("9999-12-30"));
        assert!(moment(i64::MAX).starts_with("9999") && moment(i64::MIN).starts_with("-9999"));
    }
}
