//! A gateway of a test's own, and people who talk to it.

use std::time::Duration;

use api_gateway::{Gateway, config::Options};
use bus::Bus;
use clap::Parser;
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use testkit::{
    Nats, Postgres, eventually,
    gateway::{self, OFTEN},
};
use tokio_util::sync::CancellationToken;

pub(crate) const PASSWORD: &str = "correct horse battery";
/// Where the page is.
const HOST: &str = "labyard.localhost:3000";

pub(crate) struct World {
    pub(crate) nats: Nats,
    pub(crate) database: String,
    pub(crate) gateway: Gateway,
    pub(crate) url: String,
    pub(crate) http: Client,
    pub(crate) stop: CancellationToken,
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

pub(crate) async fn world() -> World {
    world_with(&[]).await
}

/// A world whose gateway has these options besides.
pub(crate) async fn world_with(options: &[&str]) -> World {
    let nats = Nats::start();
    let database = Postgres::database().await;
    let stop = CancellationToken::new();
    let name = |option: &str| option.split('=').next().map(str::to_owned);
    let said = |option: &&str| options.iter().any(|more| name(more) == name(option));
    // A test asks as often as it likes, unless it says otherwise.
    let often = OFTEN.into_iter().filter(|option| !said(option));
    let options: Vec<&str> = often.chain(options.iter().copied()).collect();
    let gateway = start_with(&nats, &database, &stop, &options).await;
    let url = format!("http://{}", gateway.addr);
    let http = Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        // Shorter than the gateway keeps a connection that nobody uses.
        .pool_idle_timeout(Duration::from_secs(2))
        .build()
        .unwrap();
    World {
        nats,
        database,
        gateway,
        url,
        http,
        stop,
    }
}

/// One more gateway on the same database and bus.
pub(crate) async fn start(nats: &Nats, database: &str, stop: &CancellationToken) -> Gateway {
    start_with(nats, database, stop, &OFTEN).await
}

/// The same with other options.
pub(crate) async fn start_with(
    nats: &Nats,
    database: &str,
    stop: &CancellationToken,
    more: &[&str],
) -> Gateway {
    let words = gateway::words(nats, database, more);
    api_gateway::start(Options::parse_from(words), stop.clone())
        .await
        .unwrap()
}

impl World {
    /// Registers somebody and gives their access token.
    pub(crate) async fn person(&self, name: &str) -> String {
        let email = format!("{name}@example.org");
        let register = json!({ "email": email, "password": PASSWORD });
        let (status, body) = self.post("/api/v1/auth/register", "", &register).await;
        assert_eq!(status, StatusCode::CREATED, "{body}");
        let (status, body) = self.post("/api/v1/auth/token", "", &register).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        body["access_token"].as_str().unwrap().to_owned()
    }

    pub(crate) fn request(&self, method: Method, path: &str, token: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url));
        // As the edge passes it on.
        let request = request.header("host", HOST);
        if token.is_empty() {
            request
        } else {
            request.bearer_auth(token)
        }
    }

    pub(crate) async fn post(&self, path: &str, token: &str, body: &Value) -> (StatusCode, Value) {
        self.read(self.request(Method::POST, path, token).json(body))
            .await
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> (StatusCode, Value) {
        self.read(self.request(Method::GET, path, token)).await
    }

    pub(crate) async fn delete(&self, path: &str, token: &str) -> (StatusCode, Value) {
        self.read(self.request(Method::DELETE, path, token)).await
    }

    pub(crate) async fn read(&self, request: RequestBuilder) -> (StatusCode, Value) {
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        (
            status,
            serde_json::from_str(&text).unwrap_or(Value::String(text)),
        )
    }

    /// A cluster that was asked for; gives its ID.
    pub(crate) async fn create(&self, token: &str, name: &str) -> String {
        let (status, body) = self
            .post("/api/v1/clusters", token, &json!({ "name": name }))
            .await;
        assert_eq!(status, StatusCode::ACCEPTED, "{body}");
        body["cluster"]["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn cluster(&self, token: &str, id: &str) -> Value {
        let (status, body) = self.get(&format!("/api/v1/clusters/{id}"), token).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        body
    }

    /// A connection to the bus as one of its users, once the gateway answers there.
    pub(crate) async fn bus(&self, user: &str) -> Bus {
        let bus = Bus::connect(self.nats.user(user)).await.unwrap();
        eventually(Duration::from_secs(5), || async {
            bus.connected().then_some(())
        })
        .await;
        bus
    }
}

/// A problem without its request's ID: what two requests are told alike is alike but for that.
pub(crate) fn unnamed(mut problem: Value) -> Value {
    if let Some(fields) = problem.as_object_mut() {
        fields.remove("request_id");
    }
    problem
}

/// Runs SQL on a test's database, beside the gateway.
pub(crate) async fn sql(database: &str, text: &str) {
    let output = tokio::process::Command::new("/usr/lib/postgresql/15/bin/psql")
        .args([database, "-v", "ON_ERROR_STOP=1", "-c", text])
        .output()
        .await
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// The one value that SQL on a test's database gives.
pub(crate) async fn query(database: &str, text: &str) -> String {
    let output = tokio::process::Command::new("/usr/lib/postgresql/15/bin/psql")
        .args([database, "-At", "-v", "ON_ERROR_STOP=1", "-c", text])
        .output()
        .await
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Whether SQL on a test's database goes well.
pub(crate) async fn try_sql(database: &str, text: &str) -> bool {
    let output = tokio::process::Command::new("/usr/lib/postgresql/15/bin/psql")
        .args([database, "-v", "ON_ERROR_STOP=1", "-c", text])
        .output()
        .await
        .unwrap();
    output.status.success()
}

/// A copy of a database as it now is.
pub(crate) async fn dump(database: &str) -> Vec<u8> {
    let output = tokio::process::Command::new("/usr/lib/postgresql/15/bin/pg_dump")
        .args(["-d", database])
        .output()
        .await
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

/// Makes an empty database what a copy was.
pub(crate) async fn restore(database: &str, copy: &[u8]) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), copy).unwrap();
    let output = tokio::process::Command::new("/usr/lib/postgresql/15/bin/psql")
        .args([database, "-q", "-v", "ON_ERROR_STOP=1", "-f"])
        .arg(file.path())
        .output()
        .await
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Runs a subcommand of `api-gateway admin`; what it says, or why not.
pub(crate) async fn admin(database: &str, arguments: &[&str]) -> Result<String, String> {
    let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_api-gateway"))
        .arg("--database-url")
        .arg(database)
        .arg("admin")
        .args(arguments)
        .output()
        .await
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() {
        Ok(text(&output.stdout))
    } else {
        Err(text(&output.stderr))
    }
}
