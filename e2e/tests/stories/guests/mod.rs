//! What guests of one real cluster try with a real kubectl, and what its own API says to it: weaknesses
//! that broke other products, each function named as the table of SECURITY.md names it.

mod confined;
mod homes;
mod manifests;
mod neighbours;
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

use self::manifests::{
    DEPLOYMENT, FOREMOST, ORDINARY, POD, REACHING, SERVICE, TOKEN_SECRET, makers, manifest,
};
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
    lab.no_account_reaches_the_node_for_a_guest();
    lab.the_api_stays_where_it_is();
    lab.what_is_theirs_works();
    lab.cve_2025_9074_the_host_answers_nothing(made.id);
    lab.root_touches_nothing_of_a_guests(made.id).await;
    lab.a_command_is_confined(made.id).await;
    lab.no_lab_reaches_another(made.id).await;
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
            self.each_is_refused(who, &makers(namespace, &[FOREMOST]), "forbidden");
        }
        let pods: Vec<String> = REACHING
            .iter()
            .map(|pod| manifest(POD, OWN_NAMESPACE, pod))
            .collect();
        self.each_is_refused("owner", &pods, "violates PodSecurity \"baseline");
        self.apply("owner", &manifest(POD, "default", REACHING[0]))
            .ok();
    }

    /// An owner gave `edit` to accounts, and what guests edit may act as them. What an owner makes runs all the same:
    /// the cluster makes its pods.
    fn no_account_reaches_the_node_for_a_guest(&self) {
        self.ok("owner", &["create", "namespace", "accounts"]);
        for namespace in ["accounts", "default"] {
            let words = ["create", "serviceaccount", "strong", "-n", namespace];
            self.ok("owner", &words);
            let account = format!("--serviceaccount={namespace}:strong");
            let name = format!("strong-{namespace}");
            let words = [
                "create",
                "clusterrolebinding",
                &name,
                "--clusterrole=cluster-admin",
                &account,
            ];
            self.ok("owner", &words);
            let account = format!("--as=system:serviceaccount:{namespace}:strong");
            let groups = [
                "--as-group=system:serviceaccounts",
                &format!("--as-group=system:serviceaccounts:{namespace}"),
                "--as-group=system:authenticated",
            ];
            let acting = [&[account.as_str()] as &[&str], &groups].concat();
            let foremost = makers("default", &[FOREMOST]);
            for wanted in makers("default", &REACHING).into_iter().chain(foremost) {
                let words = [
                    &["create", "--validate=false", "-f", "-"],
                    acting.as_slice(),
                ]
                .concat();
                no(kubectl_given(&self.config("owner"), &words, &wanted));
            }
            for words in [
                &["-n", "kube-system", "create", "configmap", "step"] as &[&str],
                &["-n", "kube-system", "create", "token", "coredns"],
                &["-n", "default", "delete", "service", "kubernetes"],
            ] {
                self.refused("owner", &[words, acting.as_slice()].concat());
            }
            let turns = ["-n", "kube-system", "create", "-f", "-"];
            let words = [&turns as &[&str], acting.as_slice()].concat();
            let lease = |name: &str| {
                let lease =
                    "apiVersion: coordination.k8s.io/v1\nkind: Lease\nmetadata: {name: NAME}\n";
                kubectl_given(&self.config("owner"), &words, &lease.replace("NAME", name))
            };
            no(lease("kube-scheduler"));
            lease(&format!("of-{namespace}")).ok();
        }
        for (number, pod) in REACHING[..2].iter().enumerate() {
            let name = format!("owners-{number}");
            let wanted = manifest(DEPLOYMENT, "default", pod).replace("tried", &name);
            self.apply("owner", &wanted).ok();
            // What is refused to an account is made by the cluster's own; whether its ports are free is another matter.
            let words = [
                "wait",
                "--for=jsonpath={.status.replicas}=1",
                "--timeout=240s",
                &format!("deployment/{name}"),
            ];
            self.ok("owner", &words);
        }
    }

    /// Whoever says where the API is found gets what others send it.
    fn the_api_stays_where_it_is(&self) {
        let slices = [
            "get",
            "endpointslices",
            "-l",
            "kubernetes.io/service-name=kubernetes",
            "-o",
            "name",
        ];
        let slice = self.ok("owner", &slices);
        // What owners gave: `edit` alone does not change addresses.
        let words = [
            "create",
            "clusterrole",
            "addresses",
            "--verb=*",
            "--resource=endpoints,endpointslices.discovery.k8s.io",
        ];
        self.ok("owner", &words);
        let label = [
            "label",
            "clusterrole",
            "addresses",
            "rbac.authorization.k8s.io/aggregate-to-edit=true",
        ];
        self.ok("owner", &label);
        let allowed = ["auth", "can-i", "patch", "endpoints", "-n", "default"];
        for _ in 0..50 {
            if kubectl(&self.config("operator"), &allowed).out.trim() == "yes" {
                break;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let own = r#"-p={"metadata":{"annotations":{"a":"b"}}}"#;
        for what in ["service/kubernetes", "endpoints/kubernetes", slice.as_str()] {
            self.refused("operator", &["patch", what, own]);
            self.refused("operator", &["delete", what, "--wait=false"]);
        }
        let selected = r#"-p={"spec":{"selector":{"app":"taker"}}}"#;
        self.refused("operator", &["patch", "service/kubernetes", selected]);
        let more = "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\naddressType: IPv4\nendpoints: [{addresses: [192.0.2.1]}]\nmetadata: {name: more, namespace: default, labels: {kubernetes.io/service-name: NAME}}\n";
        no(self.apply("operator", &more.replace("NAME", "kubernetes")));
        self.apply("operator", &more.replace("NAME", "taker")).ok();
        let moved = [
            "label",
            "--overwrite",
            "endpointslice",
            "more",
            "kubernetes.io/service-name=kubernetes",
        ];
        self.refused("operator", &moved);
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
                "--timeout=240s",
                &pod,
                "-n",
                namespace,
            ];
            self.ok(who, &words);
            self.ok(who, &["exec", &pod, "-n", namespace, "--", "sleep", "0"]);
            self.ok(who, &["create", "secret", "generic", who, "-n", namespace]);
            self.ok(who, &["get", "secret", who, "-n", namespace]);
            // Tokens of the cluster's administrators lie there.
            for words in [&["-n", "kube-system"] as &[&str], &["--all-namespaces"]] {
                self.refused(who, &[&["get", "secrets"], words].concat());
            }
            self.refused(who, &["create", "token", "default", "-n", namespace]);
            let said = no(self.apply(who, &TOKEN_SECRET.replace("kube-system", namespace)));
            assert!(said.contains("Secrets with tokens"), "{said}");
            self.refused(
                who,
                &[
                    "get",
                    "pods",
                    "-n",
                    namespace,
                    "--as",
                    &format!("system:serviceaccount:{namespace}:default"),
                ],
            );
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
        let said = self.fetched("https://kubernetes.default", "20");
        assert!(!said.contains("dial tcp"), "its own network works: {said}");
        let settings = std::fs::read_to_string(e2e::home().join("run/stack.env")).unwrap();
        let own = settings
            .lines()
            .filter_map(|line| line.split_once("_PORT="));
        let ports: Vec<&str> = own.map(|(_, port)| port).chain(["2375", "2376"]).collect();
        assert!(ports.len() > 6, "{settings}");
        for port in ports {
            let said = self.fetched(&format!("http://{}:{port}", host.trim()), "2");
            assert!(
                said.contains("dial tcp"),
                "port {port} answers a lab: {said}"
            );
        }
    }

    /// What `wget` in an ordinary pod says of an address, within so many seconds.
    fn fetched(&self, url: &str, secs: &str) -> String {
        let exec = ["exec", "pod/operator", "-n", "default", "--"];
        let wget = ["wget", "-T", secs, "-O", "-", url];
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
