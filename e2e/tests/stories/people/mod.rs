//! Several people on one real cluster: an organization, roles, a quota, shares by name and by link, ends
//! that bite, and the audit that tells of it all.

mod shares;
mod told;

use std::time::Duration;

use api::{
    cluster::{Cluster, Extend},
    organization::{NewInvitation, Organization},
};
use domain::ClusterId;
use e2e::{
    command::Said,
    labs,
    person::Person,
    watch::{Ear, Going},
};
use testkit::eventually;

use crate::cli::somebody;

/// Exit codes of `labyard`.
const LOGGED_OUT: i32 = 3;
const NOT_FOUND: i32 = 4;
const REFUSED: i32 = 5;
const QUOTA: i32 = 9;

struct Story {
    anna: Person,
    ben: Person,
    org: String,
    lab: ClusterId,
    /// The lab's ID, as it is typed.
    id: String,
}

#[tokio::test]
async fn two_people_share_a_cluster_until_it_is_taken_away() {
    let (anna, ben) = (somebody("anna").await, somebody("ben").await);
    let org = joined(&anna, &ben);
    let lab = a_quota_holds(&anna, &ben, &org);
    let id = lab.to_string();
    let story = Story {
        anna,
        ben,
        org,
        lab,
        id,
    };
    story.a_lower_role_bites().await;
    story.who_is_taken_out_sees_nothing().await;
    story.a_share_is_as_far_as_it_says().await;
    let link = story.a_link_has_one_winner();
    story.a_link_ends_with_all_that_came_by_it(&link).await;
    story.a_log_out_ends_everything().await;
    let id = story.id.as_str();
    story.anna.labyard(&["cluster", "delete", id]).ok();
    eventually(Duration::from_secs(60), || async {
        labs::leftovers(lab).is_empty().then_some(())
    })
    .await;
    story.the_audit_tells_of_it(&link);
}

/// Anna's organization, which Ben joins by a link that is good once.
fn joined(anna: &Person, ben: &Person) -> String {
    let org: Organization = anna.labyard_json(&["org", "create", "--name", "Physics"]);
    let org = org.id.to_string();
    let unseen = ben.labyard(&["org", "show", &org]);
    assert_eq!(unseen.code, NOT_FOUND, "{unseen:?}");
    let invitation: NewInvitation = anna.labyard_json(&["org", "invite", &org, "--role", "viewer"]);
    ben.labyard_given(&["org", "join"], invitation.url.expose())
        .ok();
    let again = ben.labyard_given(&["org", "join"], invitation.url.expose());
    assert_eq!(again.code, NOT_FOUND, "{again:?}");
    org
}

/// A workspace with memory for one cluster that runs and places for two that live.
fn a_quota_holds(anna: &Person, ben: &Person, org: &str) -> ClusterId {
    let workspace = ["workspace", "create", "--org", org, "--name", "class"];
    let limits = ["--clusters", "2", "--memory-mib", "3072"];
    anna.labyard(&[workspace.as_slice(), &limits].concat()).ok();
    let make = |person: &Person, name| {
        let words = ["cluster", "create", "--workspace", "class", "--ttl", "1h"];
        person.labyard(&[words.as_slice(), &["--name", name, "--no-wait"]].concat())
    };
    let refused = |said: Said, code: i32, word: &str| {
        assert_eq!(said.code, code, "{said:?}");
        assert!(said.err.contains(word), "{said:?}");
    };
    refused(make(ben, "by-a-viewer"), REFUSED, "viewer");
    anna.labyard(&["org", "set-role", org, &ben.email, "member"])
        .ok();
    make(anna, "lab").ok();
    let lab: Cluster = anna.labyard_json(&["cluster", "get", "lab"]);
    let id = lab.id.to_string();
    ben.labyard(&["cluster", "start", &id, "--wait"]);
    let full = make(ben, "second");
    assert!(full.err.contains("Delete or stop a cluster"), "{full:?}");
    refused(full, QUOTA, "2048 MiB of memory in use; 3072 are allowed");

    // What is stopped keeps its place and gives back its memory.
    anna.labyard(&["task", "watch", &lab.task_id.unwrap().to_string()])
        .ok();
    ben.labyard(&["cluster", "stop", &id]).ok();
    make(ben, "second").ok();
    refused(make(ben, "third"), QUOTA, "2 live clusters; 2 are allowed");
    let start = ben.labyard(&["cluster", "start", &id]);
    refused(start, QUOTA, "of memory in use");
    ben.labyard(&["cluster", "delete", "second"]).ok();
    ben.labyard(&["cluster", "start", &id, "--wait"]).ok();
    lab.id
}

impl Story {
    fn ben_may(&self, words: &[&str]) -> String {
        self.ben.labyard(words).ok()
    }

    fn ben_is_refused(&self, words: &[&str], code: i32) -> Said {
        let said = self.ben.labyard(words);
        assert_eq!(said.code, code, "{words:?}: {said:?}");
        said
    }

    /// Who Ben is inside, as the cluster's API sees him through a command.
    fn groups_inside(&self) -> String {
        let words = [
            "kubectl",
            "auth",
            "whoami",
            "-o",
            "jsonpath={.status.userInfo.groups}",
        ];
        let exec = ["cluster", "exec", &self.id, "--"];
        self.ben_may(&[exec.as_slice(), &words].concat())
    }

    async fn a_lower_role_bites(&self) {
        assert!(self.groups_inside().contains("labyard:operator"));
        let going = Going::begin(&self.ben, self.lab, "41.1").await;
        let role = ["org", "set-role", &self.org, &self.ben.email, "viewer"];
        self.anna.labyard(&role).ok();
        let said = going.ends().await;
        assert_eq!(said.code, REFUSED, "{said:?}");
        assert!(
            said.err.contains("access to this cluster changed"),
            "{said:?}"
        );
        let now = self.groups_inside();
        assert!(
            now.contains("labyard:viewer") && !now.contains("labyard:operator"),
            "{now}"
        );
        self.ben_is_refused(&["cluster", "stop", &self.id], REFUSED);
    }

    async fn who_is_taken_out_sees_nothing(&self) {
        let ear = Ear::of(&self.ben).await;
        self.changes().await;
        ear.catch_up(&self.ben).await;
        let before = ear.of_cluster(self.lab);
        assert!(before > 0, "a viewer hears of it");
        let going = Going::begin(&self.ben, self.lab, "41.2").await;
        // Its begin is an event too.
        ear.catch_up(&self.ben).await;
        let before = ear.of_cluster(self.lab);
        self.anna
            .labyard(&["org", "remove", &self.org, &self.ben.email])
            .ok();
        let said = going.ends().await;
        assert_eq!(said.code, NOT_FOUND, "{said:?}");
        self.hears_no_more(&ear, before).await;
        self.sees_nothing();
    }

    /// Anna changes the cluster.
    async fn changes(&self) {
        let longer = Extend { hours: 0.25 };
        self.anna
            .client
            .extend_cluster(self.lab, &longer)
            .await
            .unwrap();
    }

    async fn hears_no_more(&self, ear: &Ear, before: usize) {
        self.changes().await;
        ear.catch_up(&self.ben).await;
        assert_eq!(
            ear.of_cluster(self.lab),
            before,
            "an event came after the end"
        );
    }

    fn sees_nothing(&self) {
        for verb in ["get", "get-kubeconfig", "access"] {
            self.ben_is_refused(&["cluster", verb, &self.id], NOT_FOUND);
        }
        self.ben_is_refused(&["cluster", "exec", &self.id, "--", "true"], NOT_FOUND);
        assert!(!self.ben_may(&["cluster", "list"]).contains(&self.id));
    }

    async fn a_log_out_ends_everything(&self) {
        self.shared("viewer");
        let ear = Ear::of(&self.ben).await;
        let going = Going::begin(&self.ben, self.lab, "41.5").await;
        e2e::person::log_out_everywhere(&self.ben).await;
        ear.ends().await;
        assert_eq!(going.ends().await.code, LOGGED_OUT);
        self.ben_is_refused(&["cluster", "get", &self.id], LOGGED_OUT);
    }
}
