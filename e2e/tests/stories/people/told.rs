//! What the audit tells of it all.

use api::{audit::AuditEntry, share::NewShare};

use super::Story;

impl Story {
    /// Who did what, to what, from where, and whether it was allowed; of a deleted cluster too.
    pub(super) fn the_audit_tells_of_it(&self, link: &NewShare) {
        let words = ["audit", "--org", &self.org, "--export", "json"];
        let text = self.anna.labyard(&words).ok();
        for secret in [&link.token, &link.url] {
            assert!(!text.contains(secret.as_ref().unwrap().expose()));
        }
        let entries: Vec<AuditEntry> = serde_json::from_str(&text).unwrap();
        let (anna, ben) = (&self.anna.email, &self.ben.email);
        for (who, action, code) in [
            (anna, "create_organization", None),
            (anna, "create_invitation", None),
            (ben, "accept_invitation", None),
            (anna, "create_workspace", None),
            (ben, "create_cluster", Some("forbidden")),
            (anna, "change_member", None),
            (anna, "create_cluster", None),
            (ben, "stop_cluster", None),
            (ben, "start_cluster", None),
            (ben, "exec_cluster", None),
            (ben, "exec_cluster.ended", None),
            (ben, "stop_cluster", Some("forbidden")),
            (anna, "remove_member", None),
            (anna, "create_share", None),
            (ben, "get_kubeconfig", None),
            (ben, "delete_cluster", Some("forbidden")),
            (ben, "redeem_share", None),
            (anna, "end_share", None),
            (anna, "delete_cluster", None),
        ] {
            let entry = entries.iter().find(|entry| {
                entry.email.as_ref() == Some(who)
                    && entry.action == action
                    && entry.code.as_deref() == code
                    && entry.allowed == code.is_none()
            });
            let entry =
                entry.unwrap_or_else(|| panic!("{who} {action} {code:?} is missing: {text}"));
            assert!(e2e::is_here(entry.address.as_deref()), "{entry:?}");
        }
        let cluster = ["audit", "--cluster", &self.id, "--action", "create_cluster"];
        let made: Vec<AuditEntry> = self.anna.labyard_json(&cluster);
        assert_eq!(made.len(), 1, "who made it is asked of the cluster too");
        let of_lab = |entry: &&AuditEntry| entry.cluster_id == Some(self.lab);
        let ended = entries
            .iter()
            .filter(of_lab)
            .filter(|entry| entry.action == "exec_cluster.ended");
        let how: Vec<String> = ended
            .filter_map(|entry| Some(entry.detail.as_ref()?.get("failed")?.as_str()?.to_owned()))
            .collect();
        for code in ["forbidden", "not_found", "unauthenticated"] {
            assert!(how.iter().any(|it| it == code), "{how:?}");
        }
    }
}
