//! The kubeconfig of the command: in a folder for its owner alone, renewed before its certificate
//! ends, gone with the value.

use std::{
    fs::{self, OpenOptions, Permissions},
    io::Write,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::PathBuf,
};

use anyhow::Context;
use domain::ClusterId;
use tempfile::TempDir;

use crate::{failure::Failure, session::Session};

pub(super) struct File {
    folder: TempDir,
    cluster: ClusterId,
}

impl File {
    pub(super) async fn fetch(session: &mut Session, cluster: ClusterId) -> Result<Self, Failure> {
        let folder = tempfile::Builder::new()
            .prefix("labyard-with-")
            .permissions(Permissions::from_mode(0o700))
            .tempdir()
            .context("Can't create a folder for the kubeconfig")?;
        let file = Self { folder, cluster };
        file.renew(session).await?;
        Ok(file)
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join("kubeconfig")
    }

    /// Replaces it at once or not at all: the command may be reading it.
    pub(super) async fn renew(&self, session: &mut Session) -> Result<(), Failure> {
        let id = self.cluster;
        let text = session
            .call(|client| async move { client.kubeconfig(id).await })
            .await?;
        self.write(&text).context("Can't write the kubeconfig")?;
        Ok(())
    }

    fn write(&self, text: &str) -> std::io::Result<()> {
        let part = self.folder.path().join("part");
        let _ = fs::remove_file(&part);
        let mut file = OpenOptions::new()
            .create_new(true)
            .write(true)
            .mode(0o600)
            .open(&part)?;
        file.write_all(text.as_bytes())?;
        fs::rename(&part, self.path())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_renewed_one_replaces_the_old_and_goes_with_it() {
        let file = File {
            folder: tempfile::tempdir().unwrap(),
            cluster: "clu_01930000000070008000000000000005".parse().unwrap(),
        };
        for text in ["first", "second"] {
            file.write(text).unwrap();
            assert_eq!(fs::read_to_string(file.path()).unwrap(), text);
            let mode = fs::metadata(file.path()).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        let path = file.path();
        drop(file);
        assert!(!path.exists() && !path.parent().unwrap().exists());
    }
}
