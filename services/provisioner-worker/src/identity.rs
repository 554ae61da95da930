//! Who this worker is: a name that stays, a boot ID that is new at each start, and the highest fence
//! it has ever seen of each installation. The folder is held by one process at a time.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::Write,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

mod fences;

pub(crate) use fences::Fences;

use anyhow::{Context, bail};
use domain::WorkerId;
use uuid::Uuid;

pub struct Identity {
    pub(crate) worker: WorkerId,
    /// Random, new at each start.
    pub(crate) boot_id: u64,
    fences: Mutex<Fences>,
    kept: Option<Kept>,
}

/// Where the highest fence outlives the process.
struct Kept {
    folder: PathBuf,
    /// Held for as long as the process lives.
    _lock: File,
}

impl Identity {
    /// Takes the folder for this process.
    ///
    /// # Errors
    /// When another process holds it, or it cannot be used.
    pub fn hold(folder: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(folder)
            .with_context(|| format!("LABYARD_STATE_DIR={} cannot be made", folder.display()))?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(folder.join("lock"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => bail!(
                "{} is held by another worker: stop it, or give this one a LABYARD_STATE_DIR of its own",
                folder.display()
            ),
            Err(TryLockError::Error(error)) => {
                return Err(error).context("the state folder cannot be locked");
            }
        }
        let fences = Mutex::new(Fences::kept(folder)?);
        Ok(Self {
            worker: name(folder)?,
            boot_id: Uuid::new_v4().as_u64_pair().0,
            fences,
            kept: Some(Kept {
                folder: folder.to_owned(),
                _lock: lock,
            }),
        })
    }

    /// A worker without a folder, for a simulation: what it knows ends with it.
    pub fn unkept(worker: WorkerId, boot_id: u64) -> Self {
        Self {
            worker,
            boot_id,
            fences: Mutex::default(),
            kept: None,
        }
    }

    /// The highest fence ever seen of each installation.
    pub(crate) fn fences(&self) -> Fences {
        self.fences
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Remembers a fence if it is the installation's highest so far, before anything is done under it.
    pub(crate) fn saw(&self, installation: &str, fence: i64) {
        // Held while it is written, so that a lower fence never follows a higher one.
        let mut fences = self.fences.lock().unwrap_or_else(PoisonError::into_inner);
        if !fences.saw(installation, fence) {
            return;
        }
        let Some(kept) = &self.kept else { return };
        if let Err(error) = replace(&kept.folder, fences::FILE, &fences.text()) {
            tracing::warn!(%error, "the highest fence could not be kept");
        }
    }
}

/// Replaces a file whole; once this returns it outlives the process and the power.
fn replace(folder: &Path, name: &str, text: &str) -> std::io::Result<()> {
    let part = folder.join(format!("{name}.part"));
    let mut file = File::create(&part)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&part, folder.join(name))?;
    File::open(folder)?.sync_all()
}

/// The worker's name, chosen once.
fn name(folder: &Path) -> anyhow::Result<WorkerId> {
    const NAME: &str = "name";
    let path = folder.join(NAME);
    if let Ok(text) = fs::read_to_string(&path) {
        return Ok(text.trim().parse()?);
    }
    let name = format!("w{}", &Uuid::new_v4().simple().to_string()[..12]);
    replace(folder, NAME, &name).context("the worker's name cannot be kept")?;
    Ok(name.parse()?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_a_boot_id_does_not_and_one_holds_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let first = Identity::hold(folder.path()).unwrap();
        assert!(
            Identity::hold(folder.path()).is_err(),
            "two hold one folder"
        );
        first.saw("a", 7);
        first.saw("a", 5);
        let (worker, boot_id) = (first.worker.clone(), first.boot_id);
        drop(first);
        let second = Identity::hold(folder.path()).unwrap();
        assert_eq!(
            (second.worker.clone(), second.fences().of("a")),
            (worker, 7)
        );
        assert_ne!(second.boot_id, boot_id);
    }

    const CHILD: &str = "LABYARD_TEST_FENCE_FOLDER";

    /// What the killed process of the next test runs.
    #[test]
    fn child_that_counts_up() {
        let Some(folder) = std::env::var_os(CHILD) else {
            return;
        };
        let identity = Identity::hold(Path::new(&folder)).unwrap();
        let mut out = std::io::stderr();
        for fence in 1.. {
            identity.saw("a", fence);
            writeln!(out, "{fence}").unwrap();
        }
    }

    #[test]
    fn a_fence_that_was_seen_survives_kill_9() {
        use std::io::{BufRead, BufReader};
        let folder = tempfile::tempdir().unwrap();
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "identity::tests::child_that_counts_up",
                "--nocapture",
            ])
            .env(CHILD, folder.path())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut seen = 0;
        while seen < 20 {
            seen = lines.next().unwrap().unwrap().parse().unwrap_or(seen);
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // It may have got further before it died, never less far.
        seen = lines
            .map_while(Result::ok)
            .filter_map(|line| line.parse().ok())
            .fold(seen, i64::max);
        let kept = Identity::hold(folder.path()).unwrap().fences().of("a");
        assert!(kept >= seen, "{kept} is kept of {seen}");
    }
}
