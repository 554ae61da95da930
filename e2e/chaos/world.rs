//! What is left at the end: of the fake world, and what the product's own views say.

use std::{fs, path::PathBuf, process::Command, time::Duration};

use e2e::command::run;
use testkit::eventually;

/// # Panics
/// When anything is left over, or does not hold.
pub(crate) async fn at_rest(within: Duration) {
    let folder = PathBuf::from(std::env::var_os("LABYARD_FAKE_DIR").expect("LABYARD_FAKE_DIR"));
    eventually(within, || async {
        things(&folder).is_empty().then_some(())
    })
    .await;
    let stack = std::env::var_os("LABYARD_E2E_STACK").expect("LABYARD_E2E_STACK");
    eventually(within, || async {
        let said = run(Command::new(&stack).arg("doctor"));
        if said.code != 0 {
            println!("{}", said.out);
        }
        (said.code == 0).then_some(())
    })
    .await;
}

fn things(folder: &std::path::Path) -> Vec<String> {
    fs::read_dir(folder.join("things"))
        .unwrap()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}
