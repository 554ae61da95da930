//! Every `labyard …` that a document, the page or a program of ours shows is one that the parser takes.

#![allow(clippy::unwrap_used)]

use std::{fs, path::Path, process::Command};

use clap::{CommandFactory, Parser, error::ErrorKind};

use crate::command::Cli;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The repository's files of these names, each with its text.
fn files(names: &[&str]) -> Vec<(String, String)> {
    let listed = Command::new("git")
        .arg("ls-files")
        .args(names)
        .current_dir(root())
        .output()
        .unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    listed
        .lines()
        .filter_map(|file| Some((file.to_owned(), fs::read_to_string(root().join(file)).ok()?)))
        .collect()
}

/// The words of each call in a line of shell: up to what ends a command there.
fn calls(line: &str) -> Vec<Vec<String>> {
    let mut calls = Vec::new();
    let line = line.replace(".labyard/bin/labyard", "labyard");
    let mut rest = line.as_str();
    while let Some(at) = rest.find("labyard ") {
        let begins = rest[..at].trim_end();
        let is_word = at == 0 || rest[..at].ends_with([' ', '(', '"', '\'', '`']);
        rest = &rest[at..];
        let ends = ["&&", "||", "|", ";", ">", "<", " #", ")"];
        let found = ends.iter().flat_map(|end| rest.match_indices(end));
        let mut ends: Vec<usize> = found.map(|(end, _)| end).collect();
        ends.sort_unstable();
        ends.push(rest.len());
        let is_command = begins.is_empty()
            || begins.ends_with("run:")
            || begins.ends_with("&&")
            || begins.ends_with(['|', ';', '(', '=', '$']);
        if is_word && is_command {
            // Within quotes there is no end: they would be left open.
            let words = |end: usize| shell_words::split(&rest[..end]).ok();
            calls.push(ends.into_iter().find_map(words).unwrap());
        }
        rest = &rest["labyard ".len()..];
    }
    calls
}

/// The lines of fenced blocks, and the spans of code elsewhere.
fn code(markdown: &str) -> (Vec<String>, Vec<String>) {
    let (mut blocks, mut text, mut inside) = (Vec::new(), String::new(), false);
    for line in markdown.lines() {
        match (line.trim_start().starts_with("```"), inside) {
            (true, _) => inside = !inside,
            (false, true) => blocks.push(line.to_owned()),
            (false, false) => {
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    let spans = text.split('`').skip(1).step_by(2);
    (blocks, spans.map(|span| span.replace('\n', " ")).collect())
}

/// What stands for something else in a document.
fn is_placeholder(words: &[String]) -> bool {
    words.iter().any(|word| word.contains('…'))
}

#[test]
fn each_line_of_a_document_is_taken_by_the_parser() {
    let mut checked = 0;
    for (file, text) in files(&["*.md"]) {
        let (blocks, _) = code(&text);
        for words in blocks.iter().flat_map(|line| calls(line)) {
            checked += 1;
            match Cli::try_parse_from(&words) {
                Err(error)
                    if error.kind() == ErrorKind::ValueValidation && is_placeholder(&words) => {}
                Err(error) => panic!("{file}: {words:?}\n{error}"),
                Ok(_) => {}
            }
        }
    }
    assert!(checked >= 10, "only {checked} lines");
}

/// `labyard cluster start|stop` are two.
fn each_way(span: &str) -> Vec<Vec<String>> {
    let words: Vec<&str> = span.split_whitespace().collect();
    let Some(at) = words.iter().position(|word| word.contains('|')) else {
        return vec![words.into_iter().map(str::to_owned).collect()];
    };
    words[at]
        .split('|')
        .map(|way| {
            let mut words = words.clone();
            words[at] = way;
            words.into_iter().map(str::to_owned).collect()
        })
        .collect()
}

/// A mention may leave arguments out; verbs and options in it are there.
fn check_mention(place: &str, words: &[String]) {
    let mut command = Cli::command();
    command.build();
    let mut command = &command;
    for word in &words[1..] {
        if word == "--" {
            return;
        }
        let word = word.trim_end_matches(['.', ',', ':', ')', '"', '\'', '\\']);
        if let Some(option) = word.strip_prefix("--") {
            let name = option.split('=').next().unwrap();
            let known = |argument: &clap::Arg| argument.get_long() == Some(name);
            assert!(
                name == "help" || command.get_arguments().any(known),
                "{place}: {words:?} has no --{name}"
            );
        } else if command.has_subcommands() {
            let is_verb =
                !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '-');
            match command.find_subcommand(word) {
                Some(verb) => command = verb,
                // A noun alone, and what follows it in the sentence.
                None if command.get_name() != "labyard" || !is_verb => return,
                None => panic!("{place}: {words:?} is no verb"),
            }
        } else {
            return check_options(place, command, words);
        }
    }
}

fn check_options(place: &str, command: &clap::Command, words: &[String]) {
    for word in words.iter().take_while(|word| *word != "--") {
        let word = word.trim_end_matches(['.', ',', ':', ')', '"', '\'', '\\']);
        if let Some(name) = word.strip_prefix("--") {
            let name = name.split('=').next().unwrap_or(name);
            let known = |argument: &clap::Arg| argument.get_long() == Some(name);
            assert!(
                name == "help" || command.get_arguments().any(known),
                "{place}: {words:?} has no --{name}"
            );
        }
    }
}

#[test]
fn each_mention_in_a_document_is_of_a_verb_that_there_is() {
    let mut checked = 0;
    // What a pod answers is no call.
    for (file, text) in files(&["*.md", ":!deploy/node-image"]) {
        let (_, spans) = code(&text);
        for span in spans.iter().filter(|span| span.starts_with("labyard ")) {
            for words in each_way(span) {
                checked += 1;
                check_mention(&file, &words);
            }
        }
    }
    assert!(checked >= 10, "only {checked} mentions");
}

/// Advice is a line of its own to whoever reads it: "Log in: labyard auth login".
#[test]
fn each_command_that_a_program_advises_is_one_that_there_is() {
    let mut checked = 0;
    for (file, text) in files(&[
        "crates/*.rs",
        "services/*.rs",
        "services/dashboard/src/*.tsx",
    ]) {
        if file.ends_with("documents.rs") || file.contains("/tests") {
            continue;
        }
        for line in text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
        {
            for advice in [
                ": labyard ",
                "See labyard ",
                "see labyard ",
                ">labyard ",
                "`labyard ",
            ] {
                let Some((_, rest)) = line.split_once(advice) else {
                    continue;
                };
                let rest = rest.split(['`', '<', ';']).next().unwrap();
                let words: Vec<String> = std::iter::once("labyard")
                    .chain(rest.split_whitespace())
                    .map(str::to_owned)
                    .collect();
                checked += 1;
                check_mention(&file, &words);
            }
        }
    }
    assert!(checked >= 20, "only {checked} pieces of advice");
}
