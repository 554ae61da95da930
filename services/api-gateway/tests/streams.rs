//! Each stream × everyone × every way to show who one is × own, another's and missing things, through both gateways on a
//! real Postgres and a real NATS.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod both;

use std::collections::BTreeSet;

use both::{Both, SOON};
use futures_util::{SinkExt, StreamExt, future::join_all};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::{Connection, Executor, PgConnection};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{self, Message, client::IntoClientRequest},
};

const PASSWORD: &str = "correct horse battery";

struct World(Both);

impl std::ops::Deref for World {
    type Target = Both;

    fn deref(&self) -> &Both {
        &self.0
    }
}

impl World {
    async fn ask(&self, method: Method, path: &str, token: &str, body: Value) -> Value {
        let url = format!("http://{}/api/v1{path}", self.gateway);
        let mut request = self.http.request(method, url).bearer_auth(token);
        if !body.is_null() {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status}: {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    async fn post(&self, path: &str, token: &str, body: Value) -> Value {
        self.ask(Method::POST, path, token, body).await
    }

    async fn get(&self, path: &str, token: &str) -> Value {
        self.ask(Method::GET, path, token, Value::Null).await
    }

    /// The first workspace of an organization.
    async fn workspace(&self, organization: &str, token: &str) -> String {
        let path = format!("/workspaces?organization_id={organization}");
        text(&self.get(&path, token).await["items"][0]["id"])
    }

    /// An organization of one's own, if the token shows it.
    async fn own(&self, token: &str) -> Option<(&'static str, String)> {
        let known = self.get("/organizations", token).await;
        let mut items = known["items"].as_array().unwrap().iter();
        let own = items.find(|one| one["personal"] == true)?;
        Some(("organization", text(&own["id"])))
    }

    async fn log_in(&self, name: &str) -> String {
        let who = json!({ "email": format!("{name}@example.org"), "password": PASSWORD });
        text(&self.post("/auth/token", "", who).await["access_token"])
    }

    async fn person(&self, name: &str) -> String {
        let who = json!({ "email": format!("{name}@example.org"), "password": PASSWORD });
        self.post("/auth/register", "", who).await;
        self.log_in(name).await
    }

    /// The session cookie of a browser that logged in.
    async fn cookie(&self, name: &str) -> String {
        let who = json!({ "email": format!("{name}@example.org"), "password": PASSWORD });
        let url = format!("http://{}/api/v1/auth/session", self.gateway);
        let request = self.http.post(url).header("host", HOST);
        let request = request.header("origin", ORIGIN).json(&who);
        let answer = request.send().await.unwrap();
        let cookie = answer.headers()["set-cookie"].to_str().unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }

    async fn sql(&self, text: &'static str) {
        let mut connection = PgConnection::connect(&self.database).await.unwrap();
        connection.execute(text).await.unwrap();
    }
}

/// Where the page is.
const ORIGIN: &str = service::origin::PUBLIC_URL;
const HOST: &str = "labyard.localhost:3000";

fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value}"))
        .to_owned()
}

/// How somebody shows who they are.
#[derive(Debug, Clone)]
enum Shown {
    Nothing,
    Bearer(String),
    Cookie(String),
    Query(String),
    /// A stream token of this login, made when it is shown: it is good for a minute.
    Ticket(String),
}

impl Shown {
    fn query(&self) -> String {
        match self {
            Self::Query(token) => format!("?token={token}"),
            _ => String::new(),
        }
    }

    fn header(&self) -> Option<(&'static str, String)> {
        match self {
            Self::Nothing | Self::Query(_) | Self::Ticket(_) => None,
            Self::Bearer(token) => Some(("authorization", format!("Bearer {token}"))),
            Self::Cookie(cookie) => Some(("cookie", cookie.clone())),
        }
    }
}

/// As it is shown now.
async fn fresh(world: &World, shown: &Shown) -> Shown {
    match shown {
        Shown::Ticket(login) => {
            let made = world.post("/auth/stream-token", login, json!({})).await;
            Shown::Query(text(&made["token"]))
        }
        other => other.clone(),
    }
}

type Socket = WebSocketStream<TcpStream>;

async fn sse(world: &World, shown: &Shown) -> reqwest::Response {
    let url = format!("http://{}/api/v1/events{}", world.streams, shown.query());
    let mut request = world.http.get(url).header("host", HOST);
    if let Some((name, value)) = shown.header() {
        request = request.header(name, value);
    }
    request.send().await.unwrap()
}

async fn socket(world: &World, shown: &Shown) -> Result<Socket, tungstenite::Error> {
    let url = format!("ws://{}/ws{}", world.streams, shown.query());
    let mut request = url.into_client_request()?;
    let headers = request.headers_mut();
    headers.insert("host", HOST.parse().unwrap());
    headers.insert("origin", ORIGIN.parse().unwrap());
    if let Some((name, value)) = shown.header() {
        headers.insert(name, value.parse().unwrap());
    }
    let stream = TcpStream::connect(world.streams).await?;
    Ok(client_async(request, stream).await?.0)
}

/// Somebody's place, and what they may see of the organization.
struct Person {
    name: &'static str,
    shown: Shown,
    member: bool,
    /// Its admins' news.
    admin: bool,
    /// The cluster's.
    cluster: bool,
    /// What tells them that all before it has come: a cluster of this name.
    last: String,
}

/// Types of events about the organization, until the last one.
async fn by_sse(world: &World, person: &Person) -> BoxedEvents {
    let answer = sse(world, &fresh(world, &person.shown).await).await;
    assert_eq!(answer.status(), StatusCode::OK, "{}", person.name);
    let mut body = Box::pin(answer.bytes_stream());
    let mut text = String::new();
    while !text.contains("event: ready") {
        text.push_str(std::str::from_utf8(&body.next().await.unwrap().unwrap()).unwrap());
    }
    Box::pin(async_events(body, text))
}

type BoxedEvents = std::pin::Pin<Box<dyn futures_util::Stream<Item = Value> + Send>>;

fn async_events(
    body: impl StreamExt<Item = reqwest::Result<impl AsRef<[u8]> + Send>> + Unpin + Send,
    text: String,
) -> impl futures_util::Stream<Item = Value> + Send {
    futures_util::stream::unfold((body, text), |(mut body, mut text)| async move {
        loop {
            while let Some((block, rest)) = text.split_once("\n\n") {
                let data = block.lines().find_map(|line| line.strip_prefix("data: "));
                let event = data.and_then(|data| serde_json::from_str::<Value>(data).ok());
                text = rest.to_owned();
                if let Some(event) = event.filter(|event| event["type"].is_string()) {
                    return Some((event, (body, text)));
                }
            }
            let more = body.next().await?.ok()?;
            text.push_str(std::str::from_utf8(more.as_ref()).ok()?);
        }
    })
}

/// Subscribes to everything there is, and says which of it was had; what is another's is answered as what is nowhere.
async fn by_socket(world: &World, person: &Person, places: &Places) -> BoxedEvents {
    let shown = fresh(world, &person.shown).await;
    let mut socket = socket(world, &shown).await.unwrap();
    let mut answers = Vec::new();
    for (topic, id) in &places.topics {
        let said = json!({ "type": format!("subscribe:{topic}"), "data": { "id": id } });
        socket.send(Message::text(said.to_string())).await.unwrap();
        loop {
            let message = next(&mut socket).await.unwrap();
            if message["type"] == "subscribed" || message["type"] == "error" {
                answers.push(message.to_string().replace(id, "…"));
                break;
            }
        }
    }
    let [own, others, missing] = &answers[..3] else {
        panic!("{answers:?}");
    };
    let had = own.contains("\"subscribed\"");
    assert_eq!(had, person.member, "{}: {own}", person.name);
    if person.name != "other-owner" {
        assert_eq!(others, missing, "{}", person.name);
    }
    assert!(!missing.contains("\"subscribed\""), "{missing}");
    let events = futures_util::stream::unfold(socket, |mut socket| async move {
        loop {
            let message = next(&mut socket).await?;
            if message["data"]["type"].is_string() {
                return Some((message["data"].clone(), socket));
            }
        }
    });
    Box::pin(events)
}

async fn next(socket: &mut Socket) -> Option<Value> {
    loop {
        match socket.next().await?.ok()? {
            Message::Text(text) => return serde_json::from_str(&text).ok(),
            Message::Close(_) => return None,
            _ => {}
        }
    }
}

struct Places {
    organization: String,
    other: String,
    cluster: String,
    /// The organization, another's and none; then whatever else the events are about.
    topics: Vec<(&'static str, String)>,
}

/// What somebody saw of the two organizations, until their last.
async fn seen(mut events: BoxedEvents, person: &Person, places: &Places) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let reading = async {
        loop {
            let event = events.next().await.expect("the stream goes on");
            if event["data"]["name"] == person.last.as_str() {
                return;
            }
            let of = match event["organization_id"].as_str() {
                Some(id) if id == places.organization => "own",
                Some(id) if id == places.other => "other",
                _ => continue,
            };
            seen.insert(format!("{of} {}", text(&event["type"])));
        }
    };
    let ended = testkit::within(SOON, reading).await;
    assert!(
        ended.is_ok(),
        "{}'s last did not come: {seen:?}",
        person.name
    );
    seen
}

fn due(person: &Person) -> BTreeSet<String> {
    let mut due = BTreeSet::new();
    if person.name == "other-owner" {
        due.insert("other cluster.created".to_owned());
        due.insert("other task.created".to_owned());
    }
    if person.cluster {
        due.insert("own cluster.changed".to_owned());
    }
    if person.admin {
        due.insert("own webhook.changed".to_owned());
    }
    due
}

/// The organization of everybody's, its cluster and those whom they are for.
async fn everybody(world: &World) -> (Vec<Person>, Places, String, String) {
    let owner = world.person("owner").await;
    let made = world.post("/organizations", &owner, json!({ "name": "Physics" }));
    let organization = text(&made.await["id"]);
    let mut people = vec![("owner", owner.clone(), true, true, true)];
    for role in ["admin", "member", "viewer"] {
        let token = world.person(role).await;
        let path = format!("/organizations/{organization}/invitations");
        let made = world.post(&path, &owner, json!({ "role": role })).await;
        let taken = json!({ "token": made["token"] });
        world.post("/invitations/accept", &token, taken).await;
        people.push((role, token, true, role == "admin", true));
    }
    let workspace = world.workspace(&organization, &owner).await;
    let wanted = json!({ "name": "shared", "workspace_id": workspace });
    let cluster = text(&world.post("/clusters", &owner, wanted).await["cluster"]["id"]);
    let shares = format!("/clusters/{cluster}/shares");
    for (name, level, namespaces) in [
        ("share-viewer", "viewer", json!([])),
        ("share-operator", "operator", json!([])),
        (
            "share-namespaces",
            "namespaces",
            json!([{ "name": "team-a", "edit": true }]),
        ),
        ("link-viewer", "viewer", json!([])),
        ("link-operator", "operator", json!([])),
        (
            "link-namespaces",
            "namespaces",
            json!([{ "name": "team-a", "edit": false }]),
        ),
    ] {
        let token = world.person(name).await;
        let mut wanted = json!({ "level": level, "namespaces": namespaces });
        if name.starts_with("link") {
            let link = world.post(&shares, &owner, wanted).await;
            let taken = json!({ "token": link["token"] });
            world.post("/shares/redeem", &token, taken).await;
        } else {
            wanted["email"] = json!(format!("{name}@example.org"));
            world.post(&shares, &owner, wanted).await;
        }
        people.push((name, token, false, false, true));
    }
    let other = world.person("other-owner").await;
    people.push(("other-owner", other.clone(), false, false, false));
    let made = world.post("/organizations", &other, json!({ "name": "Chemistry" }));
    let chemistry = text(&made.await["id"]);
    let stranger = world.person("stranger").await;
    people.push(("stranger", stranger, false, false, false));
    let mut everybody = Vec::new();
    for (name, token, member, admin, cluster) in people {
        let person = |shown| Person {
            name,
            shown,
            member,
            admin,
            cluster,
            last: format!("last-of-{name}"),
        };
        everybody.push(person(Shown::Bearer(token.clone())));
        everybody.push(person(Shown::Ticket(token)));
        everybody.push(person(Shown::Cookie(world.cookie(name).await)));
    }
    let scope = json!({ "level": "read", "organization_id": organization });
    let wanted = json!({ "name": "one", "scope": scope });
    let token = text(&world.post("/auth/tokens", &owner, wanted).await["token"]);
    everybody.push(Person {
        name: "token of the organization",
        shown: Shown::Bearer(token),
        member: true,
        admin: true,
        cluster: true,
        last: "very-last".to_owned(),
    });
    let places = Places {
        topics: vec![
            ("organization", organization.clone()),
            ("organization", chemistry.clone()),
            (
                "organization",
                "org_01930000000070008000000000000001".to_owned(),
            ),
            ("cluster", cluster.clone()),
        ],
        organization,
        other: chemistry,
        cluster,
    };
    (everybody, places, workspace, owner)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_stream_shows_to_everybody_what_the_rules_say() {
    let world = World(Both::start().await);
    let (people, mut places, workspace, owner) = everybody(&world).await;
    let mut streams = Vec::new();
    for person in &people {
        streams.push((person, by_sse(&world, person).await));
    }
    // Everybody's own organization too, where their last is.
    for person in &people {
        let known = places.topics.len();
        let token = match &person.shown {
            Shown::Bearer(token) | Shown::Ticket(token) => token.clone(),
            _ => world.log_in(person.name).await,
        };
        places.topics.extend(world.own(&token).await);
        streams.push((person, by_socket(&world, person, &places).await));
        places.topics.truncate(known);
    }

    let extend = format!("/clusters/{}/extend", places.cluster);
    world.post(&extend, &owner, json!({ "hours": 1 })).await;
    let webhooks = format!("/workspaces/{workspace}/webhooks");
    world
        .post(&webhooks, &owner, json!({ "url": "https://localhost:1/" }))
        .await;
    let other = world.log_in("other-owner").await;
    let theirs = world.workspace(&places.other, &other).await;
    let theirs = json!({ "name": "theirs", "workspace_id": theirs });
    world.post("/clusters", &other, theirs).await;
    for person in &people {
        if let Shown::Bearer(token) = &person.shown
            && person.last != "very-last"
        {
            world
                .post("/clusters", token, json!({ "name": person.last }))
                .await;
        }
    }
    let last = json!({ "name": "very-last", "workspace_id": workspace });
    world.post("/clusters", &owner, last).await;

    let cells = streams.len();
    let all = streams.into_iter().map(|(person, events)| {
        let places = &places;
        async move {
            let seen = seen(events, person, places).await;
            assert_eq!(seen, due(person), "{} by {:?}", person.name, person.shown);
        }
    });
    join_all(all).await;
    assert!(cells > 70, "only {cells} cells");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_stream_opens_without_a_login_that_is_good() {
    let world = World(Both::start().await);
    let over = world.person("over").await;
    let over_cookie = world.cookie("over").await;
    let over_query = text(&world.post("/auth/stream-token", &over, json!({})).await["token"]);
    world
        .post("/auth/logout-everywhere", &over, json!({}))
        .await;
    let late = world.person("late").await;
    world
        .sql("update session set expires_at = now() - interval '1 s' where user_id = (select id from \"user\" where email = 'late@example.org')")
        .await;
    let good = world.person("good").await;
    for (what, shown) in [
        ("nothing", Shown::Nothing),
        ("garbage", Shown::Bearer("garbage".into())),
        ("no token of ours", Shown::Bearer("a.b.c".into())),
        ("an empty query", Shown::Query(String::new())),
        ("garbage in the query", Shown::Query("garbage".into())),
        ("a login in the query", Shown::Query(good.clone())),
        (
            "a cookie that nobody gave",
            Shown::Cookie("labyard=garbage".into()),
        ),
        ("a login that was ended", Shown::Bearer(over)),
        ("a cookie that was ended", Shown::Cookie(over_cookie)),
        ("a stream token of an ended login", Shown::Query(over_query)),
        ("a login that is over", Shown::Bearer(late)),
    ] {
        let answer = sse(&world, &shown).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{what}");
        match socket(&world, &shown).await {
            Err(tungstenite::Error::Http(answer)) => assert_eq!(answer.status(), 401, "{what}"),
            other => panic!("{what}: {other:?}"),
        }
    }
    let shown = Shown::Bearer(good);
    assert_eq!(sse(&world, &shown).await.status(), StatusCode::OK);
    socket(&world, &shown).await.unwrap();
}
