//! Guests who would have root act for them where they run commands, and who would hold everybody up.

use std::time::{Duration, Instant};

use domain::ClusterId;
use e2e::{command::docker, labs, person::Person};

use super::Lab;
use crate::cli::somebody;

/// Links, a pipe and a folder at every name that was ever written there, out of the home and into the owner's.
const PLANT: &str = "cd; ln -s /etc/planted .config; ln -s /run/guests/homes/OWNER config; \
ln -s /run/guests/credentials/OWNER credentials; mkfifo kubeconfig .new; chmod 777 .; id -u";
/// What a command of a person's sees of others' places.
const LOOK: &str = "cat /run/guests/credentials/OWNER/config /run/guests/homes/OWNER/* 2>/dev/null; \
ls /run/guests /run/guests/homes /run/guests/credentials 2>/dev/null; true";
/// A command may wait for a certificate, and for nothing that a guest made; less than it may run, on however busy a machine.
const SOON: Duration = Duration::from_secs(40);

impl Lab {
    /// A guest shapes all that is theirs; then their credential is made anew.
    pub(super) async fn root_touches_nothing_of_a_guests(&self, id: ClusterId) {
        let node = labs::containers(id).remove(0);
        let inside = |command: &str| docker(&["exec", &node, "sh", "-c", command]).ok();
        let uid = self.run(&self.anna, "id -u");
        let owner = uid.trim();
        let guest = somebody("planter").await;
        self.share(&guest, &["--level", "viewer"]);
        let uid = self.run(&guest, &PLANT.replace("OWNER", owner));
        let planter = uid.trim();
        let credential = format!("cat /run/guests/credentials/{owner}/config");
        let before = inside(&credential);

        // Other rights are another certificate.
        self.share(&guest, &["--level", "operator"]);
        let began = Instant::now();
        self.run(&guest, "kubectl create configmap planter");
        assert!(began.elapsed() < SOON, "{:?}", began.elapsed());

        for (uid, mode) in [(owner, "700"), (planter, "777")] {
            let places = inside(&format!(
                "cd /run/guests && stat -c '%u:%g %a %F' homes/{uid} credentials/{uid} credentials/{uid}/config"
            ));
            let wanted = [
                format!("{uid}:{uid} {mode} directory"),
                format!("0:{uid} 750 directory"),
                format!("0:{uid} 440 regular file"),
            ];
            assert_eq!(places.trim().lines().collect::<Vec<_>>(), wanted);
        }
        let made = format!("ls /run/guests/homes/{owner}; ls -d /etc/planted 2>/dev/null; true");
        assert!(!inside(&made).contains("planted") && !inside(&made).contains("config"));
        assert_eq!(inside(&credential), before);
        let seen = self.run(&guest, &LOOK.replace("OWNER", owner));
        assert_eq!(seen, "", "a guest sees others' places");
    }

    pub(super) fn share(&self, guest: &Person, share: &[&str]) {
        let words = ["share", "add", &self.id, "--email", &guest.email];
        self.anna.labyard(&[words.as_slice(), share].concat()).ok();
    }

    pub(super) fn run(&self, who: &Person, script: &str) -> String {
        let words = ["cluster", "exec", &self.id, "--", "sh", "-c", script];
        who.labyard(&words).ok()
    }
}
