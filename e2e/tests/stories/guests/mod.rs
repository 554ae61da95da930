//! What guests of one real cluster try with a real kubectl, and what its own API says to it: weaknesses
//! that broke other products, each function named as the table of SECURITY.md names it.

mod manifests;
mod raised;

use std::{path::PathBuf, time::Duration};

use api::cluster::Cluster;
use domain::ClusterId;
use e2e::{
    command::{Said, docker, kubectl, kubectl_given},
    labs,
    person::Person,
};
use testkit::eventually;

use self::manifests::{ORDINARY, POD, REACHING, SERVICE, makers, manifest};
use crate::cli::somebody;

const FIRST_VISIT: Duration = Duration::from_secs(15);
/// The exit code of `labyard` for what may be asked again.
const UNAVAILABLE: i32 = 6;
const OWN_NAMESPACE: &str = "web";
/// One lab, and the kubeconfig of each kind of guest.
struct Lab {
    folder: tempfile::TempDir,
    id: String,
    anna: Person,
    node: String,
}

#[tokio::test]
async fn weaknesses_of_others_are_refused_by_the_labs_own_api() {
    let anna = somebody("landlady").await;
    anna.labyard(&["cluster", "create", "--name", "guests", "--ttl", "1h"])
        .ok();
    let made: Cluster = anna.labyard_json(&["cluster", "get", "guests"]);
    let mut lab = Lab {
        folder: tempfile::tempdir().unwrap(),
        id: made.id.to_string(),
        anna,
        node: String::new(),
    };
    // A guest comes first: nothing was set up by an owner's first visit.
    lab.guest("operator", &["--level", "operator"]).await;
    lab.guest("viewer", &["--level", "viewer"]).await;
    lab.guest("editor", &["--namespace", "web:edit"]).await;
    lab.keep("owner", &lab.anna).await;
    lab.node = lab.ok("owner", &["get", "nodes", "-o", "name"]);

    lab.nodes_proxy_is_no_exec();
    lab.cve_2026_22872_nothing_of_the_whole_cluster();
    lab.nobody_raises_their_own_groups();
    lab.kube_system_gives_no_token();
    lab.cve_2020_8554_no_foreign_addresses();
    lab.no_pod_reaches_the_node();
    lab.what_is_theirs_works();
    lab.cve_2025_9074_the_host_answers_nothing(made.id);
    lab.anna.labyard(&["cluster", "delete", "guests"]).ok();
    eventually(Duration::from_secs(60), || async {
        labs::leftovers(made.id).is_empty().then_some(())
    })
    .await;
}

impl Lab {
    /// Somebody with this share and their own kubeconfig.
    async fn guest(&self, name: &str, share: &[&str]) {
        let guest = somebody(name).await;
        let words = ["share", "add", &self.id, "--email", &guest.email];
        self.anna.labyard(&[words.as_slice(), share].concat()).ok();
        self.keep(name, &guest).await;
    }

    /// Who comes first may be told to wait until the cluster's policies are in force, nothing else.
    async fn keep(&self, name: &str, person: &Person) {
        let config = eventually(FIRST_VISIT, || async {
            let said = person.labyard(&["cluster", "get-kubeconfig", &self.id]);
            match said.code {
                UNAVAILABLE => None,
                _ => Some(said.ok()),
            }
        })
        .await;
        std::fs::write(self.config(name), config).unwrap();
    }

    fn config(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn ok(&self, who: &str, words: &[&str]) -> String {
        kubectl(&self.config(who), words).ok().trim().to_owned()
    }

    fn apply(&self, who: &str, manifest: &str) -> Said {
        kubectl_given(
            &self.config(who),
            &["create", "--validate=false", "-f", "-"],
            manifest,
        )
    }

    /// The cluster's API says no, and to the person whose kubeconfig it is.
    #[track_caller]
    fn refused(&self, who: &str, words: &[&str]) -> String {
        no(kubectl(&self.config(who), words))
    }

    /// A read that gives exec: by no way, and with no word for it.
    fn nodes_proxy_is_no_exec(&self) {
        let node = self.node.trim_start_matches("node/");
        let pods = self.ok("owner", &["get", "pods", "-n", "kube-system", "-o", "name"]);
        let pod = pods.lines().next().unwrap();
        let path = format!("/api/v1/nodes/{node}/proxy/pods");
        let run = format!(
            "/api/v1/nodes/{node}/proxy/exec/kube-system/coredns/coredns?command=id&output=1"
        );
        self.ok("owner", &["get", "--raw", &path]);
        for who in ["viewer", "operator", "editor"] {
            self.refused(who, &["get", "--raw", &path]);
            self.refused(who, &["get", "--raw", &run]);
            self.refused(who, &["exec", "-n", "kube-system", pod, "--", "sleep", "0"]);
            self.refused(
                who,
                &[
                    "debug",
                    "-n",
                    "kube-system",
                    pod,
                    "--image=labyard/probe:1",
                    "-q",
                ],
            );
        }
        let (_, name) = pod.split_once('/').unwrap();
        for word in ["exec", "attach", "portforward"] {
            let path = format!(
                "/api/v1/namespaces/kube-system/pods/{name}/{word}?command=id&stdout=1&ports=53"
            );
            for who in ["viewer", "operator"] {
                self.refused(who, &["get", "--raw", &path]);
            }
        }
        for verb in ["get", "create"] {
            for what in ["exec", "attach", "portforward", "proxy"] {
                self.has_no_right("viewer", verb, "pods", what);
            }
            for who in ["viewer", "operator", "editor"] {
                self.has_no_right(who, verb, "nodes", "proxy");
            }
        }
    }

    #[track_caller]
    fn has_no_right(&self, who: &str, verb: &str, what: &str, part: &str) {
        let words = ["auth", "can-i", verb, what, "--subresource", part, "-A"];
        let asked = kubectl(&self.config(who), &words);
        assert_eq!(asked.out.trim(), "no", "{who}: {verb} {what}/{part}");
    }

    fn cve_2020_8554_no_foreign_addresses(&self) {
        for (who, namespace) in [("operator", "default"), ("editor", OWN_NAMESPACE)] {
            let foreign = SERVICE.replace("NAMESPACE", namespace);
            no(self.apply(who, &foreign));
            let own = foreign.replace("externalIPs: [192.0.2.1]", "type: ClusterIP");
            self.apply(who, &own).ok();
            let later = ["patch", "service", "taker", "-n", namespace];
            let address = r#"{"spec":{"externalIPs":["192.0.2.1"]}}"#;
            self.refused(who, &[&later, &["-p", address] as &[&str]].concat());
            let balanced = r#"{"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"}]}}}"#;
            let status = ["--subresource=status", "-p", balanced];
            self.refused(who, &[later.as_slice(), &status].concat());
        }
        self.apply(
            "owner",
            &SERVICE
                .replace("NAMESPACE", "default")
                .replace("taker", "owners"),
        )
        .ok();
    }

    /// Neither as it is nor by what makes pods; a granted namespace holds its owner to the same.
    fn no_pod_reaches_the_node(&self) {
        for (who, namespace) in [("operator", "default"), ("editor", OWN_NAMESPACE)] {
            self.each_is_refused(who, &makers(namespace, &REACHING), "forbidden");
        }
        let pods: Vec<String> = REACHING
            .iter()
            .map(|pod| manifest(POD, OWN_NAMESPACE, pod))
            .collect();
        self.each_is_refused("owner", &pods, "violates PodSecurity \"baseline");
        self.apply("owner", &manifest(POD, "default", REACHING[0]))
            .ok();
    }

    #[track_caller]
    fn each_is_refused(&self, who: &str, manifests: &[String], word: &str) {
        let said = self.apply(who, &manifests.concat());
        assert!(said.out.is_empty(), "{who} made something: {said:?}");
        let refusals = said.err.lines().filter(|line| line.contains(word));
        assert_eq!(refusals.count(), manifests.len(), "{who}: {said:?}");
    }

    /// All this is not because nothing works.
    fn what_is_theirs_works(&self) {
        for (who, namespace) in [("operator", "default"), ("editor", OWN_NAMESPACE)] {
            let wanted = makers(namespace, &[ORDINARY]).concat();
            self.apply(who, &wanted.replace("tried", who)).ok();
            let pod = format!("pod/{who}");
            let words = [
                "wait",
                "--for=condition=Ready",
                "--timeout=60s",
                &pod,
                "-n",
                namespace,
            ];
            self.ok(who, &words);
            self.ok(who, &["exec", &pod, "-n", namespace, "--", "sleep", "0"]);
            self.ok(who, &["create", "secret", "generic", who, "-n", namespace]);
            self.ok(who, &["create", "token", "default", "-n", namespace]);
            self.refused(
                "viewer",
                &["exec", &pod, "-n", namespace, "--", "sleep", "0"],
            );
            self.refused("viewer", &["get", "secrets", "-n", namespace]);
        }
        self.ok("viewer", &["get", "pods", "-A"]);
        self.ok("operator", &["get", "nodes"]);
    }

    /// A pod finds no engine and nothing of labyard's behind its node.
    fn cve_2025_9074_the_host_answers_nothing(&self, id: ClusterId) {
        let format = "{{range .NetworkSettings.Networks}}{{.Gateway}}{{end}}";
        let node = labs::containers(id).remove(0);
        let host = docker(&["inspect", &node, "--format", format]).ok();
        let said = self.fetched("https://kubernetes.default");
        assert!(!said.contains("dial tcp"), "its own network works: {said}");
        let settings = std::fs::read_to_string(e2e::home().join("run/stack.env")).unwrap();
        let own = settings
            .lines()
            .filter_map(|line| line.split_once("_PORT="));
        let ports: Vec<&str> = own.map(|(_, port)| port).chain(["2375", "2376"]).collect();
        assert!(ports.len() > 6, "{settings}");
        for port in ports {
            let said = self.fetched(&format!("http://{}:{port}", host.trim()));
            assert!(
                said.contains("dial tcp"),
                "port {port} answers a lab: {said}"
            );
        }
    }

    /// What `wget` in an ordinary pod says of an address.
    fn fetched(&self, url: &str) -> String {
        let exec = ["exec", "pod/operator", "-n", "default", "--"];
        let wget = ["wget", "-T", "2", "-O", "-", url];
        let said = kubectl(&self.config("operator"), &[exec.as_slice(), &wget].concat());
        said.out + &said.err
    }
}

/// What the API said no to.
#[track_caller]
fn no(said: Said) -> String {
    let refused = said.code != 0 && said.err.to_lowercase().contains("forbidden");
    assert!(refused, "it was not refused: {said:?}");
    said.err
}
