//! Modules use each other one way: no file of a crate uses one that uses it, whatever lies between them, and neither do the
//! areas of a crate. In the api-gateway a noun's rules know no requests, and its SQL no rules. Read from the sources' tokens: `use`,
//! `pub use` and paths in code; tests are left out.
#![allow(clippy::unwrap_used)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A module by the names that lead to it from the crate's root.
type Module = Vec<String>;

/// Where a crate's sources stand.
const ROOTS: [&str; 2] = ["crates", "services"];

/// What a file says.
#[derive(Default)]
struct Said {
    /// Names that a `use` gives to paths.
    names: BTreeMap<String, Vec<String>>,
    /// Every path, those of `use` among them.
    paths: Vec<Vec<String>>,
    /// Modules that are there for tests alone.
    tests: Vec<String>,
}

/// Collects what a stream of tokens says; `depth` modules are open within the file.
fn read(tokens: TokenStream, depth: usize, said: &mut Said) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        match token {
            TokenTree::Punct(punct)
                if punct.as_char() == '#' && is_for_tests(tokens.get(at + 1)) =>
            {
                at = item_end(&tokens, at + 2, said);
                continue;
            }
            TokenTree::Ident(word) if *word == "use" => {
                let end = tokens[at..].iter().position(|token| is(token, ';'));
                let end = at + end.unwrap_or(tokens.len() - at);
                used(&tokens[at + 1..end], &[], depth, said);
                at = end;
                continue;
            }
            TokenTree::Ident(word) if *word == "mod" => {
                if let Some(TokenTree::Group(inside)) = tokens.get(at + 2) {
                    read(inside.stream(), depth + 1, said);
                    at += 3;
                    continue;
                }
            }
            // `pub(crate)` and `pub(in …)` name no path.
            TokenTree::Ident(word) if *word == "pub" => {
                if let Some(TokenTree::Group(inside)) = tokens.get(at + 1)
                    && inside.delimiter() == Delimiter::Parenthesis
                    && inside.stream().to_string().starts_with(['c', 's', 'i'])
                {
                    at += 2;
                    continue;
                }
            }
            TokenTree::Ident(_) => {
                let path = path(&tokens[at..]);
                let length = path.len();
                if length > 1 {
                    said.paths.push(outside(path, depth));
                }
                at += 3 * length - 2;
                continue;
            }
            TokenTree::Group(inside) => read(inside.stream(), depth, said),
            _ => {}
        }
        at += 1;
    }
}

fn is(token: &TokenTree, char: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == char)
}

fn is_for_tests(attribute: Option<&TokenTree>) -> bool {
    let Some(TokenTree::Group(group)) = attribute else {
        return false;
    };
    let text = group.stream().to_string().replace(' ', "");
    text.starts_with("cfg(test)") || text.starts_with("cfg(all(test")
}

/// Where an item ends that is for tests alone.
fn item_end(tokens: &[TokenTree], from: usize, said: &mut Said) -> usize {
    for (at, token) in tokens.iter().enumerate().skip(from) {
        if is(token, ';') {
            if let (Some(TokenTree::Ident(word)), Some(TokenTree::Ident(name))) =
                (tokens.get(at - 2), tokens.get(at - 1))
                && *word == "mod"
            {
                said.tests.push(name.to_string());
            }
            return at + 1;
        }
        if matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace) {
            return at + 1;
        }
    }
    tokens.len()
}

/// The words of a path that tokens begin with.
fn path(tokens: &[TokenTree]) -> Vec<String> {
    let mut path = Vec::new();
    let mut at = 0;
    while let Some(TokenTree::Ident(word)) = tokens.get(at) {
        path.push(word.to_string());
        let goes_on = tokens.get(at + 1).is_some_and(|token| is(token, ':'))
            && tokens.get(at + 2).is_some_and(|token| is(token, ':'))
            && matches!(tokens.get(at + 3), Some(TokenTree::Ident(_)));
        if !goes_on {
            break;
        }
        at += 3;
    }
    path
}

/// A path as its file would say it: each inner module takes one `super`.
fn outside(mut path: Vec<String>, depth: usize) -> Vec<String> {
    for _ in 0..depth {
        match path.first().map(String::as_str) {
            Some("super") if path.get(1).is_some_and(|next| next == "super") => {
                path.remove(0);
            }
            Some("super") => "self".clone_into(&mut path[0]),
            _ => {}
        }
    }
    path
}

/// The leaves of a `use`.
fn used(tokens: &[TokenTree], begun: &[String], depth: usize, said: &mut Said) {
    let mut parts = tokens
        .split(|token| is(token, ','))
        .filter(|part| !part.is_empty());
    let all: Vec<_> = parts.by_ref().collect();
    for part in all {
        let mut path = begun.to_vec();
        let mut name = None;
        let mut words = part.iter().peekable();
        let mut inner = false;
        while let Some(token) = words.next() {
            match token {
                TokenTree::Ident(word) if *word == "as" => {
                    name = words.next().map(ToString::to_string);
                }
                TokenTree::Ident(word) if *word == "self" && !path.is_empty() => {}
                TokenTree::Ident(word) => path.push(word.to_string()),
                TokenTree::Group(group) => {
                    let group: Vec<TokenTree> = group.stream().into_iter().collect();
                    used(&group, &path, depth, said);
                    inner = true;
                }
                _ => {}
            }
        }
        if !inner && let Some(last) = path.last() {
            let name = name.unwrap_or_else(|| last.clone());
            let path = outside(path, depth);
            said.names.insert(name, path.clone());
            said.paths.push(path);
        }
    }
}

/// The modules of a crate, each with what its file says.
fn modules(source: &Path) -> BTreeMap<Module, Said> {
    let mut modules = BTreeMap::new();
    let mut folders = vec![source.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let named = path.strip_prefix(source).unwrap().with_extension("");
            let mut module: Module = named
                .iter()
                .map(|part| part.to_str().unwrap().to_owned())
                .collect();
            if module.last().is_some_and(|last| last == "mod") {
                module.pop();
            }
            if module == ["lib"] || (module == ["main"] && !source.join("lib.rs").exists()) {
                module.clear();
            }
            let tokens = fs::read_to_string(&path).unwrap().parse().unwrap();
            let mut said = Said::default();
            read(tokens, 0, &mut said);
            modules.insert(module, said);
        }
    }
    let tests: Vec<Module> = modules
        .iter()
        .flat_map(|(module, said)| {
            let inside = |name: &String| [module.as_slice(), std::slice::from_ref(name)].concat();
            said.tests.iter().map(inside).collect::<Vec<_>>()
        })
        .collect();
    modules.retain(|module, _| !tests.iter().any(|test| module.starts_with(test)));
    modules
}

/// The module that a path of `module` leads into, and whether it names the module alone.
fn leads(
    modules: &BTreeMap<Module, Said>,
    module: &Module,
    path: &[String],
    hops: u32,
) -> Option<(Module, bool)> {
    let first = path.first()?;
    let whole = match first.as_str() {
        "crate" => path[1..].to_vec(),
        "self" => [module.as_slice(), &path[1..]].concat(),
        "super" => {
            let ups = path.iter().take_while(|part| *part == "super").count();
            let kept = module.len().checked_sub(ups)?;
            [&module[..kept], &path[ups..]].concat()
        }
        _ => {
            let child = [module.as_slice(), std::slice::from_ref(first)].concat();
            if modules.contains_key(&child) {
                [module.as_slice(), path].concat()
            } else {
                let named = modules.get(module)?.names.get(first)?;
                if hops == 0 || named.first() == Some(first) {
                    return None;
                }
                let path = [named.as_slice(), &path[1..]].concat();
                return leads(modules, module, &path, hops - 1);
            }
        }
    };
    (0..=whole.len())
        .rev()
        .map(|length| (whole[..length].to_vec(), length == whole.len()))
        .find(|(module, _)| modules.contains_key(module))
}

type Edges = BTreeMap<Module, BTreeSet<Module>>;

/// Which module uses which. That one is named by a `use` says nothing yet: what is named through it does.
fn edges(modules: &BTreeMap<Module, Said>) -> Edges {
    let mut edges = Edges::new();
    for (module, said) in modules {
        let led = said
            .paths
            .iter()
            .filter_map(|path| leads(modules, module, path, 4));
        for (other, alone) in led {
            if other != *module && !alone {
                edges.entry(module.clone()).or_default().insert(other);
            }
        }
    }
    edges
}

/// A walk that comes back to where it began, if there is one.
fn circle(edges: &Edges) -> Option<Vec<Module>> {
    let mut done = BTreeSet::new();
    for start in edges.keys() {
        let mut walk = vec![(start.clone(), edges[start].iter())];
        while let Some((_, next)) = walk.last_mut() {
            let Some(next) = next.next() else {
                done.insert(walk.pop().unwrap().0);
                continue;
            };
            if let Some(at) = walk.iter().position(|(module, _)| module == next) {
                return Some(
                    walk[at..]
                        .iter()
                        .map(|(module, _)| module.clone())
                        .collect(),
                );
            }
            if !done.contains(next)
                && let Some(further) = edges.get(next)
            {
                walk.push((next.clone(), further.iter()));
            }
        }
    }
    None
}

/// The same between what stands at the top of the crate. Its root puts together what they hand out.
fn between_areas(edges: &Edges) -> Edges {
    let mut areas = Edges::new();
    for (from, to) in edges {
        for to in to {
            if let (Some(from), Some(to)) = (from.first(), to.first())
                && from != to
            {
                areas
                    .entry(vec![from.clone()])
                    .or_default()
                    .insert(vec![to.clone()]);
            }
        }
    }
    areas
}

fn shown(walk: &[Module]) -> String {
    let names: Vec<String> = walk.iter().map(|module| module.join("::")).collect();
    names.join(" → ")
}

#[test]
fn no_module_uses_one_that_uses_it() {
    let mut crates = 0;
    let mut circles = Vec::new();
    for root in ROOTS {
        for entry in fs::read_dir(testkit::root().join(root)).unwrap() {
            let source = entry.unwrap().path().join("src");
            if !source.join("lib.rs").exists() && !source.join("main.rs").exists() {
                continue;
            }
            crates += 1;
            let name = source
                .parent()
                .unwrap()
                .file_name()
                .unwrap()
                .display()
                .to_string();
            let edges = edges(&modules(&source));
            let files = circle(&edges).map(|walk| format!("{name}: {}", shown(&walk)));
            let areas = circle(&between_areas(&edges));
            let areas = areas.map(|walk| format!("{name}, its areas: {}", shown(&walk)));
            circles.extend(files.into_iter().chain(areas));
        }
    }
    assert!(crates > 10, "only {crates} crates were found");
    assert!(circles.is_empty(), "{circles:#?}");
}

#[test]
fn in_a_noun_requests_use_rules_and_rules_use_sql() {
    let layer = |module: &Module| match module.last().map(String::as_str) {
        Some("sql") => 0,
        Some("http") => 2,
        _ => 1,
    };
    let modules = modules(&testkit::root().join("services/api-gateway/src"));
    let edges = edges(&modules);
    let nouns = |module: &Module| module.len() > 1 && !module.starts_with(&["kernel".into()]);
    let mut seen = 0;
    for (from, to) in edges.iter().filter(|(from, _)| nouns(from)) {
        for to in to.iter().filter(|to| nouns(to)) {
            seen += 1;
            let (upper, lower) = (layer(from), layer(to));
            let (from, to) = (from.join("::"), to.join("::"));
            assert!(lower < 2, "{from} uses requests: {to}");
            assert!(
                upper > 0 || lower == 0,
                "{from} is SQL and uses rules: {to}"
            );
        }
    }
    assert!(seen > 100, "only {seen} uses were found");
}

#[test]
fn a_walk_back_is_found() {
    let mut modules = BTreeMap::new();
    for (module, text) in [
        (
            vec!["a"],
            "use crate::b::{self, Thing}; fn f() { b::c::g() }",
        ),
        (vec!["b"], "pub use self::c::Thing; pub mod c;"),
        (
            vec!["b", "c"],
            "#[cfg(test)] mod tests { use crate::a; } fn g() { crate::d::h() }",
        ),
        (
            vec!["d"],
            "use super::a; mod inner { use super::super::a::f; }",
        ),
    ] {
        let mut said = Said::default();
        read(text.parse().unwrap(), 0, &mut said);
        let module: Module = module.into_iter().map(str::to_owned).collect();
        modules.insert(module, said);
    }
    let walk = circle(&edges(&modules)).unwrap();
    assert_eq!(shown(&walk), "a → b → b::c → d");
}
