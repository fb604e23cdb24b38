//! Templates that are part of the program: texts with places for values.

use std::borrow::Cow;

use serde::Serialize;
use tera::{Context, Tera};

/// Templates by their names. A value stands in the text as it is: whoever gives words of a shell, or of any other
/// language, quotes them first ([`shell_word`]).
pub struct Templates(Tera);

impl Templates {
    /// Names and texts.
    ///
    /// # Panics
    ///
    /// A text is no template. Tests render each of them.
    pub fn of(texts: &[(&'static str, &'static str)]) -> Self {
        let mut tera = Tera::default();
        tera.autoescape_on(Vec::<&str>::new());
        tera.add_raw_templates(texts.iter().copied()).expect("the templates are galactl's own");
        Self(tera)
    }

    /// The text with these values.
    ///
    /// # Panics
    ///
    /// There is no such template, or it has a name that `view` has not.
    pub fn render(&self, name: &str, view: &impl Serialize) -> String {
        let context = Context::from_serialize(view).expect("a view is a mapping of names");
        self.0.render(name, &context).expect("every name of the template is in the view")
    }
}

/// A text as one word of a shell. One that no shell can hold, with a NUL in it, becomes an empty word.
pub fn shell_word(text: &str) -> String {
    shlex::try_quote(text).map_or_else(|_| "''".into(), Cow::into_owned)
}
