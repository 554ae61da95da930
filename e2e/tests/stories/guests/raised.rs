//! Guests who would be more than they are.

use super::{
    Lab, OWN_NAMESPACE,
    manifests::{TOKEN_SECRET, WHOLE_CLUSTER},
    no,
};

/// Any cluster's own account that may make roles as it likes.
const STEP: &str = "system:serviceaccount:kube-system:clusterrole-aggregation-controller";

impl Lab {
    /// Operators and editors make and change nothing that is not in a namespace.
    pub(super) fn cve_2026_22872_nothing_of_the_whole_cluster(&self) {
        for who in ["operator", "editor", "viewer"] {
            let wanted: Vec<String> = WHOLE_CLUSTER
                .iter()
                .map(|(version, kind, rest)| {
                    format!("---\n{{apiVersion: {version}, kind: {kind}, metadata: {{name: tried.example.org}}, {rest}}}\n")
                })
                .collect();
            self.each_is_refused(who, &wanted, "forbidden");
            for words in [
                [
                    "label",
                    "ns",
                    "default",
                    "pod-security.kubernetes.io/enforce=privileged",
                ],
                [
                    "label",
                    "ns",
                    OWN_NAMESPACE,
                    "pod-security.kubernetes.io/enforce-",
                ],
                ["label", "node", "--all", "a=b"],
                [
                    "delete",
                    "validatingadmissionpolicy",
                    "--all",
                    "--wait=false",
                ],
                [
                    "delete",
                    "clusterrolebinding",
                    "labyard:viewer",
                    "--wait=false",
                ],
            ] {
                self.refused(who, &words);
            }
        }
        self.refused("editor", &["get", "secrets", "-n", "default"]);
        self.refused("editor", &["create", "configmap", "a", "-n", "default"]);
    }

    /// By acting as another, by a role or a binding of one's own making.
    pub(super) fn nobody_raises_their_own_groups(&self) {
        for who in ["operator", "editor", "viewer"] {
            let namespace = if who == "editor" {
                OWN_NAMESPACE
            } else {
                "default"
            };
            for words in [
                &["get", "nodes", "--as=x", "--as-group=system:masters"] as &[&str],
                &["get", "nodes", "--as=x", "--as-group=labyard:owner"],
                &["get", "pods", "-n", namespace, "--as", STEP],
                &[
                    "create",
                    "role",
                    "all",
                    "-n",
                    namespace,
                    "--verb=*",
                    "--resource=secrets",
                ],
                &[
                    "create",
                    "rolebinding",
                    "me",
                    "-n",
                    namespace,
                    "--clusterrole=cluster-admin",
                    "--group=labyard:operator",
                ],
                &[
                    "create",
                    "clusterrolebinding",
                    "me",
                    "--clusterrole=cluster-admin",
                    "--group=labyard:viewer",
                ],
                &[
                    "patch",
                    "clusterrole",
                    "labyard:operator-extra",
                    "--type=json",
                    r#"-p=[{"op":"add","path":"/rules/-","value":{"apiGroups":["*"],"resources":["*"],"verbs":["*"]}}]"#,
                ],
            ] {
                self.refused(who, words);
            }
        }
    }

    /// Whoever holds an account of the system's holds the cluster.
    pub(super) fn kube_system_gives_no_token(&self) {
        let account = STEP.rsplit_once(':').unwrap().1;
        for who in ["operator", "editor", "viewer"] {
            for words in [
                &["create", "serviceaccount", account] as &[&str],
                &["create", "token", "coredns"],
                &["run", "step", "--image=labyard/probe:1"],
                &["create", "configmap", "step"],
                &[
                    "patch",
                    "deployment",
                    "coredns",
                    "-p",
                    r#"{"metadata":{"labels":{"a":"b"}}}"#,
                ],
                &["delete", "pods", "--all", "--wait=false"],
            ] {
                self.refused(who, &[&["-n", "kube-system"], words].concat());
            }
            let said = no(self.apply(who, TOKEN_SECRET));
            assert!(said.contains("secrets"), "{said}");
        }
    }
}
