//! Who this worker is: a name that stays, a life that is new at each start, and the highest fence
//! it has ever seen. The folder is held by one process at a time.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    path::{Path, PathBuf},
    sync::atomic::{AtomicI64, Ordering},
};

use anyhow::{Context, bail};
use domain::WorkerId;
use uuid::Uuid;

pub(crate) struct Identity {
    pub(crate) worker: WorkerId,
    pub(crate) life: u64,
    fence: AtomicI64,
    fence_path: PathBuf,
    /// Held for as long as the process lives.
    _lock: File,
}

impl Identity {
    /// Takes the folder for this process.
    pub(crate) fn hold(folder: &Path) -> anyhow::Result<Self> {
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
        let fence_path = folder.join("fence");
        let fence = fs::read_to_string(&fence_path)
            .ok()
            .and_then(|text| text.trim().parse().ok())
            .unwrap_or(0);
        Ok(Self {
            worker: name(folder)?,
            life: Uuid::new_v4().as_u64_pair().0,
            fence: AtomicI64::new(fence),
            fence_path,
            _lock: lock,
        })
    }

    pub(crate) fn highest_fence(&self) -> i64 {
        self.fence.load(Ordering::Relaxed)
    }

    /// Remembers a fence if it is the highest so far.
    pub(crate) fn saw(&self, fence: i64) {
        if self.fence.fetch_max(fence, Ordering::Relaxed) >= fence {
            return;
        }
        let part = self.fence_path.with_extension("part");
        let written =
            fs::write(&part, fence.to_string()).and_then(|()| fs::rename(&part, &self.fence_path));
        if let Err(error) = written {
            tracing::warn!(%error, "the highest fence could not be kept");
        }
    }
}

/// The worker's name, chosen once.
fn name(folder: &Path) -> anyhow::Result<WorkerId> {
    let path = folder.join("name");
    if let Ok(text) = fs::read_to_string(&path) {
        return Ok(text.trim().parse()?);
    }
    let name = format!("w{}", &Uuid::new_v4().simple().to_string()[..12]);
    fs::write(&path, &name).context("the worker's name cannot be kept")?;
    Ok(name.parse()?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_a_life_does_not_and_one_holds_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let first = Identity::hold(folder.path()).unwrap();
        assert!(
            Identity::hold(folder.path()).is_err(),
            "two hold one folder"
        );
        first.saw(7);
        first.saw(5);
        let (worker, life) = (first.worker.clone(), first.life);
        drop(first);
        let second = Identity::hold(folder.path()).unwrap();
        assert_eq!((second.worker.clone(), second.highest_fence()), (worker, 7));
        assert_ne!(second.life, life);
    }
}
