//! What happened in a run, line by line, in a file that outlives a failure.

use std::{
    fmt::Display,
    fs::File,
    io::Write,
    path::Path,
    sync::{Arc, Mutex},
    time::Instant,
};

#[derive(Clone)]
pub(crate) struct History {
    began: Instant,
    file: Arc<Mutex<File>>,
}

impl History {
    pub(crate) fn open(path: &Path) -> Self {
        Self {
            began: Instant::now(),
            file: Arc::new(Mutex::new(File::create(path).unwrap())),
        }
    }

    pub(crate) fn say(&self, line: impl Display) {
        let at = self.began.elapsed().as_millis();
        writeln!(self.file.lock().unwrap(), "{at:>8} {line}").unwrap();
    }
}
