//! The book's pages, and every link between the documents: a page that nobody finds, or a link that
//! leads nowhere, fails here. The pages are read as Markdown by pulldown-cmark, as mdBook reads them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
/// What of a page can be wrong.
#[derive(Debug, Default, PartialEq, Eq)]
struct Page {
    /// Links as they are written, those to other sites left out.
    links: Vec<String>,
    /// Headings, as a link's `#` names them.
    anchors: BTreeSet<String>,
}

/// The anchor that mdBook and the forges give to a heading: lower case, a dash for each space, nothing of
/// the punctuation but dashes and underscores.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

fn page(text: &str) -> Page {
    let mut page = Page::default();
    let mut heading: Option<String> = None;
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => page.anchors.extend(heading.take().map(|text| anchor(&text))),
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                page.links.extend(Some(dest_url.into_string()).filter(|link| !link.contains("://")));
            }
            Event::Text(text) | Event::Code(text) => {
                if let Some(heading) = heading.as_mut() {
                    heading.push_str(&text);
                }
            }
            _ => {}
        }
    }
    page
}

/// Why the link on the page at this path leads nowhere, if it does. Paths are relative to `root`.
fn broken(root: &Path, at: &Path, link: &str) -> Option<String> {
    let (file, wanted) = link.split_once('#').map_or((link, None), |(file, wanted)| (file, Some(wanted)));
    let target =
        if file.is_empty() { at.to_owned() } else { without_dots(&at.with_file_name("").join(file)) };
    if !root.join(&target).exists() {
        return Some(format!("there is no {}", target.display()));
    }
    if at.starts_with("docs") && at.file_name() != Some("SUMMARY.md".as_ref()) && file.ends_with("README.md")
    {
        return Some("mdBook calls it index.html: link to its directory".to_owned());
    }
    let wanted = wanted?;
    let text = fs::read_to_string(root.join(&target)).unwrap_or_default();
    let is_there = page(&text).anchors.contains(wanted);
    (!is_there).then(|| format!("{} has no heading #{wanted}", target.display()))
}

/// The path without `.` and `..`. One that leaves the repository keeps a `..`, and is not there.
fn without_dots(path: &Path) -> PathBuf {
    let mut short = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir if short.file_name().is_some() => drop(short.pop()),
            Component::CurDir => {}
            part => short.push(part),
        }
    }
    short
}

/// Files and folders in a folder, all relative to the repository.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(Path::new(ROOT).join(folder)).expect("a folder");
    entries.map(|entry| folder.join(entry.expect("an entry").file_name())).collect()
}

fn is_markdown(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "md")
}

/// The Markdown files below a folder, in order of their paths.
fn markdown_under(folder: &Path) -> Vec<PathBuf> {
    let (folders, files): (Vec<_>, Vec<_>) =
        entries(folder).into_iter().partition(|path| Path::new(ROOT).join(path).is_dir());
    let mut found: Vec<_> = files.into_iter().filter(|path| is_markdown(path)).collect();
    found.extend(folders.iter().flat_map(|folder| markdown_under(folder)));
    found.sort();
    found
}

fn read(path: &Path) -> String {
    fs::read_to_string(Path::new(ROOT).join(path)).expect("a document")
}

#[test]
fn every_link_leads_somewhere() {
    let mut documents: Vec<_> = entries(Path::new("")).into_iter().filter(|path| is_markdown(path)).collect();
    documents.extend(["docs", "examples", "lab"].iter().flat_map(|folder| markdown_under(Path::new(folder))));
    assert!(documents.contains(&PathBuf::from("README.md")), "{documents:?}");
    let mut wrong = Vec::new();
    for at in &documents {
        for link in page(&read(at)).links {
            let why = broken(Path::new(ROOT), at, &link);
            wrong.extend(why.map(|why| format!("{}: {link}: {why}", at.display())));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_book_has_every_page_once() {
    let mut listed = page(&read(Path::new("docs/SUMMARY.md"))).links;
    let pages = markdown_under(Path::new("docs")).into_iter().filter(|page| !page.ends_with("SUMMARY.md"));
    let below_docs = |page: PathBuf| page.strip_prefix("docs").expect("docs").display().to_string();
    let mut pages: Vec<_> = pages.map(below_docs).collect();
    listed.sort();
    pages.sort();
    assert_eq!(listed, pages, "docs/SUMMARY.md (left) and the pages under docs (right)");
}

#[test]
fn headings_and_links_are_read_as_they_are_shown() {
    let text = "# One `run` at a time!\n\n[a](b.md#c) [d](https://example.org) ![e](f.png)\n\n```\n# no\n[g](h)\n```\n";
    let wanted = Page {
        links: vec!["b.md#c".to_owned(), "f.png".to_owned()],
        anchors: BTreeSet::from(["one-run-at-a-time".to_owned()]),
    };
    assert_eq!(page(text), wanted);
}

#[test]
fn each_kind_of_broken_link_is_found() {
    let root = tempfile::tempdir().expect("a directory");
    fs::create_dir_all(root.path().join("docs/part")).expect("a directory");
    for (path, text) in [("docs/a.md", "# Here\n"), ("docs/part/README.md", "# Part\n"), ("README.md", "")] {
        fs::write(root.path().join(path), text).expect("a file");
    }
    let why = |at: &str, link: &str| broken(root.path(), Path::new(at), link);
    for link in ["a.md", "a.md#here", "#here", "part/", "./part/../a.md"] {
        assert_eq!(why("docs/a.md", link), None, "{link}");
    }
    for link in ["b.md", "a.md#there", "#there", "part/README.md", "../../a.md"] {
        assert!(why("docs/a.md", link).is_some(), "{link}");
    }
    assert_eq!(why("README.md", "docs/part/README.md"), None);
}
