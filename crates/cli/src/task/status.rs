//! A task's status as people type it.

use domain::TaskStatus;

pub(super) fn parse(word: &str) -> Result<TaskStatus, String> {
    match TaskStatus::from_word(word) {
        TaskStatus::Unknown => Err(format!("one of {}", words(&TaskStatus::ALL))),
        status => Ok(status),
    }
}

fn words(all: &[TaskStatus]) -> String {
    let words: Vec<&str> = all.iter().map(|status| status.as_str()).collect();
    words.join(", ")
}
