//! Logins by a real provider of identities: the way there and back, who may come, and what is refused.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use testkit::oidc::{CLIENT_ID, CLIENT_SECRET, OidcProvider};

use crate::gateway::{PASSWORD, World, query, sql, world_with};

const CALLBACK: &str = "http://labyard.localhost:3000/api/v1/auth/oidc/acme/callback";
const OTHER_CALLBACK: &str = "http://labyard.localhost:3000/api/v1/auth/oidc/other/callback";

/// A world with two providers, `acme` with more of these settings.
struct Acme {
    world: World,
    provider: OidcProvider,
    other: OidcProvider,
    _files: tempfile::TempDir,
}

/// A browser of ours: the cookies that it holds.
#[derive(Default, Clone)]
struct Browser(Vec<(String, String)>);

async fn acme(settings: &Value, options: &[&str]) -> Acme {
    let provider = OidcProvider::start(&[CALLBACK]);
    let other = OidcProvider::start(&[OTHER_CALLBACK]);
    let files = tempfile::tempdir().unwrap();
    let secret = files.path().join("secret");
    std::fs::write(&secret, format!("{CLIENT_SECRET}\n")).unwrap();
    let entry = |id: &str, issuer: &str| {
        json!({ "id": id, "label": "Acme", "issuer": issuer, "client_id": CLIENT_ID,
            "client_secret_file": secret })
    };
    let mut first = entry("acme", provider.issuer());
    let more = settings.as_object().unwrap().clone();
    first.as_object_mut().unwrap().extend(more);
    let all = json!([first, entry("other", other.issuer())]);
    let file = files.path().join("providers.json");
    std::fs::write(&file, all.to_string()).unwrap();
    let near = ["--outgoing-allow", "127.0.0.0/8"];
    let options = [&["--oidc", file.to_str().unwrap()], &near[..], options].concat();
    Acme {
        world: world_with(&options).await,
        provider,
        other,
        _files: files,
    }
}

impl Acme {
    /// Asks as a browser; gives status and where it is sent, and keeps the cookies.
    async fn go(&self, browser: &mut Browser, path: &str) -> (StatusCode, String) {
        let request = self.world.request(Method::GET, path, "");
        let answer = request
            .header("cookie", browser.header())
            .send()
            .await
            .unwrap();
        browser.keep(&answer);
        let there = answer.headers().get("location");
        let there = there.map_or_else(String::new, |there| there.to_str().unwrap().to_owned());
        (answer.status(), there)
    }

    /// Sends a browser to the provider; gives where it goes.
    async fn begin(&self, browser: &mut Browser) -> String {
        let (status, there) = self.go(browser, "/api/v1/auth/oidc/acme?next=/tasks").await;
        assert_eq!(status, StatusCode::SEE_OTHER);
        there
    }

    /// The whole way; gives the page that it ends at.
    async fn log_in(&self, browser: &mut Browser, account: &str) -> String {
        let there = self.begin(browser).await;
        let back = self.provider.log_in(&there, account).await;
        self.go(browser, local(&back)).await.1
    }

    async fn me(&self, browser: &Browser) -> (StatusCode, Value) {
        let request = self.world.request(Method::GET, "/api/v1/auth/me", "");
        self.world
            .read(request.header("cookie", browser.header()))
            .await
    }

    /// A change as our own page makes it.
    async fn change(
        &self,
        browser: &mut Browser,
        method: Method,
        path: &str,
        body: &Value,
    ) -> (StatusCode, Value) {
        let request = self
            .world
            .request(method, path, "")
            .header("cookie", browser.header());
        let request = request
            .header("origin", "http://labyard.localhost:3000")
            .json(body);
        let answer = request.send().await.unwrap();
        browser.keep(&answer);
        let status = answer.status();
        (status, answer.json().await.unwrap_or_default())
    }
}

impl Browser {
    fn header(&self) -> String {
        let pairs: Vec<String> = self
            .0
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("; ")
    }

    fn keep(&mut self, answer: &reqwest::Response) {
        for cookie in answer.headers().get_all("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.0.retain(|(known, _)| known != name);
            if !value.is_empty() {
                self.0.push((name.into(), value.into()));
            }
        }
    }
}

/// The page that says why nobody came in, on the way that [`Acme::begin`] begins.
fn turned_away(why: &str) -> String {
    format!("/login?refused={why}&next=%2Ftasks")
}

/// A public address of ours without its host.
fn local(url: &str) -> &str {
    url.strip_prefix("http://labyard.localhost:3000")
        .unwrap_or_else(|| panic!("{url}"))
}

/// The same address with another value of one parameter.
fn with(url: &str, name: &str, value: &str) -> String {
    let mut other = reqwest::Url::parse(url).unwrap();
    let pairs: Vec<(String, String)> = other.query_pairs().into_owned().collect();
    other
        .query_pairs_mut()
        .clear()
        .extend_pairs(pairs.iter().map(|(known, kept)| {
            (
                known.as_str(),
                if known == name { value } else { kept.as_str() },
            )
        }));
    other.into()
}

/// A cookie is given at the page's own host alone, so the way begins there.
#[tokio::test]
async fn who_begins_at_another_name_of_this_machine_is_sent_home_first() {
    let acme = acme(&json!({}), &[]).await;
    for path in [
        "/api/v1/auth/oidc/acme?next=/tasks",
        "/api/v1/auth/oidc/acme/callback?code=c&state=s",
    ] {
        let request = acme.world.http.get(format!("{}{path}", acme.world.url));
        let request = request.header("host", "localhost:3000");
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{path}");
        let there = answer.headers()["location"].to_str().unwrap();
        assert_eq!(local(there), path);
        assert!(!answer.headers().contains_key("set-cookie"), "{path}");
    }
}

#[tokio::test]
async fn somebody_comes_by_a_provider_and_comes_again() {
    let acme = acme(&json!({}), &[]).await;
    let (_, list) = acme.world.get("/api/v1/auth/providers", "").await;
    assert_eq!(list["items"][0], json!({ "id": "acme", "label": "Acme" }));
    let mut browser = Browser::default();
    assert_eq!(acme.log_in(&mut browser, "ana").await, "/tasks");
    let (status, me) = acme.me(&browser).await;
    assert_eq!(status, StatusCode::OK, "{me}");
    assert_eq!(me["user"]["email"], "ana@example.org");
    assert_eq!(me["user"]["name"], "Ana Provided");
    assert_eq!(
        (&me["user"]["is_admin"], &me["has_password"]),
        (&json!(true), &json!(false))
    );
    assert!(
        !browser.header().contains("-login="),
        "the way's cookie is gone"
    );
    let mut again = Browser::default();
    acme.log_in(&mut again, "ana").await;
    assert_eq!(acme.me(&again).await.1["user"]["id"], me["user"]["id"]);
    let logins = query(
        &acme.world.database,
        "select count(*) from audit where action = 'login.acme' and allowed",
    )
    .await;
    assert_eq!(logins, "2");
    // No password is theirs, and the empty one least of all.
    for password in ["", PASSWORD] {
        let login = json!({ "email": "ana@example.org", "password": password });
        let (status, _) = acme.world.post("/api/v1/auth/token", "", &login).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn an_answer_belongs_to_its_browser_and_is_good_once() {
    let acme = acme(&json!({}), &[]).await;
    let mut browser = Browser::default();
    let there = acme.begin(&mut browser).await;
    for part in [
        "code_challenge_method=S256",
        "response_type=code",
        "scope=openid+email+profile",
    ] {
        assert!(there.contains(part), "{there}");
    }
    let back = acme.provider.log_in(&there, "ana").await;
    let stale = "/login?refused=stale";
    let mut stranger = Browser::default();
    for wrong in [
        with(&back, "state", "made-up"),
        with(&back, "state", ""),
        CALLBACK.into(),
    ] {
        assert_eq!(
            acme.go(&mut browser, local(&wrong)).await.1,
            stale,
            "{wrong}"
        );
    }
    // A link with somebody else's answer logs nobody in, and the answer is used up by it.
    assert_eq!(acme.go(&mut stranger, local(&back)).await.1, stale);
    assert_eq!(acme.go(&mut browser, local(&back)).await.1, stale);
    assert_eq!(acme.me(&browser).await.0, StatusCode::UNAUTHORIZED);

    let there = acme.begin(&mut browser).await;
    let back = acme.provider.log_in(&there, "ana").await;
    let mut copy = browser.clone();
    assert_eq!(acme.go(&mut browser, local(&back)).await.1, "/tasks");
    assert_eq!(
        acme.go(&mut copy, local(&back)).await.1,
        stale,
        "replayed whole"
    );

    // The code of one way in another: its verifier and nonce are of that way alone.
    let mut thief = Browser::default();
    let there = acme.begin(&mut thief).await;
    let code = back
        .split("code=")
        .nth(1)
        .unwrap()
        .split('&')
        .next()
        .unwrap();
    let own = acme.provider.log_in(&there, "ben").await;
    assert_eq!(
        acme.go(&mut thief, local(&with(&own, "code", code)))
            .await
            .1,
        turned_away("stale")
    );
    assert_eq!(acme.me(&thief).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn one_providers_answer_is_not_anothers() {
    let acme = acme(&json!({}), &[]).await;
    let mut browser = Browser::default();
    let there = acme.begin(&mut browser).await;
    let back = acme.provider.log_in(&there, "ana").await;
    let elsewhere = back.replace("/oidc/acme/", "/oidc/other/");
    assert_eq!(
        acme.go(&mut browser, local(&elsewhere)).await.1,
        "/login?refused=stale"
    );
    let there = acme.begin(&mut browser).await;
    let back = acme.provider.log_in(&there, "ana").await;
    let mixed = with(&back, "iss", acme.other.issuer());
    assert_eq!(
        acme.go(&mut browser, local(&mixed)).await.1,
        turned_away("untrusted")
    );
    // The provider says that it always names itself: an answer without a name is another's.
    let there = acme.begin(&mut browser).await;
    let back = acme.provider.log_in(&there, "ana").await;
    let unnamed = back.split("&iss=").next().unwrap();
    assert_eq!(
        acme.go(&mut browser, local(unnamed)).await.1,
        turned_away("untrusted")
    );
}

#[tokio::test]
async fn who_says_no_or_is_away_is_told_on_our_page() {
    let acme = acme(&json!({}), &[]).await;
    let mut browser = Browser::default();
    assert_eq!(
        acme.log_in(&mut browser, "nobody").await,
        turned_away("denied")
    );
    let there = acme.begin(&mut browser).await;
    let back = acme.provider.log_in(&there, "ana").await;
    let port = acme.provider.port();
    let Acme {
        world,
        provider,
        other,
        _files,
    } = acme;
    drop(provider);
    // Nobody answers on its port any more; what was begun comes back to a page that says so.
    let acme = Acme {
        provider: other,
        other: OidcProvider::start(&[]),
        world,
        _files,
    };
    assert_eq!(
        acme.go(&mut browser, local(&back)).await.1,
        turned_away("provider_away")
    );
    let list = acme.world.get("/api/v1/auth/providers", "").await;
    assert_eq!(list.0, StatusCode::OK, "port {port}");
    let (status, _) = acme.go(&mut browser, "/api/v1/auth/oidc/other").await;
    assert_eq!(status, StatusCode::SEE_OTHER, "another provider goes on");
    assert_eq!(
        acme.go(&mut browser, "/api/v1/auth/oidc/none").await.0,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn who_may_come_is_the_rules_to_say() {
    let domains = acme(&json!({ "email_domains": ["example.org"] }), &[]).await;
    for (account, why) in [("ben", "other_domain"), ("cam", "unverified")] {
        let page = domains.log_in(&mut Browser::default(), account).await;
        assert_eq!(page, turned_away(why));
    }
    assert_eq!(
        domains.log_in(&mut Browser::default(), "ana").await,
        "/tasks"
    );
    let refused = "select count(*) from audit where action = 'login.acme' and not allowed";
    assert_eq!(query(&domains.world.database, refused).await, "2");

    let closed = acme(&json!({}), &["--registration", "closed"]).await;
    // The first of all may; whoever is here goes on coming.
    closed.world.person("first").await;
    assert_eq!(
        closed.log_in(&mut Browser::default(), "ana").await,
        turned_away("closed")
    );
    assert_eq!(
        query(&closed.world.database, r#"select count(*) from "user""#).await,
        "1"
    );
    let unverified = acme(&json!({}), &[]).await;
    assert_eq!(
        unverified.log_in(&mut Browser::default(), "cam").await,
        turned_away("unverified")
    );
}

#[tokio::test]
async fn an_invitation_lets_a_newcomer_in_where_registration_is_by_invitation() {
    let acme = acme(&json!({}), &["--registration", "invitation"]).await;
    let owner = acme.world.person("owner").await;
    let (_, team) = acme
        .world
        .post("/api/v1/organizations", &owner, &json!({ "name": "Team" }))
        .await;
    let path = format!(
        "/api/v1/organizations/{}/invitations",
        team["id"].as_str().unwrap()
    );
    let invite = json!({ "role": "member", "email": "ana@example.org" });
    let (_, made) = acme.world.post(&path, &owner, &invite).await;
    assert_eq!(
        acme.log_in(&mut Browser::default(), "ana").await,
        turned_away("closed")
    );
    let with_invitation = async |account: &str| {
        let mut browser = Browser::default();
        let wish = json!({ "next": "/invitation", "invitation": made["token"] });
        let begin = "/api/v1/auth/oidc/acme";
        let (status, begun) = acme.change(&mut browser, Method::POST, begin, &wish).await;
        assert_eq!(status, StatusCode::OK, "{begun}");
        let back = acme
            .provider
            .log_in(begun["url"].as_str().unwrap(), account)
            .await;
        let page = acme.go(&mut browser, local(&back)).await.1;
        (page, acme.me(&browser).await.1)
    };
    let (page, _) = with_invitation("dan").await;
    assert_eq!(
        page, "/login?refused=invitation&next=%2Finvitation",
        "it is for another address"
    );
    let (page, me) = with_invitation("ana").await;
    assert_eq!(
        page,
        format!("/organizations/{}", team["id"].as_str().unwrap()),
        "the invitation is taken"
    );
    let roles: Vec<&Value> = me["organizations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["role"])
        .collect();
    assert_eq!(roles, [&json!("owner"), &json!("member")]);
}

#[tokio::test]
async fn an_address_connects_nobody_and_a_connection_is_asked_for() {
    let acme = acme(&json!({}), &[]).await;
    let token = acme.world.person("ana").await;
    assert_eq!(
        acme.log_in(&mut Browser::default(), "ana").await,
        turned_away("email_taken")
    );

    let mut browser = Browser::default();
    let login = json!({ "email": "ana@example.org", "password": PASSWORD });
    acme.change(&mut browser, Method::POST, "/api/v1/auth/session", &login)
        .await;
    let wish = json!({ "provider": "acme" });
    let connect = "/api/v1/auth/identities";
    let evil = acme
        .world
        .request(Method::POST, connect, "")
        .header("cookie", browser.header());
    let (status, _) = acme
        .world
        .read(evil.header("origin", "https://evil.test").json(&wish))
        .await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let (status, begun) = acme
        .change(&mut browser, Method::POST, connect, &wish)
        .await;
    assert_eq!(status, StatusCode::OK, "{begun}");
    let back = acme
        .provider
        .log_in(begun["url"].as_str().unwrap(), "ben")
        .await;
    assert_eq!(
        acme.go(&mut browser, local(&back)).await.1,
        "/profile?connected=acme"
    );
    let (_, list) = acme.world.get(connect, &token).await;
    assert_eq!(
        (&list["items"][0]["subject"], &list["items"][0]["email"]),
        (&json!("ben"), &json!("ben@elsewhere.org"))
    );

    let mut other = Browser::default();
    assert_eq!(acme.log_in(&mut other, "ben").await, "/tasks");
    assert_eq!(acme.me(&other).await.1["user"]["email"], "ana@example.org");
    // Whoever is connected to one is not connected to another.
    acme.log_in(&mut other, "dan").await;
    let (_, begun) = acme.change(&mut other, Method::POST, connect, &wish).await;
    let back = acme
        .provider
        .log_in(begun["url"].as_str().unwrap(), "ben")
        .await;
    assert_eq!(
        acme.go(&mut other, local(&back)).await.1,
        "/profile?refused=identity_taken"
    );
}

#[tokio::test]
async fn a_connection_ends_with_its_logins_but_the_last_way_in_stays() {
    let acme = acme(&json!({}), &[]).await;
    let mut browser = Browser::default();
    acme.log_in(&mut browser, "ana").await;
    let list = acme
        .world
        .request(Method::GET, "/api/v1/auth/identities", "")
        .header("cookie", browser.header());
    let (_, list) = acme.world.read(list).await;
    let path = format!(
        "/api/v1/auth/identities/{}",
        list["items"][0]["id"].as_str().unwrap()
    );
    let (status, refused) = acme
        .change(&mut browser, Method::DELETE, &path, &json!({}))
        .await;
    assert_eq!(
        (status, &refused["code"]),
        (StatusCode::CONFLICT, &json!("wrong_status"))
    );
    // Who has just logged in may choose a first password; later they log in again before.
    let first = json!({ "password": "", "new_password": PASSWORD });
    let old = "update session set created_at = now() - interval '11 minutes'";
    sql(&acme.world.database, old).await;
    let (status, _) = acme
        .change(&mut browser, Method::POST, "/api/v1/auth/password", &first)
        .await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    acme.log_in(&mut browser, "ana").await;
    let (status, _) = acme
        .change(&mut browser, Method::POST, "/api/v1/auth/password", &first)
        .await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    let (status, _) = acme
        .change(&mut browser, Method::DELETE, &path, &json!({}))
        .await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert_eq!(
        acme.me(&browser).await.0,
        StatusCode::UNAUTHORIZED,
        "the login it began"
    );
    let login = json!({ "email": "ana@example.org", "password": PASSWORD });
    assert_eq!(
        acme.world.post("/api/v1/auth/token", "", &login).await.0,
        StatusCode::OK
    );
    assert_eq!(
        acme.log_in(&mut browser, "ana").await,
        turned_away("email_taken")
    );
}

/// GHSA-3rw9-wmc8-8948, GHSA-c45c-39f6-6gw9: logins and tokens outlived the provider they came by.
#[tokio::test]
async fn logins_end_with_their_provider() {
    let acme = acme(&json!({}), &[]).await;
    let mut browser = Browser::default();
    acme.log_in(&mut browser, "ana").await;
    let with_password = acme.world.person("ben").await;
    let path = "/api/v1/auth/tokens";
    let wanted = json!({ "name": "ci", "scope": { "level": "read" } });
    let request = acme.world.request(Method::POST, path, "");
    let request = request.header("cookie", browser.header());
    let request = request.header("origin", "http://labyard.localhost:3000");
    let (status, made) = acme.world.read(request.json(&wanted)).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    let token = made["token"].as_str().unwrap();
    let list = "/api/v1/clusters";
    assert_eq!(acme.world.get(list, token).await.0, StatusCode::OK);
    let (_, others) = acme.world.post(path, &with_password, &wanted).await;
    let others = others["token"].as_str().unwrap();
    let stop = tokio_util::sync::CancellationToken::new();
    let _without = crate::gateway::start(&acme.world.nats, &acme.world.database, &stop).await;
    assert_eq!(acme.me(&browser).await.0, StatusCode::UNAUTHORIZED);
    // Who cannot come in any more is not let in by what they made before.
    let asked = acme.world.get(list, token).await;
    assert_eq!(asked.0, StatusCode::UNAUTHORIZED);
    assert_eq!(acme.world.get(list, others).await.0, StatusCode::OK);
    assert_eq!(
        acme.world.get("/api/v1/auth/me", &with_password).await.0,
        StatusCode::OK
    );
    stop.cancel();
}

#[tokio::test]
async fn a_provider_with_new_keys_is_believed_again() {
    let acme = acme(&json!({}), &[]).await;
    acme.log_in(&mut Browser::default(), "ana").await;
    let Acme {
        world,
        provider,
        other,
        _files,
    } = acme;
    let port = provider.port();
    drop(provider);
    let provider = OidcProvider::start_on(port, &[CALLBACK]);
    let acme = Acme {
        world,
        provider,
        other,
        _files,
    };
    let page = testkit::eventually(std::time::Duration::from_secs(15), || async {
        let page = acme.log_in(&mut Browser::default(), "ana").await;
        (page == "/tasks").then_some(page)
    });
    assert_eq!(page.await, "/tasks");
}

#[tokio::test]
async fn a_deleted_account_leaves_no_way_in_by_its_provider() {
    let acme = acme(&json!({}), &[]).await;
    acme.world.person("first").await;
    let mut browser = Browser::default();
    assert_eq!(acme.log_in(&mut browser, "ana").await, "/tasks");
    let (_, before) = acme.me(&browser).await;
    let path = "/api/v1/auth/me";
    let (status, answer) = acme
        .change(
            &mut browser.clone(),
            Method::DELETE,
            path,
            &json!({ "password": "" }),
        )
        .await;
    assert_eq!(status, StatusCode::NO_CONTENT, "{answer}");
    assert_eq!(acme.me(&browser).await.0, StatusCode::UNAUTHORIZED);

    // The same person of the provider's is somebody new here: nothing of the old account is theirs.
    let mut again = Browser::default();
    assert_eq!(acme.log_in(&mut again, "ana").await, "/tasks");
    let (status, after) = acme.me(&again).await;
    assert_eq!(status, StatusCode::OK, "{after}");
    assert_eq!(after["user"]["email"], "ana@example.org");
    assert_ne!(after["user"]["id"], before["user"]["id"]);
    assert_ne!(
        after["organizations"][0]["organization_id"],
        before["organizations"][0]["organization_id"]
    );
    let old = format!(
        r#"select count(*) from identity where user_id = '{}'"#,
        before["user"]["id"]
            .as_str()
            .unwrap()
            .trim_start_matches("usr_")
    );
    assert_eq!(query(&acme.world.database, &old).await, "0");
}
