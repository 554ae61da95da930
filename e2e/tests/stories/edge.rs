//! Who is let in at the door of a stack: nobody from elsewhere, and what a caller claims of where they are is worth nothing. Its
//! https is this installation's own, and so is what is given over it.

use std::{net::Ipv4Addr, path::PathBuf, process::Command};

use api::{Page, Problem, audit::AuditEntry};
use e2e::{
    command::run,
    person::{PASSWORD, Person},
};
use reqwest::{Certificate, Client, Method, Response, StatusCode, redirect::Policy};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Where nobody of this test is.
const CLAIMED: &str = "203.0.113.9";
/// As the kernel lists sockets: their state, and 127.0.0.1, ::1 and ::ffff:127.0.0.1.
const LISTENING: &str = "0A";
const LOOPBACK: [&str; 3] = [
    "0100007F",
    "00000000000000000000000001000000",
    "0000000000000000FFFF00000100007F",
];

#[tokio::test]
async fn what_a_client_claims_of_its_address_is_not_in_the_audit() {
    let ana = Person::register("edge").await;
    let http = Client::new();
    let ask = |method: Method, path: &str| {
        http.request(
            method,
            format!("{}{path}", e2e::url().trim_end_matches('/')),
        )
        .header("X-Forwarded-For", CLAIMED)
        .header("X-Forwarded-For", format!("{CLAIMED}, 198.51.100.1"))
        .header("X-Real-IP", CLAIMED)
        .header("Forwarded", format!("for={CLAIMED}"))
    };
    let login = json!({ "email": ana.email, "password": PASSWORD });
    let answer = ask(Method::POST, "/api/v1/auth/token").json(&login);
    let tokens: Value = answer.send().await.unwrap().json().await.unwrap();
    let token = tokens["access_token"].as_str().unwrap();
    let name = json!({ "name": "Somebody else" });
    let renamed = ask(Method::PATCH, "/api/v1/auth/me").bearer_auth(token);
    assert_eq!(renamed.json(&name).send().await.unwrap().status(), 200);

    let answer = ask(Method::GET, "/api/v1/audit").bearer_auth(token);
    let page: Page<AuditEntry> = answer.send().await.unwrap().json().await.unwrap();
    for action in ["login", "change_me"] {
        assert!(page.items.iter().any(|entry| entry.action == action));
    }
    for entry in &page.items {
        assert!(e2e::is_here(entry.address.as_deref()), "{entry:?}");
    }
}

/// What the edge answers to these bytes: its head in lower case, and its body.
async fn raw(bytes: &[u8]) -> (String, String) {
    let url: reqwest::Url = e2e::url().parse().unwrap();
    raw_at(url.port_or_known_default().unwrap(), bytes).await
}

async fn raw_at(port: u16, bytes: &[u8]) -> (String, String) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    // What it does not read of a request it answers with a reset, after its own words.
    stream.read_to_end(&mut answer).await.ok();
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_lowercase(), body.to_owned())
}

#[tokio::test]
async fn what_the_edge_answers_by_itself_is_a_problem_with_its_request_s_id() {
    let long = "a".repeat(20_000);
    for (request, status, header) in [
        (
            "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
            405,
            "allow: get, head",
        ),
        (
            "TRACE /api/v1/clusters HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
            405,
            "allow: get, head, post",
        ),
        ("no request\r\n\r\n".to_owned(), 400, ""),
        ("GET / HTTP/1.1\r\n\r\n".to_owned(), 400, ""),
        (format!("GET /{long} HTTP/1.1\r\nHost: a\r\n\r\n"), 414, ""),
        (
            format!("GET / HTTP/1.1\r\nHost: a\r\nX-Long: {long}\r\n\r\n"),
            431,
            "",
        ),
    ] {
        let (head, body) = raw(request.as_bytes()).await;
        let what = &request[..request.len().min(40)];
        assert!(
            head.starts_with(&format!("http/1.1 {status} ")),
            "{what:?}: {head}"
        );
        assert!(
            head.contains("content-type: application/problem+json"),
            "{what:?}: {head}"
        );
        assert!(head.contains(header), "{what:?}: {head}");
        let problem: Problem = serde_json::from_str(&body).unwrap();
        assert_eq!(problem.status, status, "{what:?}");
        let id = problem.request_id.unwrap();
        assert!(
            head.contains(&format!("x-request-id: {id}")),
            "{what:?}: {head}"
        );
    }
}

#[tokio::test]
async fn checks_pass_the_edge_however_old_they_are() {
    for (request, empty) in [("GET", false), ("HEAD", true)] {
        let asked = format!("{request} /health HTTP/1.0\r\nX-Request-Id: check-1\r\n\r\n");
        let (head, body) = raw(asked.as_bytes()).await;
        assert!(head.starts_with("http/1.1 200 "), "{head}");
        assert_eq!(body.is_empty(), empty, "{body}");
        let named = head.matches("x-request-id: check-1").count();
        assert_eq!(named, 1, "{head}");
    }
}

/// The door's https: where it is, and the authority that it asks to be trusted.
struct Https {
    host: String,
    port: u16,
    authority: PathBuf,
}

impl Https {
    fn find() -> Self {
        let page: reqwest::Url = e2e::page().parse().unwrap();
        let edge = ports().into_iter().find(|(name, _)| name == "EDGE_TLS");
        Self {
            host: page.host_str().unwrap().to_owned(),
            port: edge.expect("an https listener").1,
            authority: e2e::home().join("edge/labyard-ca.crt"),
        }
    }

    /// As browsers write it.
    fn origin(&self) -> String {
        format!("https://{}:{}", self.host, self.port)
    }

    fn certificate(&self) -> Certificate {
        Certificate::from_pem(&std::fs::read(&self.authority).unwrap()).unwrap()
    }

    /// Somebody who trusts this authority alone, and knows the page's name as browsers do.
    fn client(&self, authority: Certificate) -> Client {
        Client::builder()
            .tls_certs_only([authority])
            .redirect(Policy::none())
            .resolve(&self.host, (Ipv4Addr::LOCALHOST, self.port).into())
            .build()
            .unwrap()
    }

    /// Logs a browser in whose page came from there.
    async fn log_in(&self, email: &str, origin: &str) -> Response {
        let login = json!({ "email": email, "password": PASSWORD });
        self.client(self.certificate())
            .post(format!("{}/api/v1/auth/session", self.origin()))
            .header("origin", origin)
            .json(&login)
            .send()
            .await
            .unwrap()
    }
}

#[tokio::test]
async fn who_trusts_the_installations_authority_and_no_other_is_at_home() {
    let https = Https::find();
    let client = https.client(https.certificate());
    for host in ["localhost", "127.0.0.1", &https.host] {
        let asked = client.get(format!("https://{host}:{}/health", https.port));
        assert_eq!(asked.send().await.unwrap().status(), 200, "{host}");
    }
    let page = format!("https://localhost:{}/login?next=%2Ftasks", https.port);
    let sent = client.get(page).send().await.unwrap();
    assert_eq!(sent.status(), StatusCode::TEMPORARY_REDIRECT);
    let home = format!("{}/login?next=%2Ftasks", https.origin());
    assert_eq!(sent.headers()["location"], *home);

    let other = tempfile::tempdir().unwrap();
    let (key, theirs) = (other.path().join("key"), other.path().join("crt"));
    let words = "req -x509 -newkey rsa:2048 -nodes -days 1 -subj /O=labyard";
    let mut openssl = Command::new("openssl");
    openssl.args(words.split(' ')).arg("-keyout").arg(key);
    run(openssl.arg("-out").arg(&theirs)).ok();
    let theirs = Certificate::from_pem(&std::fs::read(theirs).unwrap()).unwrap();
    let refused = https.client(theirs).get(https.origin()).send().await;
    assert!(refused.is_err_and(|error| error.is_connect()));
}

#[test]
fn programs_speak_http_2_with_it() {
    let https = Https::find();
    let mut curl = Command::new("curl");
    let words = "-sS -o /dev/null -w %{http_version} --http2 --noproxy *";
    curl.args(words.split(' ')).arg("--cacert");
    curl.arg(&https.authority);
    let url = format!("https://localhost:{}/download/labyard", https.port);
    assert_eq!(run(curl.arg(url)).ok(), "2");
}

#[tokio::test]
async fn the_command_line_says_whom_it_does_not_trust_and_takes_a_file() {
    let https = Https::find();
    let ana = Person::register("https").await;
    let server = format!("https://localhost:{}", https.port);
    let login = |trusted: &str| {
        let words = ["auth", "login", "--email", &ana.email, "--password-stdin"];
        let mut labyard = ana.labyard_command(&words);
        labyard.env("LABYARD_SERVER", &server);
        labyard.env("SSL_CERT_FILE", trusted);
        e2e::command::run_given(&mut labyard, PASSWORD)
    };
    let said = login("/etc/ssl/certs/ca-certificates.crt");
    assert_ne!(said.code, 0);
    assert!(
        said.err.contains("unknown authority") && said.err.contains("SSL_CERT_FILE"),
        "{said:?}"
    );
    login(https.authority.to_str().unwrap()).ok();
}

#[tokio::test]
async fn a_session_of_https_stays_there() {
    let https = Https::find();
    let ana = Person::register("guarded").await;
    let own = https.origin();
    let answer = https.log_in(&ana.email, &own).await;
    assert_eq!(answer.status(), 200);
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.starts_with("__Host-labyard="), "{cookie}");
    for part in ["; Secure", "; HttpOnly", "; Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let cookie = cookie.split(';').next().unwrap();
    let client = https.client(https.certificate());
    let ask = |method, path: &str, origin: &str| {
        let request = client.request(method, format!("{own}{path}"));
        request.header("cookie", cookie).header("origin", origin)
    };
    let stream = ask(Method::GET, "/api/v1/events", &own).send();
    let stream = stream.await.unwrap();
    assert_eq!(stream.status(), 200);
    assert_eq!(stream.headers()["content-type"], "text/event-stream");

    // Neither a page that came in clear, nor another port's.
    let elsewhere = format!("https://{}:{}", https.host, https.port + 1);
    for origin in [e2e::page(), elsewhere] {
        assert_eq!(https.log_in(&ana.email, &origin).await.status(), 403);
        for (method, path) in [
            (Method::GET, "/api/v1/events"),
            (Method::DELETE, "/api/v1/auth/session"),
        ] {
            let answer = ask(method, path, &origin).send().await.unwrap();
            assert_eq!(answer.status(), 403, "{path} by {origin}");
        }
    }
    let page = e2e::page();
    let (_, host) = page.split_once("://").unwrap();
    let plain = Client::new()
        .get(format!("{}/api/v1/auth/me", e2e::url()))
        .header("host", host)
        .header("cookie", cookie);
    assert_eq!(plain.send().await.unwrap().status(), 401);

    let left = ask(Method::DELETE, "/api/v1/auth/session", &own).send();
    let left = left.await.unwrap();
    assert_eq!(left.status(), 204);
    let gone = left.headers()["set-cookie"].to_str().unwrap();
    assert!(gone.starts_with("__Host-labyard=;"), "{gone}");
}

#[tokio::test]
async fn plain_http_is_told_that_the_port_speaks_https() {
    let https = Https::find();
    for request in [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
    ] {
        let (head, body) = raw_at(https.port, request.as_bytes()).await;
        assert!(head.starts_with("http/1.1 400 "), "{head}");
        assert!(
            head.contains("content-type: application/problem+json"),
            "{head}"
        );
        let problem: Problem = serde_json::from_str(&body).unwrap();
        assert!(problem.detail.contains("speaks https only"), "{body}");
    }
}

/// The stack's own ports, as it found them, by their names.
fn ports() -> Vec<(String, u16)> {
    let settings = std::fs::read_to_string(e2e::home().join("run/stack.env")).unwrap();
    settings
        .lines()
        .filter_map(|line| line.split_once("_PORT="))
        .map(|(name, port)| (name.to_owned(), port.parse().unwrap()))
        .collect()
}

#[test]
fn everything_listens_on_the_loopback() {
    let ports = ports();
    assert!(ports.len() > 6, "{ports:?}");
    let sockets = ["tcp", "tcp6"].map(|kind| std::fs::read_to_string(format!("/proc/net/{kind}")));
    let sockets = sockets.map(Result::unwrap_or_default).concat();
    for (name, port) in ports {
        let listens = |line: &str| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let (address, at) = words.get(1)?.rsplit_once(':')?;
            let is_it = words[3] == LISTENING && u16::from_str_radix(at, 16) == Ok(port);
            is_it.then(|| address.to_owned())
        };
        let addresses: Vec<String> = sockets.lines().filter_map(listens).collect();
        assert!(!addresses.is_empty(), "nothing is at {name}, {port}");
        for address in addresses {
            assert!(LOOPBACK.contains(&address.as_str()), "{name}: {address}");
        }
    }
}
