//! A flood of logins, from many addresses and from one: it is told to come later, and who is logged in hardly notices.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use e2e::person::{PASSWORD, Person};
use reqwest::{Client, RequestBuilder, StatusCode, header::RETRY_AFTER};
use serde_json::json;
use tokio::time::{MissedTickBehavior, interval};

use crate::figure::{Figure, percentile};

/// Several times what the cores of a small machine could verify.
const LOGINS_A_SECOND: u32 = 300;
/// Each is answered at once or waits among few.
const OPEN_MAX: usize = 512;
const IDLE: Duration = Duration::from_secs(1);
/// Requests of the prober in one phase, one after the other and so far apart.
const PROBES: usize = 1_000;
const APART: Duration = Duration::from_millis(5);

/// The api-gateway itself: behind the edge everybody here would have one address.
fn gateway() -> String {
    std::env::var("LABYARD_E2E_GATEWAY").expect("LABYARD_E2E_GATEWAY is the api-gateway's address")
}

pub(crate) async fn logins() -> Option<Figure> {
    let person = Person::administrator().await;
    let url = gateway();
    let token = access(&url, &person.email).await;
    let list = |client: &Client| {
        client
            .get(format!("{url}/api/v1/clusters"))
            .bearer_auth(&token)
    };
    let (mut calm, mut flooded) = (vec![], vec![]);
    let mut answers = BTreeMap::new();
    probe(&list).await;
    for turn in 0..8 {
        if matches!(turn % 4, 0 | 3) {
            calm.push(percentile(&probe(&list).await, 0.99));
            continue;
        }
        let flood = Flood::begin(&url);
        flooded.push(percentile(&probe(&list).await, 0.99));
        for (status, count) in flood.end().await {
            *answers.entry(status).or_insert(0) += count;
        }
    }
    println!(
        "GET /clusters p99: {calm:.2?} ms, under a flood {flooded:.2?} ms; logins: {answers:?}"
    );
    let refused = answers.get(&StatusCode::TOO_MANY_REQUESTS.as_u16());
    assert!(
        refused.is_some_and(|count| *count > 0),
        "nobody is told to come later"
    );
    let known =
        [StatusCode::UNAUTHORIZED, StatusCode::TOO_MANY_REQUESTS].map(|status| status.as_u16());
    assert!(
        answers.keys().all(|status| known.contains(status)),
        "{answers:?}"
    );
    Some(Figure::ratio("login_flood", flooded, calm, 2.0, 1.5))
}

async fn access(url: &str, email: &str) -> String {
    let login = json!({ "email": email, "password": PASSWORD });
    let asked = Client::new()
        .post(format!("{url}/api/v1/auth/token"))
        .json(&login);
    let answer: serde_json::Value = asked.send().await.unwrap().json().await.unwrap();
    answer["access_token"].as_str().unwrap().to_owned()
}

/// Milliseconds of each of some requests over one connection.
async fn probe(request: &impl Fn(&Client) -> RequestBuilder) -> Vec<f64> {
    let client = Client::new();
    let mut ticks = interval(APART);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut took = Vec::with_capacity(PROBES);
    for _ in 0..PROBES {
        ticks.tick().await;
        let request = request(&client).build().unwrap();
        let began = Instant::now();
        let answer = client.execute(request).await.unwrap();
        let status = answer.status();
        assert_eq!(status, StatusCode::OK, "request {} of a phase", took.len());
        answer.bytes().await.unwrap();
        took.push(began.elapsed().as_secs_f64() * 1000.0);
    }
    took
}

/// Logins with a wrong password at a steady rate, every second one from an address of its own.
struct Flood {
    over: Arc<AtomicBool>,
    thread: std::thread::JoinHandle<()>,
    answers: Arc<Mutex<BTreeMap<u16, u64>>>,
}

impl Flood {
    fn begin(url: &str) -> Self {
        let (over, answers) = (Arc::new(AtomicBool::new(false)), Arc::default());
        let login = format!("{url}/api/v1/auth/token");
        let pouring = pour(login, over.clone(), Arc::clone(&answers));
        // On a thread of its own: what it does must not hold up the prober here.
        let thread = std::thread::spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.unwrap().block_on(pouring);
        });
        Self {
            over,
            thread,
            answers,
        }
    }

    async fn end(self) -> BTreeMap<u16, u64> {
        self.over.store(true, Ordering::Release);
        let thread = self.thread;
        let ended = tokio::task::spawn_blocking(|| thread.join()).await;
        ended.unwrap().expect("the flood");
        std::mem::take(&mut *self.answers.lock().unwrap())
    }
}

async fn pour(login: String, over: Arc<AtomicBool>, answers: Arc<Mutex<BTreeMap<u16, u64>>>) {
    // Other addresses each time: those of a flood before have used up what they may.
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    // Never one that the other side is about to close.
    let client = Client::builder().pool_idle_timeout(IDLE).build().unwrap();
    let mut open = tokio::task::JoinSet::new();
    let mut ticks = interval(Duration::from_secs(1) / LOGINS_A_SECOND);
    while !over.load(Ordering::Acquire) {
        ticks.tick().await;
        if open.len() >= OPEN_MAX {
            open.join_next().await;
        }
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let from = match number % 2 {
            0 => "192.0.2.1".to_owned(),
            _ => format!(
                "10.{}.{}.{}",
                number >> 16 & 255,
                number >> 8 & 255,
                number & 255
            ),
        };
        let body = json!({ "email": format!("nobody-{number}@example.org"), "password": PASSWORD });
        let request = client
            .post(&login)
            .header("X-Forwarded-For", from)
            .json(&body);
        let answers = answers.clone();
        open.spawn(async move {
            let answer = request.send().await.unwrap();
            let status = answer.status();
            let told = answer.headers().contains_key(RETRY_AFTER);
            assert!(
                told || status != StatusCode::TOO_MANY_REQUESTS,
                "when to come back"
            );
            *answers.lock().unwrap().entry(status.as_u16()).or_insert(0) += 1;
        });
    }
    while let Some(ended) = open.join_next().await {
        ended.unwrap();
    }
}
