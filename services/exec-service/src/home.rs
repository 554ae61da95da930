//! Where a person is inside a container: a home that is theirs alone, and beside it, in a folder of root's, the credential
//! they log in with. Root makes a home once and never touches it again: whoever owns a folder decides what its names mean.
//! Our own node image has a program that makes it; in others a script does, without what needs the program.

use std::time::Duration;

use drivers::{Command, Driver, Instance, Output, Reach, ReachError};
use futures_util::StreamExt;
use tokio::time::timeout;

use crate::{
    error::Error,
    guest::{self, PATH},
};

/// On tmpfs: empty after each start.
const BASE: &str = "/run/guests";
/// How long making a place may take; a program there that never ends is ended by then. Less than who asks waits.
const MAKE: Duration = Duration::from_secs(4);
/// Bytes kept of what it says.
const SAID_MAX: usize = 1 << 10;
/// Bytes listened to: who says more is not making a home.
const HEARD_MAX: usize = 64 << 10;
/// Gives it to the image's own program, which knows the folder by itself.
const GIVE: &str = r#"if [ -x "$1" ]; then exec "$1" place "$3"; fi; shift"#;
/// Makes the place of a uid below a folder. The credential comes through standard input and takes its place by a rename
/// within a folder that only root writes in; a home comes into its place whole, made and given away under another name.
const PLACE: &str = r#"set -eu; umask 077
base=$1 uid=$2; mine=$base/credentials/$uid home=$base/homes/$uid
mkdir -p "$base/homes" "$mine"
chmod 711 "$base" "$base/homes" "$base/credentials"
chown "0:$uid" "$mine"; chmod 750 "$mine"
rm -f "$mine"/.new.*
new=$(mktemp "$mine/.new.XXXXXX"); cat >"$new"
chown "0:$uid" "$new"; chmod 440 "$new"; mv -fT "$new" "$mine/config"
if ! [ -e "$home" ] && ! [ -L "$home" ]; then
  made=$(mktemp -d "$base/homes/.new.XXXXXX"); chown "$uid:$uid" "$made"; mv -T "$made" "$home"
fi
if [ -L "$home" ] || ! [ -d "$home" ] || [ "$(stat -c %u "$home")" != "$uid" ]; then
  echo "$home is not a folder of $uid" >&2; exit 1
fi"#;

pub(crate) fn home(uid: u32) -> String {
    format!("{BASE}/homes/{uid}")
}

pub(crate) fn kubeconfig(uid: u32) -> String {
    format!("{BASE}/credentials/{uid}/config")
}

/// Makes the home of this uid, or finds it, and puts the credential beside it; says whether the image has the program that
/// its commands then run under.
pub(crate) async fn make(
    driver: &Driver,
    instance: Instance,
    uid: u32,
    config: String,
) -> Result<bool, Error> {
    let script = [GIVE, PLACE].join("\n");
    let secs = MAKE.as_secs().to_string();
    let uid = uid.to_string();
    let argv = [
        "timeout",
        "-k",
        "1",
        &secs,
        "sh",
        "-c",
        &script,
        "sh",
        guest::PROGRAM,
        BASE,
        &uid,
    ];
    let command = Command {
        argv: argv.map(str::to_owned).to_vec(),
        env: vec![PATH.to_owned()],
        stdin: Some(config.into()),
        ..Command::default()
    };
    match timeout(MAKE, run(driver, instance, command)).await {
        Ok(Ok((0, said))) => Ok(said.trim() == guest::READY),
        Ok(Ok((code, said))) => {
            let said = said.trim().escape_debug();
            Err(Error::Inside(format!("exit {code}: {said}")))
        }
        Ok(Err(error)) => Err(error.into()),
        Err(_) => Err(Error::Slow),
    }
}

/// The exit code of a command and the beginning of what it said.
async fn run(
    driver: &Driver,
    instance: Instance,
    command: Command,
) -> Result<(i32, String), ReachError> {
    let mut running = driver.exec(instance, command).await?;
    let (mut said, mut heard) = (Vec::new(), 0);
    while let Some(piece) = running.output.next().await {
        let (Output::Stdout(bytes) | Output::Stderr(bytes)) = piece?;
        heard += bytes.len();
        if heard > HEARD_MAX {
            return Err(ReachError::Slow);
        }
        said.extend(bytes.iter().take(SAID_MAX.saturating_sub(said.len())));
    }
    Ok((
        running.exit.await?,
        String::from_utf8_lossy(&said).into_owned(),
    ))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::{
        fs,
        io::Write,
        os::unix::fs::{MetadataExt, chown, symlink},
        path::{Path, PathBuf},
        process::{Command, Stdio},
        time::Instant,
    };

    use super::*;

    const GUEST: u32 = 20_001;
    const OWNER: u32 = 20_002;

    /// A folder in the place of the container's, where only root can be what the container's root is.
    struct Place(tempfile::TempDir);

    impl Place {
        fn new() -> Option<Self> {
            let folder = tempfile::tempdir().unwrap();
            let root = fs::metadata(folder.path()).unwrap().uid() == 0;
            root.then_some(Self(folder))
        }

        fn at(&self, path: &str) -> PathBuf {
            self.0.path().join(path)
        }

        /// Lets somebody in; gives what was complained of.
        fn make(&self, uid: u32, config: &str) -> Result<(), String> {
            let base = self.at("base");
            let mut shell = Command::new("sh")
                .args(["-c", PLACE, "sh", base.to_str().unwrap(), &uid.to_string()])
                .stdin(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            let mut stdin = shell.stdin.take().unwrap();
            // Who is refused at once may not have read it.
            let _ = stdin.write_all(config.as_bytes());
            drop(stdin);
            let ended = shell.wait_with_output().unwrap();
            match ended.status.success() {
                true => Ok(()),
                false => Err(String::from_utf8(ended.stderr).unwrap()),
            }
        }

        fn home(&self, uid: u32) -> PathBuf {
            self.at(&format!("base/homes/{uid}"))
        }

        fn config(&self, uid: u32) -> PathBuf {
            self.at(&format!("base/credentials/{uid}/config"))
        }

        /// As a guest does it: a link of theirs in their own home.
        fn link(&self, name: &str, to: &Path) {
            let link = self.home(GUEST).join(name);
            symlink(to, &link).unwrap();
            std::os::unix::fs::lchown(link, Some(GUEST), Some(GUEST)).unwrap();
        }
    }

    fn whose(path: &Path) -> (u32, u32, u32) {
        let found = fs::symlink_metadata(path).unwrap();
        (found.uid(), found.gid(), found.mode() & 0o7777)
    }

    #[test]
    fn a_credential_is_roots_and_a_home_is_its_owners() {
        let Some(place) = Place::new() else { return };
        place.make(GUEST, "first").unwrap();
        assert_eq!(whose(&place.home(GUEST)), (GUEST, GUEST, 0o700));
        assert_eq!(whose(&place.config(GUEST)), (0, GUEST, 0o440));
        assert_eq!(
            whose(place.config(GUEST).parent().unwrap()),
            (0, GUEST, 0o750)
        );
        for folder in ["base", "base/homes", "base/credentials"] {
            assert_eq!(whose(&place.at(folder)), (0, 0, 0o711), "{folder}");
        }
        fs::write(place.home(GUEST).join("kept"), "theirs").unwrap();
        place.make(GUEST, "second").unwrap();
        assert_eq!(fs::read_to_string(place.config(GUEST)).unwrap(), "second");
        assert!(place.home(GUEST).join("kept").exists());
        let left = fs::read_dir(place.at("base/homes")).unwrap().count();
        let beside = fs::read_dir(place.config(GUEST).parent().unwrap()).unwrap();
        assert_eq!((left, beside.count()), (1, 1), "nothing is left half made");
    }

    /// A renewal came as root into a folder full of links.
    #[test]
    fn what_a_guest_plants_in_their_home_is_not_followed() {
        let Some(place) = Place::new() else { return };
        place.make(GUEST, "first").unwrap();
        place.make(OWNER, "the owner's").unwrap();
        let target = place.at("etc");
        fs::create_dir(&target).unwrap();
        fs::write(target.join("passwd"), "root").unwrap();
        place.link(".config", &target.join("made"));
        place.link("config", &place.home(OWNER));
        place.link("passwd", &target.join("passwd"));
        place.link("homes", &target);
        fs::hard_link(target.join("passwd"), place.home(GUEST).join("hard")).unwrap();
        place.make(GUEST, "second").unwrap();
        place.make(OWNER, "the owner's second").unwrap();
        assert!(!target.join("made").exists());
        assert_eq!(fs::read_to_string(target.join("passwd")).unwrap(), "root");
        assert_eq!(whose(&target.join("passwd")).0, 0);
        assert_eq!(whose(&target).0, 0);
        assert_eq!(fs::read_dir(place.home(OWNER)).unwrap().count(), 0);
        assert_eq!(
            fs::read_to_string(place.config(OWNER)).unwrap(),
            "the owner's second"
        );
        assert_eq!(whose(&place.config(OWNER)), (0, OWNER, 0o440));
    }

    #[test]
    fn a_pipe_in_a_home_holds_nobody_up() {
        let Some(place) = Place::new() else { return };
        place.make(GUEST, "first").unwrap();
        for name in [".config", "config"] {
            let pipe = place.home(GUEST).join(name);
            assert!(
                Command::new("mkfifo")
                    .arg(&pipe)
                    .status()
                    .unwrap()
                    .success()
            );
            chown(&pipe, Some(GUEST), Some(GUEST)).unwrap();
        }
        let began = Instant::now();
        place.make(GUEST, "second").unwrap();
        assert!(began.elapsed() < MAKE);
        assert_eq!(fs::read_to_string(place.config(GUEST)).unwrap(), "second");
    }

    /// Only the container's root can shape these, who has the container anyway: it is said, and nothing is changed.
    #[test]
    fn what_is_not_their_folder_is_no_home() {
        let Some(place) = Place::new() else { return };
        place.make(OWNER, "the owner's").unwrap();
        let elsewhere = place.at("elsewhere");
        fs::create_dir(&elsewhere).unwrap();
        let refused = |what: &str| {
            let said = place.make(GUEST, "credential").unwrap_err();
            assert!(said.contains("is not a folder of 20001"), "{what}: {said}");
            assert_eq!(whose(&elsewhere).0, 0, "{what}");
        };
        symlink(&elsewhere, place.home(GUEST)).unwrap();
        refused("a link");
        fs::remove_file(place.home(GUEST)).unwrap();
        symlink(place.at("nowhere"), place.home(GUEST)).unwrap();
        refused("a link to nothing");
        fs::remove_file(place.home(GUEST)).unwrap();
        fs::write(place.home(GUEST), "").unwrap();
        refused("a file");
        fs::remove_file(place.home(GUEST)).unwrap();
        fs::create_dir(place.home(GUEST)).unwrap();
        chown(place.home(GUEST), Some(OWNER), Some(OWNER)).unwrap();
        refused("a folder of somebody else's");
        fs::remove_dir(place.home(GUEST)).unwrap();
        fs::remove_file(place.config(GUEST)).unwrap();
        fs::create_dir(place.config(GUEST)).unwrap();
        assert!(
            place.make(GUEST, "credential").is_err(),
            "a folder for a credential"
        );
        assert_eq!(fs::read_dir(place.config(GUEST)).unwrap().count(), 0);
    }
}
