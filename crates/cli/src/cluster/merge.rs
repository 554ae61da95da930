//! A cluster's kubeconfig in a person's own: its entries replaced by name, everything else kept, the file replaced whole
//! and readable by its owner alone. kubectl's lock keeps others out meanwhile.

use std::{
    env, fs,
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, anyhow, bail};
use serde_norway::{Mapping, Value};
use tempfile::NamedTempFile;

/// The lists of named things in a kubeconfig.
const LISTS: [&str; 3] = ["clusters", "users", "contexts"];
const CURRENT: &str = "current-context";

pub(super) struct Merged {
    pub(super) context: String,
    pub(super) is_current: bool,
}

/// Where kubectl would write: the first file of `KUBECONFIG` that is there, else its last; without one `~/.kube/config`.
pub(super) fn own_file() -> anyhow::Result<PathBuf> {
    let set = env::var_os("KUBECONFIG").unwrap_or_default();
    let named: Vec<PathBuf> = env::split_paths(&set)
        .filter(|path| !path.as_os_str().is_empty())
        .collect();
    let chosen = named.iter().find(|path| path.exists()).or(named.last());
    if let Some(path) = chosen {
        return Ok(path.clone());
    }
    let home = env::var_os("HOME").context("HOME isn't set, so there is no ~/.kube/config")?;
    Ok(PathBuf::from(home).join(".kube/config"))
}

/// Merges it in; the current context changes if that is wanted, or if there is none.
pub(super) fn into(path: &Path, text: &str, current: bool) -> anyhow::Result<Merged> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    fs::create_dir_all(folder.unwrap_or(Path::new(".")))?;
    // A link stays one: what it leads to is replaced.
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let _lock = Lock::claim(path)?;
    let old = match fs::read_to_string(path) {
        Ok(old) => old,
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error.into()),
    };
    let new: Mapping = serde_norway::from_str(text).context("it isn't a kubeconfig")?;
    let mut all = match serde_norway::from_str(&old).context("the file isn't a kubeconfig")? {
        Value::Null => Mapping::new(),
        Value::Mapping(all) => all,
        _ => bail!("the file isn't a kubeconfig"),
    };
    let merged = merge(&mut all, new, current)?;
    let folder = path.parent().context("it has no folder")?;
    // Made for its owner alone.
    let mut part = NamedTempFile::new_in(folder)?;
    part.write_all(serde_norway::to_string(&all)?.as_bytes())?;
    part.as_file().sync_all()?;
    part.persist(path)?;
    Ok(merged)
}

fn merge(all: &mut Mapping, new: Mapping, current: bool) -> anyhow::Result<Merged> {
    let context = new.get(CURRENT).and_then(Value::as_str);
    let context = context.context("it has no current context")?.to_owned();
    let has_one = all.get(CURRENT).and_then(Value::as_str);
    let is_current = current || has_one.is_none_or(|one| one.is_empty() || one == context);
    for (key, value) in new {
        let name = key.as_str().unwrap_or_default();
        if LISTS.contains(&name) {
            let theirs = all.entry(key.clone()).or_insert(Value::Null);
            *theirs = Value::Sequence(replaced(theirs, value)?);
        } else if name == CURRENT {
            if is_current {
                all.insert(key, value);
            }
        } else if !all.contains_key(&key) {
            all.insert(key, value);
        }
    }
    Ok(Merged {
        context,
        is_current,
    })
}

/// A list with these entries in the place of those of their names.
fn replaced(list: &Value, with: Value) -> anyhow::Result<Vec<Value>> {
    let mut entries = match list {
        Value::Null => Vec::new(),
        Value::Sequence(entries) => entries.clone(),
        _ => bail!("the file isn't a kubeconfig"),
    };
    for entry in with.as_sequence().into_iter().flatten() {
        match entries
            .iter_mut()
            .find(|old| old.get("name") == entry.get("name"))
        {
            Some(old) => *old = entry.clone(),
            None => entries.push(entry.clone()),
        }
    }
    Ok(entries)
}

/// As kubectl keeps others out: by a file beside it.
struct Lock(PathBuf);

impl Lock {
    fn claim(path: &Path) -> anyhow::Result<Self> {
        let mut name = path.as_os_str().to_owned();
        name.push(".lock");
        let lock = PathBuf::from(name);
        match fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&lock)
        {
            Ok(_) => Ok(Self(lock)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(anyhow!(
                "another program is writing it; if none is, remove {}",
                lock.display()
            )),
            Err(error) => Err(error.into()),
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use serde_json::{Value as Json, json};

    use super::*;

    fn kubeconfig(name: &str, key: &str) -> String {
        json!({
            "apiVersion": "v1", "kind": "Config", "current-context": name,
            "clusters": [{ "name": name, "cluster": { "server": "https://127.0.0.1:20001" } }],
            "users": [{ "name": name, "user": { "client-key-data": key } }],
            "contexts": [{ "name": name, "context": { "cluster": name, "user": name } }],
        })
        .to_string()
    }

    const THEIRS: &str = "apiVersion: v1
kind: Config
preferences: {colors: true}
current-context: prod
clusters:
- {name: prod, cluster: {server: 'https://prod.example.org', extra: 1}}
contexts:
- {name: prod, context: {cluster: prod, user: me, namespace: shop}}
users:
- name: me
  user: {exec: {command: aws, args: [eks, get-token]}}
";

    fn read(path: &Path) -> Json {
        serde_norway::from_str(&fs::read_to_string(path).unwrap()).unwrap()
    }

    #[test]
    fn everything_else_is_kept_and_the_same_cluster_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config");
        fs::write(&path, THEIRS).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let before = read(&path);
        for (name, key) in [("labyard-a", "1"), ("labyard-b", "2"), ("labyard-a", "3")] {
            let merged = into(&path, &kubeconfig(name, key), false).unwrap();
            assert_eq!((merged.context.as_str(), merged.is_current), (name, false));
        }
        let after = read(&path);
        for key in ["apiVersion", "kind", "preferences", "current-context"] {
            assert_eq!(after[key], before[key], "{key}");
        }
        for key in LISTS {
            assert_eq!(after[key][0], before[key][0], "{key}");
            assert_eq!(after[key].as_array().unwrap().len(), 3, "{key}");
        }
        assert_eq!(after["users"][1]["user"]["client-key-data"], "3");
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().flatten().collect();
        assert_eq!(left.len(), 1, "{left:?}");
        assert!(
            into(&path, &kubeconfig("labyard-b", "4"), true)
                .unwrap()
                .is_current
        );
        assert_eq!(read(&path)["current-context"], "labyard-b");
    }

    #[test]
    fn a_new_file_has_the_cluster_as_its_current_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".kube/config");
        assert!(
            into(&path, &kubeconfig("labyard-a", "1"), false)
                .unwrap()
                .is_current
        );
        assert_eq!(read(&path)["current-context"], "labyard-a");
    }

    #[test]
    fn a_link_stays_one() {
        let folder = tempfile::tempdir().unwrap();
        let (target, link) = (folder.path().join("target"), folder.path().join("link"));
        fs::write(&target, THEIRS).unwrap();
        symlink(&target, &link).unwrap();
        into(&link, &kubeconfig("labyard-a", "1"), false).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(read(&target)["users"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn what_is_no_kubeconfig_or_is_being_written_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config");
        for text in ["- a\n", "clusters: 1\n", "{", "text"] {
            fs::write(&path, text).unwrap();
            assert!(into(&path, &kubeconfig("a", "1"), false).is_err(), "{text}");
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        fs::write(folder.path().join("config.lock"), "").unwrap();
        fs::write(&path, THEIRS).unwrap();
        let locked = into(&path, &kubeconfig("a", "1"), false).err().unwrap();
        assert!(locked.to_string().contains("config.lock"), "{locked}");
        assert_eq!(fs::read_to_string(&path).unwrap(), THEIRS);
    }
}
