//! What README.md shows is what happens: the last step of its pipeline, as it stands there.

use std::{env, path::Path};

use e2e::command::{self, kubectl_program};

use crate::cli::somebody;

const README: &str = include_str!("../../../README.md");

/// The words of the one step that borrows a cluster, up to the script that a shell reads.
fn script() -> &'static str {
    let steps = README.lines().filter_map(|line| {
        let line = line.trim().strip_prefix("- run: labyard with -- sh -c '")?;
        line.strip_suffix('\'')
    });
    let steps: Vec<_> = steps.collect();
    assert_eq!(steps.len(), 1, "README.md has one such step: {steps:?}");
    steps[0]
}

#[tokio::test]
async fn the_pipeline_of_the_readme_runs() {
    let eli = somebody("readme").await;
    let kubectl = kubectl_program();
    let own = kubectl.parent().unwrap_or(Path::new(""));
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(own.to_owned()).chain(env::split_paths(&path));
    let path = env::join_paths(folders.filter(|folder| !folder.as_os_str().is_empty())).unwrap();
    let said = command::run(
        eli.labyard_command(&["with", "--", "sh", "-c", script()])
            .env("PATH", path),
    );
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.contains("greeting"), "{said:?}");
}
