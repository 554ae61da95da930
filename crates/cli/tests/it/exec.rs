//! A command's output, byte by byte.

use serde_json::json;

use crate::{
    Home,
    server::{Server, answer, sample},
};

#[test]
fn the_bytes_of_a_command_are_passed_on_whatever_they_are() {
    let server = Server::start(|request| {
        if request.line.starts_with("POST ") {
            assert!(
                request.body.contains(r#""encoding":"base64""#),
                "{request:?}"
            );
            let said = json!({ "output": "Y2Fm6QBi", "error": "6Q==", "encoding": "base64", "exit_code": 7,
                "truncated": false });
            return answer("200 OK", "", &said.to_string());
        }
        let page = json!({ "items": [sample("cluster")], "next_cursor": null });
        answer("200 OK", "", &page.to_string())
    });
    let output = Home::empty()
        .command()
        .env("LABYARD_TOKEN", "t")
        .args([
            "cluster",
            "exec",
            "demo",
            "--server",
            &server.url,
            "--",
            "printf",
            "x",
        ])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(7), "{output:?}");
    assert_eq!(
        (&output.stdout[..], &output.stderr[..]),
        (&b"caf\xe9\0b"[..], &b"\xe9"[..])
    );
}
