//! The people whose streams are held open: one of each organization, their own.

use api::client::{Client, Credential};
use domain::OrganizationId;
use e2e::{
    receivers::{Kind, Receiver},
    rig,
};

/// What opens a WebSocket; any key does.
const UPGRADE: &str = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";

pub(crate) struct Person {
    pub(crate) organization: OrganizationId,
    token: String,
}

pub(crate) async fn register(url: &str, count: usize) -> Vec<Person> {
    let mut people = Vec::new();
    for number in 0..count {
        let token = rig::person(url, &format!("soak-{number}")).await;
        let client = Client::new(url, Credential::Bearer(token.as_str().into())).unwrap();
        let me = client.me().await.unwrap();
        people.push(Person {
            organization: me.organizations[0].organization_id,
            token,
        });
    }
    people
}

impl Person {
    pub(crate) fn streams(&self, kind: Kind, count: usize) -> Vec<Receiver> {
        let (path, fields) = match kind {
            Kind::Sse => ("/api/v1/events", "Accept: text/event-stream"),
            Kind::WebSocket => ("/ws", UPGRADE),
        };
        let token = &self.token;
        let head = format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\nAuthorization: Bearer {token}\r\n"
        );
        let receiver = Receiver {
            head,
            subscribes: (kind == Kind::WebSocket).then_some(self.organization),
        };
        vec![receiver; count]
    }
}
