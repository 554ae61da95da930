//! Writes `proto/`: the schemas, `asyncapi.json`, and the golden samples of this version that are not
//! there yet. `cargo run -p api --example proto`

use std::{fs, io, path::Path};

use api::contract;

fn main() -> io::Result<()> {
    let proto = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proto");
    for (path, value) in contract::generated() {
        write(&proto.join(path), &contract::text(&value))?;
    }
    for message in contract::messages() {
        let path = proto.join(message.sample_path());
        if !path.exists() {
            write(&path, &contract::text(&message.sample))?;
        }
    }
    write(&proto.join("../docs/events.md"), &contract::events_page())
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)
}
