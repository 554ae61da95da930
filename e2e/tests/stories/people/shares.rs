//! A cluster shared by name and by link.

use std::fs;

use api::share::{Access, Because, NewShare};
use domain::Level;
use e2e::{
    command::{Said, kubectl},
    watch::{Ear, Going},
};

use super::{NOT_FOUND, REFUSED, Story};

impl Story {
    pub(super) fn shared(&self, level: &str) -> String {
        let words = [
            "share",
            "add",
            &self.id,
            "--email",
            &self.ben.email,
            "--level",
            level,
        ];
        let share: NewShare = self.anna.labyard_json(&words);
        share.share.id.to_string()
    }

    /// `kubectl` on Ben's own machine, with a kubeconfig of now.
    fn kubectl(&self, words: &[&str]) -> Said {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("config");
        fs::write(
            &config,
            self.ben_may(&["cluster", "get-kubeconfig", &self.id]),
        )
        .unwrap();
        kubectl(&config, words)
    }

    pub(super) async fn a_share_is_as_far_as_it_says(&self) {
        let make = ["create", "configmap", "bens"];
        let viewer = self.shared("viewer");
        let who = self.kubectl(&["auth", "whoami"]).ok();
        assert!(
            who.contains("usr_") && who.contains("labyard:viewer"),
            "{who}"
        );
        self.kubectl(&["get", "pods", "-A"]).ok();
        for words in [make.as_slice(), &["get", "secrets"]] {
            let refused = self.kubectl(words);
            assert!(refused.err.contains("forbidden"), "{words:?}: {refused:?}");
        }
        let operator = self.shared("operator");
        self.kubectl(&make).ok();
        for verb in ["stop", "delete", "extend"] {
            let more: &[&str] = if verb == "extend" {
                &["--hours", "1"]
            } else {
                &[]
            };
            self.ben_is_refused(&[&["cluster", verb, &self.id], more].concat(), REFUSED);
        }
        self.ben_is_refused(&["share", "list", &self.id], REFUSED);
        self.access_says(&[Level::Viewer, Level::Operator], false);

        let going = Going::begin(&self.ben, self.lab, "41.3").await;
        self.anna
            .labyard(&["share", "end", &self.id, &operator])
            .ok();
        assert_eq!(going.ends().await.code, REFUSED);
        let now = self.groups_inside();
        assert!(
            now.contains("labyard:viewer") && !now.contains("labyard:operator"),
            "{now}"
        );
        self.anna.labyard(&["share", "end", &self.id, &viewer]).ok();
        self.sees_nothing();
    }

    fn access_says(&self, levels: &[Level], by_link: bool) {
        let access: Access = self.anna.labyard_json(&["cluster", "access", &self.id]);
        let ben = access
            .people
            .iter()
            .find(|entry| entry.person.email == self.ben.email);
        let because = &ben.unwrap().because;
        assert_eq!(because.len(), levels.len(), "{because:?}");
        for wanted in levels {
            let said = because.iter().any(|reason| {
                matches!(reason, Because::Share { level, link, .. } if level == wanted && *link == by_link)
            });
            assert!(said, "{wanted:?} is missing: {because:?}");
        }
    }

    /// A link for one person.
    pub(super) fn a_link_has_one_winner(&self) -> NewShare {
        let words = ["share", "link", &self.id, "--for", "1h"];
        let link: NewShare = self.anna.labyard_json(&words);
        let url = link.url.clone().unwrap();
        self.ben
            .labyard_given(&["share", "redeem"], url.expose())
            .ok();
        let again = self.anna.labyard_given(&["share", "redeem"], url.expose());
        assert_eq!(again.code, NOT_FOUND, "{again:?}");
        self.access_says(&[Level::Viewer], true);
        link
    }

    pub(super) async fn a_link_ends_with_all_that_came_by_it(&self, link: &NewShare) {
        let ear = Ear::of(&self.ben).await;
        let going = Going::begin(&self.ben, self.lab, "41.4").await;
        self.changes().await;
        ear.catch_up(&self.ben).await;
        let before = ear.of_cluster(self.lab);
        assert!(before > 0, "who has taken a link hears of the cluster");
        let end = ["share", "end", &self.id, &link.share.id.to_string()];
        self.anna.labyard(&end).ok();
        self.sees_nothing();
        assert_eq!(going.ends().await.code, NOT_FOUND);
        self.hears_no_more(&ear, before).await;
    }
}
