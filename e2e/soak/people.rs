//! The people whose streams are held open: one of each organization, their own.

use api::client::{Client, Credential};
use domain::OrganizationId;
use e2e::{receivers::Receiver, rig};

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
    pub(crate) fn streams(&self, count: usize) -> Vec<Receiver> {
        let head = format!(
            "GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nAuthorization: Bearer {}\r\n",
            self.token
        );
        let receiver = Receiver {
            head,
            hello: Vec::new(),
        };
        vec![receiver; count]
    }
}
