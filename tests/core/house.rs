//! Which file of the source names which: paths as the compiler reads them, whatever way they are written.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// From a file or room to those that it names.
pub type Graph = BTreeMap<String, BTreeSet<String>>;

/// A module: its path below the crate, and what its file says.
struct Module {
    path: Vec<String>,
    names: BTreeSet<Vec<String>>,
    /// Of `pub use file::{Name}`: which module a name is from.
    exports: BTreeMap<String, Vec<String>>,
}

/// All modules of a crate, by their paths joined by `/`.
pub struct House {
    modules: BTreeMap<String, Module>,
}

impl House {
    /// Reads every file below `root`, the crate's `src`.
    pub fn read(root: &Path) -> Self {
        let mut modules = BTreeMap::new();
        let mut folders = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|it| it == "rs") {
                    let own = module_path(path.strip_prefix(root).unwrap());
                    modules.insert(own.join("/"), Module::read(own, &fs::read_to_string(path).unwrap()));
                }
            }
        }
        Self { modules }
    }

    /// Pairs of modules of which the first names the second.
    pub fn edges(&self) -> impl Iterator<Item = (&str, &str)> {
        self.modules.iter().flat_map(|(from, module)| {
            let named = module.names.iter().filter_map(|path| self.home_of(path));
            named.filter(move |to| to != from).map(move |to| (from.as_str(), to))
        })
    }

    /// The graph of files. A folder's own file only declares and hands on, so it is no part of it.
    pub fn files(&self) -> Graph {
        let is_folder = |module: &str| self.modules.keys().any(|it| it.starts_with(&format!("{module}/")));
        self.graph(|module| (!module.is_empty() && !is_folder(module)).then(|| module.to_owned()))
    }

    /// The graph of rooms: folders of the kernel, of an engine, or of the crate.
    pub fn rooms(&self) -> Graph {
        self.graph(|module| {
            let mut words = module.split('/');
            let (first, second) = (words.next()?, words.next());
            match (first, second) {
                ("" | "main" | "lib", _)
                | ("kernel" | "postgresql" | "galera" | "patroni" | "mesh", None) => None,
                // A role has a part of every room, each on the floor of that room.
                ("galera", Some("garbd" | "health" | "monitoring" | "proxy" | "tls"))
                | ("patroni", Some("proxy")) => Some(module.to_owned()),
                ("kernel" | "postgresql" | "galera" | "patroni" | "mesh", Some(room)) => {
                    Some(format!("{first}/{room}"))
                }
                _ => Some(first.to_owned()),
            }
        })
    }

    fn graph(&self, node: impl Fn(&str) -> Option<String>) -> Graph {
        let mut graph = Graph::new();
        for (from, to) in self.edges() {
            let (Some(from), Some(to)) = (node(from), node(to)) else { continue };
            if from != to {
                graph.entry(from).or_default().insert(to);
            }
        }
        graph
    }

    /// The module in which the last name of a path is written.
    fn home_of(&self, path: &[String]) -> Option<&str> {
        let depth =
            (0..=path.len()).rev().find(|depth| self.modules.contains_key(&path[..*depth].join("/")))?;
        let (key, module) = self.modules.get_key_value(&path[..depth].join("/"))?;
        let handed_on = path.get(depth).and_then(|name| module.exports.get(name));
        let handed_on = handed_on.filter(|source| source[..] != path[..depth]);
        match handed_on {
            Some(source) => {
                let path: Vec<_> = source.iter().chain(&path[depth..]).cloned().collect();
                self.home_of(&path)
            }
            None => Some(key),
        }
    }
}

impl Module {
    fn read(path: Vec<String>, source: &str) -> Self {
        let tokens: TokenStream = source.parse().expect("the source is Rust");
        let mut module = Self { path, names: BTreeSet::new(), exports: BTreeMap::new() };
        module.walk(&without_tests(tokens));
        module
    }

    fn walk(&mut self, tokens: &[TokenTree]) {
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            let after_path = ends_with_colons(&tokens[..at]);
            match token {
                TokenTree::Group(group) => self.walk(&group.stream().into_iter().collect::<Vec<_>>()),
                TokenTree::Ident(word) if !after_path && word == "pub" && is_use(tokens, at) => {
                    self.hands_on(&tokens[at..]);
                }
                TokenTree::Ident(word) if !after_path => {
                    if let Some(base) = self.base(&word.to_string()) {
                        self.paths(base, &tokens[at + 1..]);
                    }
                }
                _ => {}
            }
            at += 1;
        }
    }

    /// Where a path that begins with this word starts.
    fn base(&self, word: &str) -> Option<Vec<String>> {
        match word {
            "crate" => Some(Vec::new()),
            "self" => Some(self.path.clone()),
            "super" => Some(self.path[..self.path.len().saturating_sub(1)].to_vec()),
            "kernel" | "postgresql" | "galera" | "patroni" | "mesh" | "ui" | "cli" => {
                Some(vec![word.to_owned()])
            }
            _ => None,
        }
    }

    /// Every path that begins at `base` and goes on with these tokens; a brace parts it into several.
    fn paths(&mut self, base: Vec<String>, rest: &[TokenTree]) {
        let mut path = base;
        let mut rest = rest;
        while let Some(next) = after_colons(rest) {
            match &next[0] {
                TokenTree::Ident(word) if word == "super" => drop(path.pop()),
                TokenTree::Ident(word) if word == "self" => {}
                TokenTree::Ident(word) => path.push(word.to_string()),
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                    let tokens: Vec<_> = group.stream().into_iter().collect();
                    for part in tokens.split(is_comma) {
                        self.part(&path, part);
                    }
                    return;
                }
                _ => break,
            }
            rest = &next[1..];
        }
        self.names.insert(path);
    }

    fn part(&mut self, path: &[String], part: &[TokenTree]) {
        let Some(TokenTree::Ident(word)) = part.first() else { return };
        let mut path = path.to_vec();
        match word.to_string().as_str() {
            "self" => {}
            "super" => drop(path.pop()),
            word => path.push(word.to_owned()),
        }
        self.paths(path, &part[1..]);
    }

    /// `pub use a::{B, C}` in a folder's file: the names come from its module `a`.
    fn hands_on(&mut self, tokens: &[TokenTree]) {
        let end = tokens.iter().position(is_semicolon).unwrap_or(tokens.len());
        let at = tokens.iter().position(|it| matches!(it, TokenTree::Ident(word) if word == "use"));
        let Some(TokenTree::Ident(first)) = at.and_then(|at| tokens.get(at + 1)) else { return };
        let from = self
            .base(&first.to_string())
            .unwrap_or_else(|| self.path.iter().cloned().chain([first.to_string()]).collect());
        let mut inner = Self { path: self.path.clone(), names: BTreeSet::new(), exports: BTreeMap::new() };
        inner.paths(from, &tokens[at.unwrap_or_default() + 2..end]);
        for path in inner.names {
            let Some((name, module)) = path.split_last() else { continue };
            self.exports.insert(name.clone(), module.to_vec());
        }
    }
}

/// Groups of nodes that need each other.
pub fn circles(graph: &Graph) -> Vec<Vec<String>> {
    let reach: BTreeMap<&String, BTreeSet<&String>> =
        graph.keys().map(|node| (node, reached(graph, node))).collect();
    let mutual =
        |a: &String, b: &String| reach[a].contains(b) && reach.get(b).is_some_and(|it| it.contains(a));
    let mut found: Vec<Vec<String>> = Vec::new();
    for node in graph.keys().filter(|node| reach[node].contains(node)) {
        if found.iter().all(|circle| !circle.contains(node)) {
            found.push(graph.keys().filter(|other| mutual(node, other)).cloned().collect());
        }
    }
    found
}

fn reached<'a>(graph: &'a Graph, from: &'a String) -> BTreeSet<&'a String> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from];
    while let Some(node) = open.pop() {
        for next in graph.get(node).into_iter().flatten() {
            if reached.insert(next) {
                open.push(next);
            }
        }
    }
    reached
}

fn module_path(file: &Path) -> Vec<String> {
    let words: Vec<_> = file.with_extension("").iter().map(|it| it.to_string_lossy().into_owned()).collect();
    let last = words.last().map(String::as_str);
    let keep = words.len() - usize::from(matches!(last, Some("mod" | "lib" | "main")));
    words[..keep].to_vec()
}

/// The tokens without items that are for tests only.
fn without_tests(tokens: TokenStream) -> Vec<TokenTree> {
    let mut kept: Vec<TokenTree> = Vec::new();
    let mut skipping = false;
    for token in tokens {
        let is_end = is_semicolon(&token)
            || matches!(&token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
        let is_test =
            matches!(&token, TokenTree::Group(group) if group.to_string().replace(' ', "") == "[cfg(test)]");
        match (is_test, skipping) {
            (true, _) => {
                kept.pop();
                skipping = true;
            }
            (false, true) => skipping = !is_end,
            (false, false) => kept.push(token),
        }
    }
    kept
}

fn is_comma(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(it) if it.as_char() == ',')
}

fn is_semicolon(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(it) if it.as_char() == ';')
}

fn is_colon(token: Option<&TokenTree>) -> bool {
    matches!(token, Some(TokenTree::Punct(it)) if it.as_char() == ':')
}

fn ends_with_colons(tokens: &[TokenTree]) -> bool {
    let last = tokens.len();
    last >= 2 && is_colon(tokens.get(last - 1)) && is_colon(tokens.get(last - 2))
}

fn after_colons(tokens: &[TokenTree]) -> Option<&[TokenTree]> {
    (is_colon(tokens.first()) && is_colon(tokens.get(1)) && tokens.len() > 2).then(|| &tokens[2..])
}

/// `pub use` or `pub(super) use`.
fn is_use(tokens: &[TokenTree], at: usize) -> bool {
    let mut next = tokens[at + 1..].iter().filter(|it| !matches!(it, TokenTree::Group(_)));
    matches!(next.next(), Some(TokenTree::Ident(word)) if word == "use")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(own: &str, source: &str) -> Vec<String> {
        let path = own.split('/').map(str::to_owned).collect();
        Module::read(path, source).names.iter().map(|path| path.join("/")).collect()
    }

    #[test]
    fn a_path_is_found_however_it_is_written() {
        assert_eq!(
            named("a/b", "use crate::{exec::run, model::{X, y::Z}};"),
            ["exec/run", "model/X", "model/y/Z"]
        );
        assert_eq!(named("a/b/c", "fn f() { super::super::exec::run(1) }"), ["a/exec/run"]);
        assert_eq!(named("a/b", "fn f() { format!(\"{}\", crate::exec::NAME) }"), ["exec/NAME"]);
        assert_eq!(
            named("a", "use crate::kernel; fn f() { kernel::run::go() }"),
            ["kernel", "kernel/run/go"]
        );
        assert_eq!(named("a", "#[cfg(test)] mod tests { use crate::exec; } // crate::other"), [""; 0]);
    }

    #[test]
    fn a_circle_is_found() {
        let edge =
            |from: &str, to: &[&str]| (from.to_owned(), to.iter().map(|it| (*it).to_owned()).collect());
        let graph =
            Graph::from([edge("a", &["b"]), edge("b", &["c"]), edge("c", &["a", "d"]), edge("d", &[])]);
        assert_eq!(circles(&graph), [["a", "b", "c"]]);
        assert!(circles(&Graph::from([edge("a", &["b"]), edge("b", &["c"])])).is_empty());
    }
}
