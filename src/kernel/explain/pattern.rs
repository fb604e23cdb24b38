//! Patterns of log lines: literal text with places, `{name}` for a value to catch and `{}` for
//! anything. Sentences have the same places and are filled with what was caught.

/// What the places caught, by their names.
pub type Caught<'a> = Vec<(&'static str, &'a str)>;

/// The pattern stands somewhere in the line, and what its places catch agrees with `caught`.
pub fn catch<'a>(pattern: &'static str, line: &'a str, caught: &Caught<'a>) -> Option<Caught<'a>> {
    let (first, _) = pieces(pattern).next()?;
    let begins = line.find(first)?;
    catch_at_start(pattern, &line[begins..], caught)
}

/// The same of a pattern with which the line begins.
pub fn catch_at_start<'a>(pattern: &'static str, line: &'a str, caught: &Caught<'a>) -> Option<Caught<'a>> {
    let (first, _) = pieces(pattern).next()?;
    if !line.starts_with(first) {
        return None;
    }
    let (mut caught, mut rest, mut place) = (caught.clone(), line, None);
    for (literal, next) in pieces(pattern) {
        let end = match (literal, place) {
            ("", Some(_)) => rest.len(),
            _ => rest.find(literal)?,
        };
        if let Some(name) = place {
            agree(&mut caught, name, &rest[..end])?;
        }
        (rest, place) = (&rest[end + literal.len()..], next);
    }
    Some(caught)
}

/// A sentence with its places filled.
pub fn fill(sentence: &'static str, caught: &Caught<'_>) -> String {
    let value = |name| caught.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value);
    pieces(sentence).map(|(literal, place)| literal.to_owned() + place.map_or("", value)).collect()
}

/// The names of the places.
pub fn places(text: &'static str) -> impl Iterator<Item = &'static str> {
    pieces(text).filter_map(|(_, place)| place).filter(|name| !name.is_empty())
}

/// Literal texts, each with the place behind it.
fn pieces(text: &'static str) -> impl Iterator<Item = (&'static str, Option<&'static str>)> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let (literal, behind) = match rest?.split_once('{') {
            Some((literal, behind)) => (literal, behind.split_once('}')),
            None => (rest?, None),
        };
        rest = behind.map(|(_, behind)| behind);
        Some((literal, behind.map(|(name, _)| name)))
    })
}

fn agree<'a>(caught: &mut Caught<'a>, name: &'static str, value: &'a str) -> Option<()> {
    let known = caught.iter().find(|(known, _)| *known == name && !name.is_empty());
    match known {
        Some((_, other)) => (*other == value).then_some(()),
        None if value.is_empty() && !name.is_empty() => None,
        None => {
            caught.push((name, value));
            Some(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caught(pattern: &'static str, line: &'static str) -> Option<String> {
        catch(pattern, line, &Caught::new()).map(|caught| fill("{a}|{b}", &caught))
    }

    #[test]
    fn places_catch_what_stands_between_the_words() {
        assert_eq!(caught("x '{a}' {} ({b})", "so x 'one' and (two) more"), Some("one|two".into()));
        assert_eq!(caught("x {a}", "x to the end"), Some("to the end|".into()));
        assert_eq!(caught("x", "a x b"), Some("|".into()));
        assert_eq!(caught("x '{a}'", "x ''"), None);
        assert_eq!(caught("x '{a}'", "y 'one'"), None);
    }

    #[test]
    fn a_pattern_at_the_start_is_not_found_behind_it() {
        let caught = |line| catch_at_start("x {a}.", line, &Caught::new());
        assert_eq!(caught("x 1."), Some(vec![("a", "1")]));
        assert_eq!(caught("a x 1."), None);
        assert_eq!(catch_at_start("{a} x", "1 x", &Caught::new()), Some(vec![("a", "1")]));
    }

    #[test]
    fn a_name_means_one_value() {
        assert_eq!(caught("{a}-{a}.", "1-1."), Some("1|".into()));
        assert_eq!(caught("{a}-{a}.", "1-2."), None);
        let known = catch("is {a}.", "is 7.", &Caught::new()).unwrap();
        assert!(catch("at {a},", "at 7,", &known).is_some());
        assert!(catch("at {a},", "at 8,", &known).is_none());
    }
}
