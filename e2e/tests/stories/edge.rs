//! The edge says where a caller is; what a caller claims is worth nothing.

use api::{Page, audit::AuditEntry};
use e2e::person::{PASSWORD, Person};
use reqwest::{Client, Method};
use serde_json::{Value, json};

/// Where nobody of this test is.
const CLAIMED: &str = "203.0.113.9";

#[tokio::test]
async fn what_a_client_claims_of_its_address_is_not_in_the_audit() {
    let ana = Person::register("edge").await;
    let http = Client::new();
    let ask = |method: Method, path: &str| {
        http.request(
            method,
            format!("{}{path}", e2e::url().trim_end_matches('/')),
        )
        .header("X-Forwarded-For", CLAIMED)
        .header("X-Forwarded-For", format!("{CLAIMED}, 198.51.100.1"))
        .header("X-Real-IP", CLAIMED)
        .header("Forwarded", format!("for={CLAIMED}"))
    };
    let login = json!({ "email": ana.email, "password": PASSWORD });
    let answer = ask(Method::POST, "/api/v1/auth/token").json(&login);
    let tokens: Value = answer.send().await.unwrap().json().await.unwrap();
    let token = tokens["access_token"].as_str().unwrap();
    let name = json!({ "name": "Somebody else" });
    let renamed = ask(Method::PATCH, "/api/v1/auth/me").bearer_auth(token);
    assert_eq!(renamed.json(&name).send().await.unwrap().status(), 200);

    let answer = ask(Method::GET, "/api/v1/audit").bearer_auth(token);
    let page: Page<AuditEntry> = answer.send().await.unwrap().json().await.unwrap();
    for action in ["login", "change_me"] {
        assert!(page.items.iter().any(|entry| entry.action == action));
    }
    for entry in &page.items {
        assert_eq!(entry.address.as_deref(), Some("127.0.0.1"), "{entry:?}");
    }
}
