//! A reader of the event stream: as a browser does it comes back with its last cursor until its login is refused.

use super::stream::{Opened, Reading, position};
use crate::client::{Client, Frame};

/// Reads from one replica after the other.
pub(super) async fn read(reading: Reading, first: usize, http: reqwest::Client) {
    let mut last_id: Option<String> = None;
    for turn in first.. {
        match open(&reading, turn, &http, last_id.as_deref()).await {
            Opened::Refused => break,
            Opened::Later => reading.pause().await,
            Opened::Stands(mut client) => {
                let began = position(&client.last_id);
                {
                    let mut heard = reading.heard.lock().unwrap();
                    heard.from.get_or_insert(began);
                    heard.stood[turn % 2] += 1;
                }
                while let Some(frame) = client.frame().await {
                    take(&reading, turn, &frame);
                }
                last_id = Some(client.last_id);
            }
        }
    }
    reading.heard.lock().unwrap().over = true;
}

async fn open(
    reading: &Reading,
    turn: usize,
    http: &reqwest::Client,
    last_id: Option<&str>,
) -> Opened<Client> {
    let Some(address) = reading.replica(turn) else {
        return Opened::Later;
    };
    let url = format!("http://{address}/api/v1/events");
    let mut request = http.get(url).bearer_auth(&reading.token);
    if let Some(id) = last_id {
        request = request.header("last-event-id", id);
    }
    match request.send().await {
        Ok(answer) if answer.status() == 401 => Opened::Refused,
        Ok(answer) if answer.status() == 200 => {
            let client = Client::try_read(answer).await;
            client.map_or(Opened::Later, Opened::Stands)
        }
        Ok(_) | Err(_) => Opened::Later,
    }
}

fn take(reading: &Reading, turn: usize, frame: &Frame) {
    match (&frame.name, &frame.data, &frame.id) {
        (None, Some(_), Some(id)) => reading.saw(position(id), turn),
        (_, None, _) => {}
        other => reading.broke(format!("{other:?}")),
    }
}
