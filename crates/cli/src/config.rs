//! The login that stays: `config.yaml` under XDG, readable by its owner alone, replaced whole.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::PathBuf,
};

use anyhow::Context;
use api::{
    Secret, client,
    secret::{sent, sent_if},
};
use serde::{Deserialize, Serialize};

/// What `auth login` leaves behind.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Config {
    pub(crate) server: String,
    #[serde(serialize_with = "sent")]
    pub(crate) access_token: Secret,
    /// A pipeline's login has none: it ends by itself.
    #[serde(
        default,
        serialize_with = "sent_if",
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) refresh_token: Option<Secret>,
}

/// The folder it is in.
pub(crate) struct Folder(PathBuf);

/// Nobody else refreshes or writes while this is held.
pub(crate) struct Lock(#[expect(dead_code, reason = "dropping it lets others in")] File);

impl Folder {
    /// `$XDG_CONFIG_HOME/labyard`, else `~/.config/labyard`.
    pub(crate) fn of_user() -> anyhow::Result<Self> {
        let base = std::env::var_os("XDG_CONFIG_HOME")
            .filter(|path| !path.is_empty())
            .map(PathBuf::from);
        let base = base.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".config")));
        Ok(Self(
            base.context("HOME isn't set, so there is no place for the login")?
                .join("labyard"),
        ))
    }

    pub(crate) fn read(&self) -> anyhow::Result<Option<Config>> {
        let path = self.0.join("config.yaml");
        match fs::read_to_string(&path) {
            Ok(text) => {
                let read: Result<Config, _> = serde_norway::from_str(&text);
                let mut config = read.with_context(|| {
                    format!(
                        "Can't read {}; labyard auth login writes a new one",
                        path.display()
                    )
                })?;
                // One that was written by hand, or by an older program.
                config.server = client::address(&config.server).unwrap_or(config.server);
                Ok(Some(config))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("Can't read {}", path.display())),
        }
    }

    pub(crate) fn lock(&self) -> anyhow::Result<Lock> {
        self.make()?;
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(self.0.join("lock"))?;
        file.lock().context("Can't lock the folder of the login")?;
        Ok(Lock(file))
    }

    /// Replaces the login at once or not at all.
    pub(crate) fn write(&self, config: &Config, _: &Lock) -> anyhow::Result<()> {
        let part = self.0.join("config.yaml.part");
        let _ = fs::remove_file(&part);
        let mut file = OpenOptions::new()
            .create_new(true)
            .write(true)
            .mode(0o600)
            .open(&part)?;
        file.write_all(serde_norway::to_string(config)?.as_bytes())?;
        file.sync_all()?;
        fs::rename(&part, self.0.join("config.yaml")).context("Can't keep the login")
    }

    pub(crate) fn remove(&self, _: &Lock) -> anyhow::Result<()> {
        match fs::remove_file(self.0.join("config.yaml")) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    fn make(&self) -> anyhow::Result<()> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.0)
            .and_then(|()| fs::set_permissions(&self.0, fs::Permissions::from_mode(0o700)))
            .with_context(|| format!("Can't make {} private", self.0.display()))
    }

    #[cfg(test)]
    pub(crate) fn at(path: PathBuf) -> Self {
        Self(path)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn config(token: &str) -> Config {
        Config {
            server: "http://localhost:3000".into(),
            access_token: token.into(),
            refresh_token: Some("r".into()),
        }
    }

    #[test]
    fn a_login_is_its_owners_alone_and_is_replaced_whole() {
        let home = tempfile::tempdir().unwrap();
        let folder = Folder::at(home.path().join("labyard"));
        assert!(folder.read().unwrap().is_none());
        let lock = folder.lock().unwrap();
        folder.write(&config("a"), &lock).unwrap();
        folder.write(&config("b"), &lock).unwrap();
        let kept = folder.read().unwrap().unwrap();
        assert_eq!(kept.access_token.expose(), "b");
        for (path, mode) in [("labyard", 0o700), ("labyard/config.yaml", 0o600)] {
            let permissions = fs::metadata(home.path().join(path)).unwrap().permissions();
            assert_eq!(permissions.mode() & 0o777, mode, "{path}");
        }
        folder.remove(&lock).unwrap();
        folder.remove(&lock).unwrap();
        assert!(folder.read().unwrap().is_none());
    }

    #[test]
    fn an_address_written_by_hand_is_the_one_that_is_meant() {
        let home = tempfile::tempdir().unwrap();
        let text = "server: HTTP://LocalHost:3000/\naccess_token: a\n";
        fs::write(home.path().join("config.yaml"), text).unwrap();
        let kept = Folder::at(home.path().into()).read().unwrap().unwrap();
        assert_eq!(kept.server, "http://localhost:3000");
    }

    #[test]
    fn a_folder_others_could_read_is_closed_to_them() {
        let home = tempfile::tempdir().unwrap();
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let _lock = Folder::at(home.path().into()).lock().unwrap();
        let mode = fs::metadata(home.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }

    #[test]
    fn one_at_a_time_holds_the_lock() {
        let home = tempfile::tempdir().unwrap();
        let folder = Folder::at(home.path().into());
        let held = folder.lock().unwrap();
        let other = File::open(home.path().join("lock")).unwrap();
        assert!(matches!(
            other.try_lock(),
            Err(fs::TryLockError::WouldBlock)
        ));
        drop(held);
        other.try_lock().unwrap();
    }
}
