//! What people expect of a command line because others have it.

use std::fs;

use serde_json::Value;

use crate::{
    Home, Said, said,
    server::{Server, answer, sample},
    work::{CLUSTER, TASK, done, labyard, path},
};

fn clusters() -> Server {
    Server::start(|request| match path(request) {
        ("GET", "/api/v1/workspaces") => {
            let page =
                serde_json::json!({ "items": [sample("workspace_detail")], "next_cursor": null });
            answer("200 OK", "", &page.to_string())
        }
        ("GET", path) if path.contains("/clusters/") => {
            answer("200 OK", "", &sample("cluster").to_string())
        }
        ("GET", _) => {
            let mut page = sample("page_of_cluster");
            let (running, mut stopped) = (sample("cluster"), sample("cluster"));
            stopped["status"] = "STOPPED".into();
            stopped["name"] = "rest".into();
            page["items"] = vec![running, stopped].into();
            page["next_cursor"] = Value::Null;
            answer("200 OK", "", &page.to_string())
        }
        ("DELETE", _) => done("delete", "DELETED"),
        _ => done("create", "RUNNING"),
    })
}

#[test]
fn the_name_of_something_new_is_the_first_word_too() {
    let server = clusters();
    for words in [
        ["cluster", "create", "demo"].as_slice(),
        &["cluster", "create", "--name", "demo"],
    ] {
        let said = labyard(&server, words);
        assert_eq!(said.code, Some(0), "{said:?}");
        let body = server.asked().pop().unwrap().body;
        assert!(body.contains(r#""name":"demo""#), "{body}");
    }
    for words in [
        ["cluster", "create"].as_slice(),
        &["cluster", "create", "demo", "--name", "demo"],
        &["org", "create"],
    ] {
        assert_eq!(labyard(&server, words).code, Some(2), "{words:?}");
    }
}

#[test]
fn a_list_is_names_yaml_json_or_a_table_with_ids_where_that_is_wanted() {
    let server = clusters();
    let list = |format: &str| labyard(&server, &["cluster", "ls", "-o", format]).out;
    assert_eq!(list("name"), "demo\nrest\n");
    assert!(!list("table").contains(CLUSTER));
    assert!(list("wide").contains(CLUSTER));
    let json: Value = serde_json::from_str(&list("json")).unwrap();
    let yaml: Value = serde_norway::from_str(&list("yaml")).unwrap();
    assert_eq!(json, yaml);
    assert_eq!(json[0]["id"], CLUSTER);
}

#[test]
fn a_list_is_of_what_is_wanted() {
    let server = clusters();
    let names = |more: &[&str]| {
        let said = labyard(
            &server,
            &[&["cluster", "list", "-o", "name"], more].concat(),
        );
        assert_eq!(said.code, Some(0), "{said:?}");
        said.out
    };
    assert_eq!(names(&["--status", "stopped"]), "rest\n");
    assert_eq!(names(&["--limit", "1"]), "demo\n");
    let workspace = sample("workspace_detail");
    let id = workspace["id"].as_str().unwrap();
    names(&["--workspace", workspace["name"].as_str().unwrap()]);
    let asked = server.lines().pop().unwrap();
    assert!(asked.contains(&format!("workspace_id={id}")), "{asked}");
    let wrong = labyard(&server, &["cluster", "list", "--status", "gone"]);
    assert_eq!(wrong.code, Some(2), "{wrong:?}");
}

#[test]
fn what_is_watched_is_printed_as_it_changes() {
    let server = Server::start(|request| {
        if request.line.contains("/events") {
            let mut event = sample("event");
            event["type"] = "cluster.changed".into();
            event["data"] = sample("cluster");
            event["data"]["status"] = "STOPPING".into();
            let frames = format!("id: 0000000a-42\ndata: {event}\n\n");
            let stream = "content-type: text/event-stream\r\n";
            return match request.line.contains("since=0000000a-41") {
                true => answer("200 OK", stream, &frames),
                false => crate::server::problem("403 Forbidden", "forbidden"),
            };
        }
        let mut page = sample("page_of_cluster");
        page["next_cursor"] = Value::Null;
        answer(
            "200 OK",
            "labyard-position: 0000000a-41\r\n",
            &page.to_string(),
        )
    });
    let said = labyard(&server, &["cluster", "list", "--watch"]);
    assert_eq!(said.code, Some(5), "{said:?}");
    let last = said.out.lines().last().unwrap();
    assert!(
        last.starts_with("demo") && last.contains("STOPPING"),
        "{said:?}"
    );
}

#[test]
fn what_is_not_valid_is_named_once_as_it_was_typed() {
    let server = Server::start(|_| {
        let mut problem = sample("problem");
        problem["reason"]["message"] = "/ttl_hours: between 0.25 and 168 hours.".into();
        problem["errors"][0]["pointer"] = "/ttl_hours".into();
        problem["errors"][0]["detail"] = "between 0.25 and 168 hours".into();
        answer(
            "422 Unprocessable",
            "content-type: application/problem+json\r\n",
            &problem.to_string(),
        )
    });
    let said = labyard(
        &server,
        &["cluster", "create", "demo", "--ttl-hours", "999"],
    );
    assert_eq!(said.code, Some(2), "{said:?}");
    assert_eq!(said.err.matches("0.25").count(), 1, "{said:?}");
    assert!(
        said.err.contains("--ttl: ") && !said.err.contains("ttl_hours"),
        "{said:?}"
    );
    let asked = server.lines().len();
    let typed = labyard(&server, &["cluster", "create", "demo", "--ttl", "9d"]);
    assert_eq!(typed.code, Some(2), "{typed:?}");
    assert!(
        typed.err.contains("--ttl") && typed.err.contains("7d"),
        "{typed:?}"
    );
    assert_eq!(server.lines().len(), asked);
}

#[test]
fn nobody_is_asked_where_nobody_sits() {
    let server = clusters();
    for more in [[].as_slice(), &["--yes"]] {
        let said = labyard(&server, &[&["cluster", "rm", CLUSTER], more].concat());
        assert_eq!(said.code, Some(0), "{said:?}");
    }
}

#[test]
fn shells_complete_manuals_open_and_the_version_is_said() {
    let home = Home::empty();
    for shell in ["bash", "zsh", "fish"] {
        let script = home.labyard(&["completion", shell]);
        assert_eq!(script.code, Some(0), "{script:?}");
        assert!(script.out.contains("kubeconfig"), "{shell}");
    }
    let folder = home.path().join("man");
    let said = home.labyard(&["man", folder.to_str().unwrap()]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let page = fs::read_to_string(folder.join("labyard-cluster-exec.1")).unwrap();
    assert!(page.contains("60 seconds"), "{page}");
    let version = home.labyard(&["version"]);
    assert_eq!(
        version.out,
        concat!("labyard ", env!("CARGO_PKG_VERSION"), "\n")
    );
}

fn exec(given: Option<&[u8]>, result: &str, more: &[&str]) -> (Said, Vec<String>) {
    let result = result.to_owned();
    let server = Server::start(move |request| match path(request) {
        ("POST", _) => answer("200 OK", "", &result),
        _ => answer("200 OK", "", &sample("cluster").to_string()),
    });
    let home = Home::empty();
    let mut command = home.command();
    command.env("LABYARD_TOKEN", "t");
    command.args(["cluster", "exec", CLUSTER, "--server", &server.url]);
    command
        .args(more)
        .args(["--", "kubectl", "apply", "-f", "-"]);
    if let Some(bytes) = given {
        let file = home.path().join("given");
        fs::write(&file, bytes).unwrap();
        command.stdin(fs::File::open(file).unwrap());
    }
    let said = said(&mut command);
    let asked = server.asked().into_iter();
    let bodies = asked.filter(|asked| asked.line.starts_with("POST"));
    (said, bodies.map(|asked| asked.body).collect())
}

fn stdin(body: &str) -> Value {
    serde_json::from_str::<Value>(body).unwrap()["stdin"].clone()
}

#[test]
fn a_command_reads_what_is_redirected_to_it() {
    let good = sample("exec_result").to_string();
    let (said, bodies) = exec(Some(b"kind: Pod\n"), &good, &[]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(stdin(&bodies[0]), "a2luZDogUG9kCg==");
    let (_, bodies) = exec(Some(b"kind: Pod\n"), &good, &["--no-stdin"]);
    assert_eq!(stdin(&bodies[0]), Value::Null);
    let (_, bodies) = exec(None, &good, &[]);
    assert_eq!(stdin(&bodies[0]), Value::Null);
    let (said, bodies) = exec(Some(&vec![b'x'; (128 << 10) + 1]), &good, &[]);
    assert_eq!((said.code, bodies.len()), (Some(2), 0), "{said:?}");
    assert!(said.err.contains("128 KiB"), "{said:?}");

    let server = Server::start(move |request| match path(request) {
        ("POST", _) => answer("200 OK", "", &good),
        _ => answer("200 OK", "", &sample("cluster").to_string()),
    });
    let words = [
        "cluster",
        "exec",
        CLUSTER,
        "--server",
        &server.url,
        "--",
        "cat",
    ];
    let home = Home::logged_in(&server.url);
    assert_eq!(home.labyard_told(&words, "piped").code, Some(0));
    assert_eq!(stdin(&server.asked().pop().unwrap().body), "cGlwZWQ=");
}

#[test]
fn output_that_was_cut_is_no_success() {
    let mut result = sample("exec_result");
    result["truncated"] = true.into();
    let (said, _) = exec(None, &result.to_string(), &[]);
    assert_eq!(said.code, Some(8), "{said:?}");
    assert!(said.err.contains("was cut"), "{said:?}");
    let help = Home::empty().labyard(&["cluster", "exec", "--help"]);
    for limit in ["60 seconds", "1 MiB", "128 KiB"] {
        assert!(help.out.contains(limit), "{help:?}");
    }
}

#[test]
fn a_step_log_moves_no_cursor() {
    let mut task = sample("task");
    task["steps"][0]["log"] =
        serde_json::json!(["pulled\u{1b}[2J\u{1b}]0;owned\u{7}\r\u{202e}gone"]);
    task["cluster_name"] = "de\u{9b}2Jmo".into();
    let text = task.to_string();
    let server = Server::start(move |_| answer("200 OK", "", &text));
    let said = labyard(&server, &["task", "get", TASK]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let obeyed = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
    assert!(
        !said.out.contains(obeyed) && !said.err.contains(obeyed),
        "{said:?}"
    );
    assert!(
        said.out.contains("\\u{1b}[2J") && said.out.contains("\\u{202e}"),
        "{said:?}"
    );
    let json = labyard(&server, &["task", "get", TASK, "-o", "json"]);
    assert!(!json.out.contains(obeyed), "{json:?}");
    let read: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(read, task);
}

#[test]
fn a_kubeconfig_is_merged_into_ones_own() {
    let config = |name: &str| {
        serde_json::json!({
            "apiVersion": "v1", "kind": "Config", "current-context": name,
            "clusters": [{ "name": name, "cluster": {} }],
            "users": [{ "name": name, "user": {} }],
            "contexts": [{ "name": name, "context": { "cluster": name, "user": name } }],
        })
        .to_string()
    };
    let server = Server::start(move |request| match request.line.ends_with("/kubeconfig") {
        true => answer("200 OK", "", &config("labyard-demo")),
        false => answer("200 OK", "", &sample("cluster").to_string()),
    });
    let home = Home::empty();
    let file = home.path().join("kube/config");
    let words = ["cluster", "kubeconfig", CLUSTER, "--server", &server.url];
    let mut command = home.command();
    command.env("LABYARD_TOKEN", "t").env("KUBECONFIG", &file);
    let merged = said(command.args(words).arg("--merge"));
    assert_eq!(
        (merged.code, merged.out.as_str()),
        (Some(0), ""),
        "{merged:?}"
    );
    assert!(merged.err.contains("labyard-demo"), "{merged:?}");
    let read: Value = serde_norway::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(read["contexts"][0]["name"], "labyard-demo");
    let printed = home.labyard_with_token(&words);
    assert!(
        printed.err.is_empty() && printed.out.contains("current-context"),
        "{printed:?}"
    );
    let old = [&["cluster", "get-kubeconfig"], &words[2..]].concat();
    assert_eq!(home.labyard_with_token(&old).out, printed.out);
}
