//! What people do with secrets, all of it in one story; each secret is planted with its name.

use std::{io::Write, path::Path, process::Stdio};

use base64::{Engine, engine::general_purpose::STANDARD};
use e2e::command::{Said, docker};
use rand::Rng;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::places;

/// Secrets by what they are.
#[derive(Default)]
pub(crate) struct Planted(pub(crate) Vec<(String, String)>);

impl Planted {
    /// Keeps one that labyard made.
    pub(crate) fn add(&mut self, name: &str, secret: &str) -> String {
        assert!(!secret.is_empty(), "{name} is empty");
        self.0.push((name.to_owned(), secret.to_owned()));
        secret.to_owned()
    }

    /// Makes one that a person would choose.
    fn make(&mut self, name: &str) -> String {
        let number: u64 = rand::rng().random();
        self.add(name, &format!("c4nary/+{number:016x}=&%"))
    }
}

/// One person with a command line of their own.
pub(crate) struct Person {
    pub(crate) email: String,
    pub(crate) token: String,
    config: tempfile::TempDir,
}

pub(crate) type Answer = (StatusCode, String, Value);

/// One request through the edge; the answer's head as text.
pub(crate) async fn ask(method: Method, path: &str, token: &str, body: Option<&Value>) -> Answer {
    let mut request = reqwest::Client::new().request(method, format!("{}{path}", e2e::url()));
    if !token.is_empty() {
        request = request.bearer_auth(token);
    }
    if let Some(body) = body {
        request = request.json(body);
    }
    read(request).await
}

async fn read(request: reqwest::RequestBuilder) -> Answer {
    let answer = request.send().await.unwrap();
    let (status, head) = (answer.status(), format!("{:?}", answer.headers()));
    let text = answer.text().await.unwrap();
    (
        status,
        head,
        serde_json::from_str(&text).unwrap_or(Value::String(text)),
    )
}

async fn post(path: &str, token: &str, body: &Value) -> Value {
    let (status, _, said) = ask(Method::POST, path, token, Some(body)).await;
    assert!(status.is_success(), "{path} {status} {said}");
    said
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name]
        .as_str()
        .unwrap_or_else(|| panic!("no {name} in an answer"))
}

impl Person {
    pub(crate) async fn register(name: &str, password: &str) -> Self {
        let number: u64 = rand::rng().random();
        let email = format!("{name}-{number:x}@example.org");
        let wanted = json!({ "email": email, "password": password });
        post("/api/v1/auth/register", "", &wanted).await;
        let tokens = post("/api/v1/auth/token", "", &wanted).await;
        Self {
            email,
            token: text(&tokens, "access_token").to_owned(),
            config: tempfile::tempdir().unwrap(),
        }
    }

    /// `labyard` with this on its standard input.
    pub(crate) fn labyard(&self, arguments: &[&str], input: &str) -> Said {
        let mut command = std::process::Command::new(e2e::person::labyard());
        command
            .env("XDG_CONFIG_HOME", self.config.path())
            .env("LABYARD_SERVER", e2e::url())
            .env_remove("LABYARD_TOKEN")
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(input.as_bytes())
            .unwrap();
        let output = child.wait_with_output().unwrap();
        Said {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let said = self
            .labyard(&[arguments, &["-o", "json"]].concat(), "")
            .ok();
        serde_json::from_str(&said).unwrap()
    }

    /// The access token of the command line's login, which every verb keeps good.
    pub(crate) fn fresh(&self) -> String {
        self.labyard(&["auth", "whoami"], "").ok();
        let login = yaml(&self.config.path().join("labyard/config.yaml"));
        let token = login.into_iter().find(|(key, _)| key == "access_token");
        token.unwrap().1
    }

    fn log_in(&self, password: &str) {
        let login = ["auth", "login", "--email", &self.email, "--password-stdin"];
        self.labyard(&login, &format!("{password}\n")).ok();
    }

    /// The tokens of the command line's login.
    fn kept(&self, planted: &mut Planted, when: &str) {
        let file = self.config.path().join("labyard/config.yaml");
        for (key, value) in yaml(&file) {
            if key.ends_with("_token") {
                planted.add(&format!("the command line's {key} {when}"), &value);
            }
        }
    }
}

fn yaml(file: &Path) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(file).unwrap();
    let lines = text.lines().filter_map(|line| line.split_once(": "));
    lines
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

/// What the story leaves behind for those who look.
pub(crate) struct Left {
    pub(crate) ana: Person,
    pub(crate) ben: Person,
    pub(crate) organization: String,
    pub(crate) cluster: String,
    /// What two browsers kept, showed and asked for.
    pub(crate) browsers: String,
}

/// The same on the pages, in a real browser.
fn on_pages(planted: &mut Planted) -> String {
    let number: u64 = rand::rng().random();
    let told = json!({
        "email": format!("canary-page-{number:x}@example.org"),
        "first": planted.make("a password typed on the page"),
        "second": planted.make("a new password typed on the page"),
    });
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("browser/canary.mjs");
    let mut child = std::process::Command::new("node")
        .arg(script)
        .env("LABYARD_E2E_URL", e2e::url())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(told.to_string().as_bytes()).unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "the pages: {}", output.status);
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    for (name, secret) in said["secrets"].as_object().unwrap() {
        planted.add(name, secret.as_str().unwrap());
    }
    text(&said, "kept").to_owned()
}

pub(crate) async fn logins(planted: &mut Planted) -> (Person, Person) {
    let password = planted.make("ana's password");
    let ana = Person::register("canary-ana", &password).await;
    planted.add("ana's access token", &ana.token);
    let password_of_ben = planted.make("ben's password");
    let ben = Person::register("canary-ben", &password_of_ben).await;
    ben.log_in(&password_of_ben);
    let wrong = json!({ "email": ana.email, "password": planted.make("a wrong password") });
    let refused = ask(Method::POST, "/api/v1/auth/token", "", Some(&wrong)).await;
    assert_eq!(refused.0, StatusCode::UNAUTHORIZED);
    ana.log_in(&password);
    ana.kept(planted, "after a login");

    let form = [
        ("username", ana.email.as_str()),
        ("password", &password),
        ("grant_type", "password"),
    ];
    let form = reqwest::Url::parse_with_params("http://form", form).unwrap();
    let login = reqwest::Client::new()
        .post(format!("{}/api/v1/auth/token", e2e::url()))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.query().unwrap().to_owned());
    let (_, _, mut tokens) = read(login).await;
    let first = planted.add("a refresh token", text(&tokens, "refresh_token"));
    for number in ["second", "third"] {
        let refresh = json!({ "refresh_token": text(&tokens, "refresh_token") });
        tokens = post("/api/v1/auth/refresh", "", &refresh).await;
        planted.add(
            &format!("the {number} refresh token"),
            text(&tokens, "refresh_token"),
        );
        planted.add(
            &format!("the {number} access token"),
            text(&tokens, "access_token"),
        );
    }
    let again = json!({ "refresh_token": first });
    let reused = ask(Method::POST, "/api/v1/auth/refresh", "", Some(&again)).await;
    assert_eq!(reused.0, StatusCode::UNAUTHORIZED);

    let browser = json!({ "email": ana.email, "password": password });
    let page = e2e::page();
    let (_, host) = page.split_once("://").unwrap();
    let login = reqwest::Client::new()
        .post(format!("{}/api/v1/auth/session", e2e::url()))
        .header("host", host)
        .json(&browser);
    let (status, head, _) = read(login).await;
    assert_eq!(status, StatusCode::OK);
    let cookie = head
        .split("labyard=")
        .nth(1)
        .and_then(|rest| rest.split(';').next())
        .unwrap();
    let cookie = planted.add("a cookie", cookie);
    let me = reqwest::Client::new()
        .get(format!("{}/api/v1/auth/me", e2e::url()))
        .header("host", host)
        .header("cookie", format!("labyard={cookie}"));
    assert_eq!(read(me).await.0, StatusCode::OK);

    let change = ["auth", "password", "--password-stdin"];
    let new = planted.make("ana's new password");
    ana.labyard(&change, &format!("{password}\n{new}\n")).ok();
    (ana, ben)
}

/// What is wrong is told to whoever sent it and to nobody else.
pub(crate) async fn mistakes(planted: &mut Planted) {
    for (path, pointer) in [
        ("/api/v1/auth/token", "password"),
        ("/api/v1/auth/refresh", "refresh_token"),
        ("/api/v1/auth/register", "invitation"),
    ] {
        let secret = planted.make(&format!("a {pointer} of a wrong type"));
        let body = json!({ "email": [secret], "password": { "x": secret }, "refresh_token": 1, pointer: [secret] });
        let (status, ..) = ask(Method::POST, path, "", Some(&body)).await;
        assert!(status.is_client_error(), "{path} {status}");
    }
    let bearer = planted
        .make("a bearer that nobody gave")
        .replace(['%', '&'], "");
    planted.add("the same as it was sent", &bearer);
    let refused = ask(Method::GET, "/api/v1/auth/me", &bearer, None).await;
    assert_eq!(refused.0, StatusCode::UNAUTHORIZED);
    let basic = planted.make("a password for another scheme");
    let request = reqwest::Client::new().get(format!("{}/api/v1/clusters", e2e::url()));
    assert_eq!(
        read(request.basic_auth("ana", Some(basic))).await.0,
        StatusCode::UNAUTHORIZED
    );
    let asked = planted.make("an access token in an address");
    let request = reqwest::Client::new().get(format!("{}/api/v1/events", e2e::url()));
    assert_eq!(
        read(request.query(&[("access_token", asked)])).await.0,
        StatusCode::UNAUTHORIZED
    );
}

/// Tokens, links, streams.
pub(crate) async fn handed_out(
    planted: &mut Planted,
    ana: &Person,
    ben: &Person,
    organization: &str,
) {
    let bearer = &ana.fresh();
    let stream = post("/api/v1/auth/stream-token", bearer, &json!({})).await;
    let stream = planted.add("a stream token", text(&stream, "token"));
    let events = reqwest::Client::new().get(format!("{}/api/v1/events", e2e::url()));
    let mut events = events.query(&[("token", stream)]).send().await.unwrap();
    assert_eq!(events.status(), StatusCode::OK);
    assert!(events.chunk().await.unwrap().is_some());

    for scope in ["read", "change"] {
        let made = ana.json(&["token", "create", "--name", scope, "--scope", scope]);
        let token = planted.add(&format!("an API token to {scope}"), text(&made, "token"));
        assert_eq!(
            ask(Method::GET, "/api/v1/clusters", &token, None).await.0,
            StatusCode::OK
        );
    }
    let made = ana.json(&[
        "token",
        "create",
        "--name",
        "one",
        "--scope",
        "use",
        "--org",
        organization,
    ]);
    let narrow = planted.add("an API token of one organization", text(&made, "token"));
    let listens = reqwest::Client::new()
        .get(format!("{}/api/v1/events", e2e::url()))
        .bearer_auth(narrow);
    assert_eq!(listens.send().await.unwrap().status(), StatusCode::OK);
    ana.labyard(&["token", "revoke", "one"], "").ok();

    for name in ["an invitation that is taken", "an invitation that is not"] {
        let made = ana.json(&["org", "invite", organization]);
        let token = planted.add(name, text(&made, "token"));
        if name.ends_with("taken") {
            ben.labyard(&["org", "join"], &format!("{token}\n")).ok();
        }
    }
    let id = ana.json(&["org", "show", organization]);
    let wanted = json!({ "organization_id": text(&id, "id"), "name": "canary" });
    let workspace = post("/api/v1/workspaces", bearer, &wanted).await;
    let hook = json!({ "url": "https://hooks.invalid/labyard" });
    let path = format!("/api/v1/workspaces/{}/webhooks", text(&workspace, "id"));
    let made = post(&path, bearer, &hook).await;
    planted.add("a webhook's secret", text(&made, "secret"));
    let path = format!("/api/v1/webhooks/{}/secret", text(&made["webhook"], "id"));
    let renewed = post(&path, bearer, &json!({})).await;
    planted.add("a webhook's next secret", text(&renewed, "secret"));

    let administrator = e2e::person::Person::administrator().await;
    let administrator = administrator.client.bearer().unwrap().to_owned();
    for name in ["a reset link that is used", "a reset link that is not"] {
        let wanted = json!({ "email": ben.email });
        let made = post("/api/v1/auth/reset-links", &administrator, &wanted).await;
        let token = planted.add(name, text(&made, "token"));
        if name.ends_with("used") {
            let password = planted.make("ben's password by a link");
            let reset = json!({ "token": token, "new_password": password });
            post("/api/v1/auth/reset", "", &reset).await;
            ben.log_in(&password);
            ben.kept(planted, "of ben");
        }
    }
}

/// A lab with what it keeps inside.
pub(crate) async fn lab(planted: &mut Planted, ana: &Person, ben: &Person, name: &str) -> String {
    ana.labyard(&["cluster", "create", "--name", name], "").ok();
    let cluster = text(&ana.json(&["cluster", "get", name]), "id").to_owned();
    ana.labyard(
        &["cluster", "exec", name, "--", "kubectl", "get", "nodes"],
        "",
    )
    .ok();
    for share in ["a share's link that is taken", "a share's link that is not"] {
        let made = ana.json(&["share", "link", name, "--level", "operator"]);
        let token = planted.add(share, text(&made, "token"));
        if share.ends_with("taken") {
            ben.labyard(&["share", "redeem"], &format!("{token}\n"))
                .ok();
        }
    }
    let kubeconfig = ana.labyard(&["cluster", "get-kubeconfig", name], "").ok();
    key_of(planted, "a kubeconfig", &kubeconfig);

    let id: domain::ClusterId = cluster.parse().unwrap();
    let node = e2e::labs::containers(id).remove(0);
    let inside = |command: &str| docker(&["exec", &node, "sh", "-c", command]).ok();
    for (name, file) in [("administrator", "admin"), ("authority", "ca")] {
        let key = inside(&format!("cat /var/lib/rancher/k3s/server/tls/{file}.key"));
        planted.add(
            &format!("the key of the lab's {name}"),
            key.lines().nth(1).unwrap(),
        );
    }
    let config = inside("cat /run/guests/credentials/*/config");
    key_of(
        planted,
        "a person inside the lab, as it went through standard input",
        &config,
    );
    cluster
}

/// The private key of a kubeconfig, as it stands there and as others would write it.
fn key_of(planted: &mut Planted, whose: &str, kubeconfig: &str) {
    let line = kubeconfig
        .lines()
        .find(|line| line.contains("client-key-data"));
    let (_, data) = line.unwrap().split_once(':').unwrap();
    let data = data.trim_matches(|sign: char| !sign.is_alphanumeric() && sign != '=');
    let data = planted.add(&format!("the key of {whose}"), data);
    let pem = String::from_utf8(STANDARD.decode(data).unwrap()).unwrap();
    planted.add(
        &format!("a line of the key of {whose}"),
        pem.lines().nth(1).unwrap(),
    );
}

/// The stack's own.
pub(crate) fn configuration(planted: &mut Planted) {
    for file in ["gateway", "nats", "postgres"] {
        for (key, value) in places::settings(&format!("secrets/{file}.env")) {
            planted.add(&key, &value);
        }
    }
}

pub(crate) async fn whole(planted: &mut Planted) -> Left {
    configuration(planted);
    let (ana, ben) = logins(planted).await;
    mistakes(planted).await;
    let number: u64 = rand::rng().random();
    let organization = format!("canary {number:x}");
    ana.labyard(&["org", "create", "--name", &organization], "")
        .ok();
    handed_out(planted, &ana, &ben, &organization).await;
    let browsers = on_pages(planted);
    let cluster = lab(planted, &ana, &ben, "canary").await;
    Left {
        ana,
        ben,
        organization,
        cluster,
        browsers,
    }
}
