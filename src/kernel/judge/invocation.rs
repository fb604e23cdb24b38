//! How galactl was called, so that the commands that it names can be pasted.

use std::path::{Path, PathBuf};

/// Where a text names the inventory before it is known how galactl was called.
pub const PLACE: &str = "{inventory}";

/// How the commands that galactl tells name the inventory and the templates: as the command that runs was called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// As a shell reads it.
    inventory: String,
    /// Where paths that stand in the inventory begin.
    base: PathBuf,
    /// Likewise; only where the user has named a directory.
    templates: Option<String>,
    /// The commands that take `--templates`.
    with_templates: Vec<String>,
}

impl Invocation {
    /// `with_templates` are the commands that take `--templates`.
    pub fn new(inventory: &Path, templates: Option<&Path>, with_templates: Vec<String>) -> Self {
        let base = inventory.parent().map_or_else(PathBuf::new, Path::to_owned);
        Self { inventory: word_of(inventory), base, templates: templates.map(word_of), with_templates }
    }

    /// No inventory was named: as the help calls it.
    pub fn without_inventory() -> Self {
        let (base, with_templates) = (PathBuf::new(), Vec::new());
        Self { inventory: "INVENTORY".into(), base, templates: None, with_templates }
    }

    /// Leaves [`PLACE`] for [`Self::fill`].
    pub fn later() -> Self {
        Self { inventory: PLACE.into(), ..Self::without_inventory() }
    }

    /// The inventory's path, as a shell reads it.
    pub fn inventory(&self) -> &str {
        &self.inventory
    }

    /// A path that stands in the inventory, as a shell reads it here.
    pub fn path(&self, path: &str) -> String {
        // A shell puts the home directory there only where no quotes are around it.
        match path.strip_prefix("~/") {
            Some(rest) => format!("~/{}", shell_word(rest)),
            None => word_of(&self.base.join(path)),
        }
    }

    /// `galactl VERB INVENTORY ARGS`, with the templates where the command takes them.
    pub fn command(&self, verb: &str, args: &[String]) -> String {
        let words: Vec<_> = args.iter().map(|arg| shell_word(arg)).collect();
        let args = if words.is_empty() { String::new() } else { format!(" {}", words.join(" ")) };
        format!("galactl {verb} {}{args}{}", self.inventory, self.templates_of(verb))
    }

    /// The text with every [`PLACE`] filled. A command's templates stand behind its inventory.
    pub fn fill(&self, text: &str) -> String {
        let mut pieces = text.split(PLACE);
        let mut filled = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let verb = filled.rsplit_once("galactl ").map_or("", |(_, verb)| verb).trim_end().to_owned();
            filled = filled + &self.inventory + &self.templates_of(&verb) + piece;
        }
        filled
    }

    fn templates_of(&self, verb: &str) -> String {
        let takes = self.with_templates.iter().any(|known| known == verb);
        let templates = self.templates.as_ref().filter(|_| takes);
        templates.map_or_else(String::new, |templates| format!(" --templates {templates}"))
    }
}

/// A name that begins with a dash would be taken for an option.
fn word_of(path: &Path) -> String {
    let text = path.display().to_string();
    let option = text.starts_with('-') && text != "-";
    shell_word(&if option { format!("./{text}") } else { text })
}

/// As a shell reads it back. No path or argument holds a NUL, which alone cannot be quoted.
pub fn shell_word(text: &str) -> String {
    shlex::try_quote(text).map_or_else(|_| text.to_owned(), std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invocation(inventory: &str) -> Invocation {
        Invocation::new(Path::new(inventory), Some(Path::new("my templates")), vec!["check".into()])
    }

    #[test]
    fn a_command_can_be_pasted() {
        let odd = invocation("our clusters/it's.yaml");
        assert_eq!(odd.command("recover", &[]), r#"galactl recover "our clusters/it's.yaml""#);
        let plain = invocation("shop.yaml");
        assert_eq!(plain.command("check", &[]), "galactl check shop.yaml --templates 'my templates'");
        assert_eq!(plain.command("explain", &["db 1".into()]), "galactl explain shop.yaml 'db 1'");
        assert_eq!(invocation("-x").command("recover", &[]), "galactl recover ./-x");
        assert_eq!(invocation("-").command("recover", &[]), "galactl recover -");
    }

    #[test]
    fn a_path_of_the_inventory_is_one_from_here() {
        assert_eq!(invocation("our clusters/shop.yaml").path("keys/id"), "'our clusters/keys/id'");
        assert_eq!(invocation("shop.yaml").path("keys/id"), "keys/id");
        assert_eq!(invocation("/srv/shop.yaml").path("/etc/key"), "/etc/key");
        assert_eq!(invocation("/srv/shop.yaml").path("~/.ssh/my key"), "~/'.ssh/my key'");
    }

    #[test]
    fn places_are_filled_where_they_stand() {
        let text = "galactl check {inventory} tries; then galactl recover {inventory}, or edit {inventory}";
        assert_eq!(
            invocation("a b").fill(text),
            "galactl check 'a b' --templates 'my templates' tries; then galactl recover 'a b', or edit 'a b'"
        );
        assert_eq!(Invocation::later().command("check", &[]), "galactl check {inventory}");
    }
}
