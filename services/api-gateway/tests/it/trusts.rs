//! A pipeline comes in by the token of a real provider, as far as a trust says.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use testkit::oidc::OidcProvider;

use crate::gateway::{World, query, sql, world_with};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";
const AUDIENCE: &str = "http://labyard.localhost:3000";

/// An organization that lets the pipelines of one branch in.
struct Team {
    world: World,
    provider: OidcProvider,
    owner: String,
    organization: String,
    trust: Value,
}

fn wanted(issuer: &str) -> Value {
    json!({ "name": "Shop's pipeline", "issuer": issuer, "level": "change", "minutes": 15, "claims": {
        "repository": "acme/shop", "ref": "refs/heads/*", "environment": "staging" } })
}

fn run() -> Value {
    json!({ "repository": "acme/shop", "ref": "refs/heads/main", "environment": "staging", "run_id": "7" })
}

async fn team() -> Team {
    let provider = OidcProvider::start(&[]);
    let world = world_with(&["--outgoing-allow", "127.0.0.0/8"]).await;
    let owner = world.person("owner").await;
    let (_, made) = world
        .post("/api/v1/organizations", &owner, &json!({ "name": "Team" }))
        .await;
    let organization = format!("/api/v1/organizations/{}", made["id"].as_str().unwrap());
    let workspace = json!({ "organization_id": made["id"], "name": "pipelines" });
    world.post("/api/v1/workspaces", &owner, &workspace).await;
    let trusts = format!("{organization}/trusts");
    let (status, trust) = world
        .post(&trusts, &owner, &wanted(provider.issuer()))
        .await;
    assert_eq!(status, StatusCode::CREATED, "{trust}");
    Team {
        world,
        provider,
        owner,
        organization,
        trust,
    }
}

impl Team {
    async fn token(&self, audience: &str, run: &Value) -> String {
        self.provider.pipeline_token(audience, run).await
    }

    async fn exchange(&self, trust: &Value, token: &str) -> (StatusCode, Value) {
        let mut form = reqwest::Url::parse("http://localhost").unwrap();
        form.query_pairs_mut()
            .append_pair("grant_type", GRANT)
            .append_pair("audience", trust.as_str().unwrap())
            .append_pair("subject_token", token)
            .append_pair("subject_token_type", JWT);
        let request = self.world.request(Method::POST, "/api/v1/auth/token", "");
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        self.world
            .read(request.body(form.query().unwrap().to_owned()))
            .await
    }

    async fn refused(&self, token: &str) -> String {
        let (status, answer) = self.exchange(&self.trust["id"], token).await;
        assert_eq!(
            (status, &answer["error"]),
            (StatusCode::BAD_REQUEST, &json!("invalid_grant")),
            "{answer}"
        );
        answer["reason"]["message"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn a_pipeline_works_in_its_organization_and_nowhere_else() {
    let team = team().await;
    let world = &team.world;
    assert_eq!(team.trust["audience"], AUDIENCE);
    let token = team.token(AUDIENCE, &run()).await;
    let (status, tokens) = team.exchange(&team.trust["id"], &token).await;
    assert_eq!(status, StatusCode::OK, "{tokens}");
    assert_eq!(
        (&tokens["expires_in"], &tokens["refresh_token"]),
        (&json!(900), &Value::Null)
    );
    assert_eq!(
        tokens["issued_token_type"],
        "urn:ietf:params:oauth:token-type:access_token"
    );
    let access = tokens["access_token"].as_str().unwrap();
    let (_, me) = world.get("/api/v1/auth/me", access).await;
    assert_eq!(
        (&me["user"]["id"], &me["user"]["name"]),
        (&team.trust["user_id"], &json!("Shop's pipeline"))
    );
    assert_eq!(me["scope"]["level"], "change");
    assert_eq!(me["organizations"].as_array().unwrap().len(), 1);
    let id = world.create(access, "shop").await;
    assert_eq!(
        world
            .get(&format!("/api/v1/clusters/{id}"), &team.owner)
            .await
            .0,
        StatusCode::OK
    );
    // No right that its level lacks, no account, nobody else's.
    let trusts = format!("{}/trusts", team.organization);
    for (path, body) in [
        (
            "/api/v1/auth/tokens",
            json!({ "name": "more", "scope": { "level": "read" } }),
        ),
        ("/api/v1/organizations", json!({ "name": "Mine" })),
        (trusts.as_str(), wanted(team.provider.issuer())),
    ] {
        assert_eq!(
            world.post(path, access, &body).await.0,
            StatusCode::FORBIDDEN,
            "{path}"
        );
    }
    let stranger = world.person("stranger").await;
    let theirs = world.create(&stranger, "theirs").await;
    let missing = world
        .get(&format!("/api/v1/clusters/{theirs}"), access)
        .await;
    assert_eq!(missing.0, StatusCode::NOT_FOUND);
    let kept = "select object || ' ' || (detail ->> 'repository') || ' ' || (detail ->> 'run_id') from audit
        where action = 'login.pipeline' and allowed and organization_id is not null";
    let line = format!("{} acme/shop 7", team.trust["id"].as_str().unwrap());
    assert_eq!(query(&world.database, kept).await, line);
}

#[tokio::test]
async fn what_the_trust_does_not_say_is_refused() {
    let team = team().await;
    for (claim, other) in [
        ("repository", "acme/shop2"),
        ("repository", "evil/shop"),
        ("ref", "refs/tags/v1"),
        ("environment", "production"),
    ] {
        let mut run = run();
        run[claim] = json!(other);
        let facts = team.refused(&team.token(AUDIENCE, &run).await).await;
        assert_eq!(facts, format!("Claim {claim} doesn't match the trust."));
    }
    let audience = team
        .refused(&team.token("https://elsewhere.example.org", &run()).await)
        .await;
    assert!(audience.contains("claim aud"), "{audience}");
    // The same claims, signed by somebody else who calls themselves so.
    let other = OidcProvider::start(&[]);
    let foreign = other.pipeline_token(AUDIENCE, &run()).await;
    let facts = team.refused(&foreign).await;
    assert!(facts.contains("no such key"), "{facts}");
    let good = team.token(AUDIENCE, &run()).await;
    let (head, rest) = good.split_once('.').unwrap();
    for bad in [
        "",
        "x",
        &format!("{head}.{rest}x"),
        &format!("eyJhbGciOiJub25lIn0.{}.", rest.split('.').next().unwrap()),
    ] {
        team.refused(bad).await;
    }
    for missing in ["tru_01930000000070008000000000000001", "none"] {
        let (status, answer) = team.exchange(&json!(missing), &good).await;
        assert_eq!(
            (status, &answer["error"]),
            (StatusCode::BAD_REQUEST, &json!("invalid_grant"))
        );
    }
    let refusals = query(
        &team.world.database,
        "select count(*) from audit where action = 'login.pipeline' and not allowed",
    )
    .await;
    assert_eq!(refusals, "10");
    assert_eq!(
        team.exchange(&team.trust["id"], &good).await.0,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_trust_ends_with_its_logins_and_its_member() {
    let team = team().await;
    let token = team.token(AUDIENCE, &run()).await;
    let (_, tokens) = team.exchange(&team.trust["id"], &token).await;
    let access = tokens["access_token"].as_str().unwrap();
    let members = format!("{}/members", team.organization);
    let count = async || {
        team.world.get(&members, &team.owner).await.1["items"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(count().await, 2);
    let path = format!(
        "{}/trusts/{}",
        team.organization,
        team.trust["id"].as_str().unwrap()
    );
    let stranger = team.world.person("stranger").await;
    assert_eq!(
        team.world.delete(&path, &stranger).await.0,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        team.world.delete(&path, &team.owner).await.0,
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        team.world.delete(&path, &team.owner).await.0,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        team.world.get("/api/v1/auth/me", access).await.0,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(count().await, 1);
    team.refused(&token).await;
}

#[tokio::test]
async fn whoever_takes_the_member_out_keeps_the_pipeline_out() {
    let team = team().await;
    let path = format!(
        "{}/members/{}",
        team.organization,
        team.trust["user_id"].as_str().unwrap()
    );
    assert_eq!(
        team.world.delete(&path, &team.owner).await.0,
        StatusCode::NO_CONTENT
    );
    team.refused(&team.token(AUDIENCE, &run()).await).await;
}

#[tokio::test]
async fn a_trust_is_narrow_and_its_issuer_outside() {
    let team = team().await;
    let trusts = format!("{}/trusts", team.organization);
    let issuer = team.provider.issuer();
    for (field, value, pointer) in [
        ("issuer", json!("http://10.0.0.1"), "/issuer"),
        ("issuer", json!("https://169.254.169.254"), "/issuer"),
        ("issuer", json!("https://id.example.org/?x=1"), "/issuer"),
        ("claims", json!({ "ref": "refs/heads/main" }), "/claims"),
        ("claims", json!({ "repository": "acme/*" }), "/claims"),
        ("level", json!("admin"), "/level"),
        ("minutes", json!(61), "/minutes"),
        ("name", json!(""), "/name"),
        ("audience", json!(""), "/audience"),
    ] {
        let mut bad = wanted(issuer);
        bad[field] = value;
        let (status, refused) = team.world.post(&trusts, &team.owner, &bad).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{refused}");
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{refused}");
    }
    let (_, me) = team.world.get("/api/v1/auth/me", &team.owner).await;
    let own = format!(
        "/api/v1/organizations/{}/trusts",
        me["organizations"][0]["organization_id"].as_str().unwrap()
    );
    let (status, _) = team.world.post(&own, &team.owner, &wanted(issuer)).await;
    assert_eq!(status, StatusCode::CONFLICT, "a personal organization");
}

#[tokio::test]
async fn an_issuer_that_is_away_is_said_to_be() {
    let team = team().await;
    let token = team.token(AUDIENCE, &run()).await;
    let Team {
        world,
        provider,
        owner,
        organization,
        trust,
    } = team;
    drop(provider);
    let provider = OidcProvider::start(&[]);
    let team = Team {
        world,
        provider,
        owner,
        organization,
        trust,
    };
    let (status, answer) = team.exchange(&team.trust["id"], &token).await;
    assert_eq!(
        (status, &answer["code"]),
        (StatusCode::SERVICE_UNAVAILABLE, &json!("unavailable"))
    );
}

#[tokio::test]
async fn a_pipeline_never_governs_an_organization() {
    let team = team().await;
    let world = &team.world;
    let service = &team.trust["user_id"];
    let path = format!(
        "{}/members/{}",
        team.organization,
        service.as_str().unwrap()
    );
    let place = async |role: &str| {
        let request = world.request(Method::PATCH, &path, &team.owner);
        world.read(request.json(&json!({ "role": role }))).await
    };
    for role in ["admin", "owner"] {
        let (status, refused) = place(role).await;
        assert_eq!(
            (status, &refused["errors"][0]["pointer"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!("/role")),
            "{role}: {refused}"
        );
    }
    let (status, refused) = world
        .post(
            &format!("{}/transfer", team.organization),
            &team.owner,
            &json!({ "user_id": service }),
        )
        .await;
    assert_eq!(
        (status, &refused["errors"][0]["pointer"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("/user_id")),
        "{refused}"
    );
    for role in ["viewer", "member"] {
        assert_eq!(place(role).await.0, StatusCode::OK);
    }
    // One that was made an owner before that was refused is no owner who stays behind.
    let before = format!(
        "update member set role = 'owner' where user_id = '{}'",
        service.as_str().unwrap().trim_start_matches("usr_")
    );
    sql(&world.database, &before).await;
    let (_, me) = world.get("/api/v1/auth/me", &team.owner).await;
    let own = format!(
        "{}/members/{}",
        team.organization,
        me["user"]["id"].as_str().unwrap()
    );
    assert_eq!(
        world.delete(&own, &team.owner).await.0,
        StatusCode::CONFLICT,
        "the last person left"
    );
    let account = world.request(Method::DELETE, "/api/v1/auth/me", &team.owner);
    let account = account.json(&json!({ "password": crate::gateway::PASSWORD }));
    assert_eq!(world.read(account).await.0, StatusCode::CONFLICT);
    assert_eq!(place("member").await.0, StatusCode::OK);
}
