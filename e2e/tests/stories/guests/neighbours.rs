//! Another lab on the same host, and what reaches it from this one: nothing.

use std::time::Duration;

use api::cluster::Cluster;
use domain::ClusterId;
use e2e::{
    command::{Said, docker, kubectl},
    labs,
};
use serde_json::{Value, json};
use testkit::eventually;

use super::Lab;

const ADDRESS: &str = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
const GATEWAY: &str = "{{range .NetworkSettings.Networks}}{{.Gateway}}{{end}}";
const PORT: &str = r#"{{(index (index .HostConfig.PortBindings "6443/tcp") 0).HostPort}}"#;
/// What curl ends with when nobody is there, or nobody answers.
const NOBODY: [i32; 2] = [7, 28];

impl Lab {
    /// Neither a command nor a pod reaches another lab's API, at its own address or at its host's; a certificate of this lab
    /// is none there.
    pub(super) async fn no_lab_reaches_another(&self, id: ClusterId) {
        let words = ["cluster", "create", "--name", "neighbour", "--ttl", "1h"];
        self.anna.labyard(&words).ok();
        let made: Cluster = self.anna.labyard_json(&["cluster", "get", "neighbour"]);
        let told = |of: ClusterId, format: &str| {
            let node = labs::containers(of).remove(0);
            let said = docker(&["inspect", &node, "--format", format]).ok();
            said.trim().to_owned()
        };
        let (own, there) = (told(id, ADDRESS), told(made.id, ADDRESS));
        let port = told(made.id, PORT);
        let inside = |address: &str| format!("https://{address}:6443/readyz");
        // Who does answer has the time of a busy machine.
        let (long, short) = ("20", "3");
        let asked = |lab: &str, url: &str, secs: &str| {
            let curl = ["curl", "-sk", "-m", secs, "-o", "/dev/null", url];
            let words = ["cluster", "exec", lab, "--"];
            self.anna.labyard(&[&words as &[&str], &curl].concat()).code
        };
        let pod = |url: &str, secs: &str| {
            let exec = [
                "exec",
                "pod/operator",
                "-n",
                "default",
                "--",
                "wget",
                "-q",
                "-T",
                secs,
            ];
            let what = ["--no-check-certificate", "-O", "-", url];
            kubectl(
                &self.config("operator"),
                &[&exec as &[&str], &what].concat(),
            )
            .code
        };

        // They answer where they are at home.
        assert_eq!(asked(&made.id.to_string(), &inside(&there), long), 0);
        assert_eq!(asked(&self.id, &inside(&own), long), 0);
        assert_eq!(pod(&inside(&own), long), 0);
        let hosts = [told(id, GATEWAY), told(made.id, GATEWAY)];
        let hosts = hosts.map(|host| format!("https://{host}:{port}/readyz"));
        for url in [&inside(&there), &hosts[0], &hosts[1]] {
            let code = asked(&self.id, url, short);
            assert!(NOBODY.contains(&code), "{url} answers a command: {code}");
            assert_ne!(pod(url, short), 0, "{url} answers a pod");
        }
        // Who is an owner here is nobody there.
        let own = self.at(&told(id, PORT));
        assert_eq!(own.code, 0, "{own:?}");
        let foreign = self.at(&port);
        let refused = foreign.code != 0 && foreign.err.contains("You must be logged in");
        assert!(refused, "{foreign:?}");
        self.anna.labyard(&["cluster", "delete", "neighbour"]).ok();
        eventually(Duration::from_secs(60), || async {
            labs::leftovers(made.id).is_empty().then_some(())
        })
        .await;
    }

    /// What the owner's certificate reads at a port of this host's, whoever answers there.
    fn at(&self, port: &str) -> Said {
        let text = std::fs::read_to_string(self.config("owner")).unwrap();
        let mut config: Value = serde_json::from_str(&text).unwrap();
        config["clusters"][0]["cluster"] = json!({
            "server": format!("https://127.0.0.1:{port}"), "insecure-skip-tls-verify": true,
        });
        let elsewhere = self.config("elsewhere");
        std::fs::write(&elsewhere, config.to_string()).unwrap();
        kubectl(&elsewhere, &["get", "namespaces"])
    }
}
