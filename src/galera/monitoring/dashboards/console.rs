//! The panels as a page that needs nothing but Prometheus, which serves it as one of its console templates.

use std::sync::LazyLock;

use serde::Serialize;

use super::panel::{CHOSEN, STATES, WINDOW};
use super::view::{PageView, pages};
use crate::galera::inventory::Inventory;
use crate::galera::monitoring::promql::equals;
use crate::galera::monitoring::scope::Scope;
use crate::kernel::templates::Templates;

const PAGE: &str = "console";

static TEMPLATES: LazyLock<Templates> =
    LazyLock::new(|| Templates::of(&[(PAGE, include_str!("../../../../templates/console.html"))]));

/// What the script of the page reads.
#[derive(Serialize)]
struct Content {
    cluster: String,
    chosen: &'static str,
    window: &'static str,
    states: [&'static str; 4],
    /// A query for the alerts that fire.
    alerts: String,
    pages: Vec<PageView>,
}

#[derive(Serialize)]
struct View {
    content: String,
}

/// The page. It is the same for all readers: what they choose stands in its address.
///
/// # Panics
///
/// Never: all keys are texts.
pub fn console(inventory: &Inventory) -> String {
    let content = Content {
        cluster: inventory.cluster.to_string(),
        chosen: CHOSEN,
        window: WINDOW,
        states: STATES,
        alerts: Scope::new(inventory).of_cluster("ALERTS", &[equals("alertstate", "firing")]),
        pages: pages(inventory),
    };
    let content = serde_json::to_string(&content).expect("keys are texts");
    TEMPLATES.render(PAGE, &View { content: in_page(&in_lines(&content)) })
}

/// A line for each page and each panel, so that a plan shows which of them change. In a text, the quotes have escapes.
fn in_lines(json: &str) -> String {
    ["name", "title"].iter().fold(json.to_owned(), |json, first| {
        let begins = format!("{{\"{first}\":");
        json.replace(&begins, &format!("\n{begins}"))
    })
}

/// JSON as it can stand in a script's element of a template: nothing in it ends the element, begins a comment or is an
/// action for Prometheus. These characters stand in texts alone, where JSON has escapes for them.
fn in_page(json: &str) -> String {
    json.replace('<', "\\u003c").replace("{{", "{\\u007b")
}

#[cfg(test)]
mod tests {
    use super::in_page;

    #[test]
    fn no_text_leaves_its_place() {
        let text = serde_json::json!({"a": {"b": "</script><!-- {{ .Params }} {{{"}}).to_string();
        let written = in_page(&text);
        assert!(!written.contains('<') && !written.contains("{{"), "{written}");
        let read: serde_json::Value = serde_json::from_str(&written).unwrap();
        assert_eq!(read["a"]["b"], "</script><!-- {{ .Params }} {{{");
    }
}
