//! A server that answers each connection once with what the test says, and remembers what it was asked.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

/// A test's program never leaves a connection this long.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// Like `GET /api/v1/clusters?name=a`.
    pub(crate) line: String,
    /// The bearer's token, empty if there is none.
    pub(crate) token: String,
    /// The body's length as the request says it, if it does.
    pub(crate) length: Option<usize>,
    /// Its `Idempotency-Key`, empty if there is none.
    pub(crate) key: String,
    pub(crate) body: String,
}

pub(crate) struct Server {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    pub(crate) fn start(answer: impl Fn(&Request) -> String + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = asked.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if let Some(request) = read(&stream) {
                    log.lock().unwrap().push(request.clone());
                    let _ = (&stream).write_all(answer(&request).as_bytes());
                }
            }
        });
        Self { url, asked }
    }

    pub(crate) fn asked(&self) -> Vec<Request> {
        self.asked.lock().unwrap().clone()
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.asked()
            .into_iter()
            .map(|request| request.line)
            .collect()
    }
}

fn read(stream: &TcpStream) -> Option<Request> {
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let line = line.rsplit_once(' ')?.0.to_owned();
    let (mut token, mut length, mut key) = (String::new(), None, String::new());
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim().split_once(": ") else {
            break;
        };
        match name.to_lowercase().as_str() {
            "authorization" => token = value.trim_start_matches("Bearer ").to_owned(),
            "idempotency-key" => key = value.to_owned(),
            "content-length" => length = Some(value.parse().ok()?),
            _ => {}
        }
    }
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    Some(Request {
        line,
        token,
        length,
        key,
        body: String::from_utf8(body).ok()?,
    })
}

/// An answer with a head like `200 OK` and a body.
pub(crate) fn answer(head: &str, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {head}\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
}

/// The published sample of a message.
pub(crate) fn sample(name: &str) -> serde_json::Value {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../proto/samples");
    let path = format!("{folder}/{}/{name}.json", env!("CARGO_PKG_VERSION"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// A refusal with this code.
pub(crate) fn problem(head: &str, code: &str) -> String {
    let mut problem = sample("problem");
    problem["code"] = code.into();
    problem["status"] = head[..3].parse::<u16>().unwrap().into();
    answer(
        head,
        "content-type: application/problem+json\r\n",
        &problem.to_string(),
    )
}
