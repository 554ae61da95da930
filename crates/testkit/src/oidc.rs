//! A real OpenID Connect provider (the npm package `oidc-provider`), one for each test that wants it.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::Mutex,
};

use reqwest::{Client, Method, Response, Url, header::LOCATION, redirect::Policy};
use serde_json::{Value, json};

use crate::{port::free_port, root};

/// Redirects of one login.
const REDIRECTS_MAX: usize = 10;

/// A provider that lives as long as this does.
pub struct OidcProvider {
    child: Child,
    issuer: String,
}

/// What labyard is there.
pub const CLIENT_ID: &str = "labyard";
pub const CLIENT_SECRET: &str = "a secret: of the tests + more";
/// What a pipeline is there.
pub const PIPELINE_ID: &str = "pipeline";
pub const PIPELINE_SECRET: &str = "secret-of-a-pipeline";

impl OidcProvider {
    /// Starts one that sends people back to these addresses.
    pub fn start(redirect_uris: &[&str]) -> Self {
        Self::start_on(free_port(), redirect_uris)
    }

    /// The same issuer again, with other keys: whoever was on this port has ended.
    pub fn start_on(port: u16, redirect_uris: &[&str]) -> Self {
        let configuration = json!({ "port": port, "clients": [
            { "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "redirect_uris": redirect_uris },
            { "client_id": PIPELINE_ID, "client_secret": PIPELINE_SECRET, "redirect_uris": [],
              "response_types": [], "grant_types": ["client_credentials"] },
        ]});
        let folder = root().join("e2e/oidc");
        assert!(
            folder.join("node_modules").exists(),
            "the provider is not installed: run `npm ci` in {}",
            folder.display()
        );
        let mut child = Command::new("node")
            .arg(folder.join("provider.mjs"))
            .arg(configuration.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("node runs");
        let out = child.stdout.take().expect("it says where it is");
        let mut line = String::new();
        BufReader::new(out)
            .read_line(&mut line)
            .expect("it says where it is");
        let issuer = line
            .split('"')
            .nth(3)
            .expect("the provider starts")
            .to_owned();
        Self { child, issuer }
    }

    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Goes where a login begins and logs in there as `account`; gives where the provider sends the browser back to.
    pub async fn log_in(&self, begin: &str, account: &str) -> String {
        let browser = Browser::new();
        let mut answer = browser.ask(Method::GET, begin, None).await;
        for _ in 0..REDIRECTS_MAX {
            let here = answer.url().clone();
            let there = answer.headers().get(LOCATION);
            let Some(there) = there.map(|there| here.join(there.to_str().unwrap()).unwrap()) else {
                let form = format!("account={account}");
                answer = browser.ask(Method::POST, here.as_str(), Some(form)).await;
                continue;
            };
            if !there.as_str().starts_with(&self.issuer) {
                return there.into();
            }
            answer = browser.ask(Method::GET, there.as_str(), None).await;
        }
        panic!("the provider never sends the browser back");
    }

    /// The token of a pipeline's run, for an audience.
    pub async fn pipeline_token(&self, audience: &str, run: &Value) -> String {
        let form = form(&[
            ("grant_type", "client_credentials"),
            ("resource", audience),
            ("run", &run.to_string()),
        ]);
        let request = Client::new().post(format!("{}/token", self.issuer));
        let request = request.basic_auth(PIPELINE_ID, Some(PIPELINE_SECRET));
        let answer = posted(request, form).send().await.unwrap();
        let answer: Value = answer.json().await.unwrap();
        let token = answer["access_token"].as_str();
        token.unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    pub fn port(&self) -> u16 {
        let port = self
            .issuer
            .rsplit(':')
            .next()
            .and_then(|port| port.parse().ok());
        port.expect("an issuer of ours has a port")
    }
}

impl Drop for OidcProvider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn form(pairs: &[(&str, &str)]) -> String {
    let mut url = Url::parse("http://localhost").unwrap();
    url.query_pairs_mut().extend_pairs(pairs);
    url.query().unwrap().to_owned()
}

fn posted(request: reqwest::RequestBuilder, form: String) -> reqwest::RequestBuilder {
    let kind = "application/x-www-form-urlencoded";
    request.header("content-type", kind).body(form)
}

/// A browser as far as a provider needs one: it keeps cookies.
struct Browser {
    http: Client,
    cookies: Mutex<BTreeMap<String, String>>,
}

impl Browser {
    fn new() -> Self {
        let http = Client::builder().redirect(Policy::none()).build().unwrap();
        let cookies = Mutex::default();
        Self { http, cookies }
    }

    async fn ask(&self, method: Method, url: &str, form: Option<String>) -> Response {
        let kept: Vec<String> = {
            let cookies = self.cookies.lock().unwrap();
            cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect()
        };
        let request = self
            .http
            .request(method, url)
            .header("cookie", kept.join("; "));
        let request = match form {
            Some(form) => posted(request, form),
            None => request,
        };
        let answer = request.send().await.unwrap();
        let mut cookies = self.cookies.lock().unwrap();
        for cookie in answer.headers().get_all("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            cookies.insert(name.to_owned(), value.to_owned());
        }
        answer
    }
}
