//! Inventory and host paths → the text of a node's option file.

use serde::Serialize;
use tera::{Context, Tera};

use super::defaults;
use crate::galera::inventory::{Inventory, Node};
use crate::galera::model::{Distribution, Flavour, SST_PASSWORD, escape_into};
use crate::kernel::inventory::Settings;

/// The template's name; a directory given to [`Renderer::new`] may hold another of this name.
pub const TEMPLATE: &str = "galera.cnf";
const BUILT_IN: &str = include_str!("../../../templates/galera.cnf");

/// A template that cannot be used, or a value that cannot be rendered. The text says where.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct RenderError(String);

impl From<tera::Error> for RenderError {
    fn from(error: tera::Error) -> Self {
        let text = error.to_string();
        // The printer adds `error: ` itself.
        Self(text.strip_prefix("error: ").unwrap_or(&text).to_owned())
    }
}

/// Compiled templates.
pub struct Renderer(Tera);

#[derive(Serialize)]
struct View<'a> {
    flavour: Flavour,
    cluster: Cluster<'a>,
    node: Member<'a>,
    provider: Provider<'a>,
    sst: Sst<'a>,
    mysqld: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Cluster<'a> {
    name: &'a str,
    address: &'a str,
}

#[derive(Serialize)]
struct Member<'a> {
    name: &'a str,
    address: String,
}

#[derive(Serialize)]
struct Provider<'a> {
    library: &'a str,
    options: String,
}

#[derive(Serialize)]
struct Sst<'a> {
    method: &'static str,
    auth: Option<String>,
    options: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    name: &'a str,
    value: &'a str,
}

impl Renderer {
    /// Compiles the built-in template, or `text` in its place.
    pub fn new(text: Option<&str>) -> Result<Self, RenderError> {
        let mut tera = Tera::default();
        tera.set_escape_fn(escape_into);
        tera.autoescape_on(vec![".cnf"]);
        tera.add_raw_template(TEMPLATE, text.unwrap_or(BUILT_IN))?;
        Ok(Self(tera))
    }

    /// Renders a node's option file. Secrets stand in it as placeholders.
    ///
    /// `library` is the wsrep provider's path on this host, `address_list` the value of
    /// `wsrep_cluster_address`, which is one for all nodes.
    pub fn render(
        &self,
        inventory: &Inventory,
        node: &Node,
        library: &str,
        address_list: &str,
    ) -> Result<String, RenderError> {
        let distribution = Distribution::of(inventory.flavour);
        let mysqld = defaults::with_defaults(distribution, inventory, node);
        let sst = &inventory.sst;
        let auth =
            distribution.needs_sst_account(sst.method).then(|| format!("{}:{}", sst.user, SST_PASSWORD));
        let view = View {
            flavour: inventory.flavour,
            cluster: Cluster { name: inventory.cluster.as_str(), address: address_list },
            node: Member { name: node.name.as_str(), address: node.address.in_url() },
            provider: Provider { library, options: provider_options(node) },
            sst: Sst { method: distribution.sst_method(sst.method), auth, options: entries(&sst.options) },
            mysqld: entries(&mysqld),
        };
        Ok(self.0.render(TEMPLATE, &Context::from_serialize(&view)?)?)
    }
}

fn entries(settings: &Settings) -> Vec<Entry<'_>> {
    settings.iter().map(|(name, value)| Entry { name, value }).collect()
}

/// All provider options go into one line: if `wsrep_provider_options` were repeated, only the last line would count.
fn provider_options(node: &Node) -> String {
    let pairs: Vec<_> = node.provider_options.iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("; ")
}
