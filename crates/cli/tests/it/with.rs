//! `labyard with`: the command's cluster is gone whatever happens, and so is its kubeconfig.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
};

use crate::{
    Home, Said, said,
    server::{Request, Server, answer, problem, sample},
    work::{CLUSTER, done},
};

/// How a create, the kubeconfig and a delete are answered.
struct Script {
    create: fn() -> String,
    delete: fn(usize) -> String,
}

const GOOD: Script = Script {
    create: || done("create", "RUNNING"),
    delete: |_| done("delete", "DELETED"),
};

impl Script {
    fn start(self) -> Server {
        let deletes = AtomicUsize::new(0);
        Server::start(
            move |request: &Request| match request.line.split_once(' ') {
                Some(("POST", _)) => (self.create)(),
                Some(("DELETE", _)) => (self.delete)(deletes.fetch_add(1, Ordering::SeqCst)),
                Some((_, path)) if path.ends_with("/kubeconfig") => {
                    answer("200 OK", "", "the kubeconfig\n")
                }
                _ => {
                    let mut page = sample("page_of_cluster");
                    page["next_cursor"] = serde_json::Value::Null;
                    answer("200 OK", "", &page.to_string())
                }
            },
        )
    }
}

fn command(home: &Home, server: &Server, arguments: &[&str]) -> Command {
    let mut command = home.command();
    command
        .env("LABYARD_TOKEN", "t")
        .env("TMPDIR", home.path())
        .args(["with", "--server", &server.url])
        .args(arguments);
    command
}

fn with(home: &Home, server: &Server, arguments: &[&str]) -> Said {
    said(&mut command(home, server, arguments))
}

fn deletes(server: &Server) -> usize {
    let line = format!("DELETE /api/v1/clusters/{CLUSTER}");
    server
        .lines()
        .iter()
        .filter(|asked| **asked == line)
        .count()
}

/// No kubeconfig is left in what was the folder for temporary files.
fn nothing_is_left(folder: &Path) {
    let left: Vec<_> = fs::read_dir(folder).unwrap().flatten().collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn the_command_has_a_cluster_of_its_own_and_its_code_is_passed_on() {
    let (home, server) = (Home::empty(), GOOD.start());
    let script = "cat $KUBECONFIG; stat -c '%a' $KUBECONFIG $(dirname $KUBECONFIG); \
                  echo $LABYARD_CLUSTER $LABYARD_SERVER; echo words >&2; exit 7";
    let said = with(
        &home,
        &server,
        &["--version", "v1.34.4", "--", "sh", "-c", script],
    );
    assert_eq!(said.code, Some(7), "{said:?}");
    let out = format!("the kubeconfig\n600\n700\n{CLUSTER} {}\n", server.url);
    assert_eq!(said.out, out, "{said:?}");
    assert!(said.err.contains("words\n"), "{said:?}");
    assert_eq!(deletes(&server), 1);
    let wanted = server.asked().remove(0).body;
    let wanted: serde_json::Value = serde_json::from_str(&wanted).unwrap();
    assert_eq!(wanted["ttl_hours"], 1.0);
    assert_eq!(wanted["k8s_version"], "v1.34.4");
    assert!(wanted["name"].as_str().unwrap().starts_with("with-"));
    nothing_is_left(home.path());
}

#[test]
fn what_is_no_command_leaves_nothing_either() {
    let (home, server) = (Home::empty(), GOOD.start());
    let said = with(&home, &server, &["--", "/no/such/program"]);
    assert_eq!(said.code, Some(127), "{said:?}");
    assert_eq!(deletes(&server), 1);
    nothing_is_left(home.path());
}

#[test]
fn a_cluster_that_does_not_run_is_deleted_or_kept_as_wished() {
    let broken = || Script {
        create: || done("create", "ERROR"),
        ..GOOD
    };
    let (home, server) = (Home::empty(), broken().start());
    let said = with(&home, &server, &["--", "true"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("What to do next."), "{said:?}");
    assert_eq!(deletes(&server), 1);

    let server = broken().start();
    let said = with(&home, &server, &["--keep-on-failure", "--", "true"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("labyard cluster delete"), "{said:?}");
    assert_eq!(deletes(&server), 0);
    nothing_is_left(home.path());
}

#[test]
fn only_a_failure_keeps_the_cluster() {
    let home = Home::empty();
    for (word, kept) in [("true", false), ("false", true)] {
        let server = GOOD.start();
        with(&home, &server, &["--keep-on-failure", "--", word]);
        assert_eq!(deletes(&server) == 0, kept);
    }
    nothing_is_left(home.path());
}

#[test]
fn a_refused_create_deletes_nothing() {
    let (home, server) = (
        Home::empty(),
        Script {
            create: || problem("409 Conflict", "name_taken"),
            ..GOOD
        }
        .start(),
    );
    let said = with(&home, &server, &["--name", "demo", "--", "true"]);
    assert_eq!(said.code, Some(5), "{said:?}");
    assert_eq!(server.lines(), ["POST /api/v1/clusters"]);
}

#[test]
fn a_create_whose_answer_is_lost_for_good_is_looked_for_by_a_made_up_name_alone() {
    let lost = || Script {
        create: String::new,
        ..GOOD
    };
    let (home, server) = (Home::empty(), lost().start());
    let said = with(&home, &server, &["--", "true"]);
    assert_eq!(said.code, Some(6), "{said:?}");
    assert_eq!(deletes(&server), 1);

    let server = lost().start();
    let said = with(&home, &server, &["--name", "demo", "--", "true"]);
    assert_eq!(said.code, Some(6), "{said:?}");
    assert!(said.err.contains("labyard cluster delete demo"), "{said:?}");
    assert_eq!(deletes(&server), 0);
}

#[test]
fn a_delete_is_asked_for_until_it_is_heard() {
    let (home, server) = (
        Home::empty(),
        Script {
            delete: |tries| match tries {
                0..6 => problem("503 Unavailable", "unavailable"),
                _ => done("delete", "DELETED"),
            },
            ..GOOD
        }
        .start(),
    );
    let said = with(&home, &server, &["--", "true"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.err.contains("Cluster demo deleted."), "{said:?}");
    assert_eq!(deletes(&server), 7);
}

/// Runs a command that says `ready` and then waits for a signal.
fn under_way(home: &Home, server: &Server, trap: &str) -> (Child, BufReader<impl std::io::Read>) {
    let script = format!("{trap} echo ready; while :; do sleep 0.05; done");
    let mut child = command(home, server, &["--", "sh", "-c", &script])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n");
    (child, out)
}

fn send(signal: &str, child: &Child) {
    let pid = child.id().to_string();
    assert!(
        Command::new("kill")
            .args([signal, &pid])
            .status()
            .unwrap()
            .success()
    );
}

#[test]
fn a_signal_reaches_the_command_and_then_all_is_deleted() {
    for (signal, trap, code) in [
        ("-INT", "trap 'exit 9' INT;", 9),
        ("-TERM", "", 143),
        ("-HUP", "", 129),
    ] {
        let (home, server) = (Home::empty(), GOOD.start());
        let (mut child, _out) = under_way(&home, &server, trap);
        send(signal, &child);
        assert_eq!(child.wait().unwrap().code(), Some(code), "{signal}");
        assert_eq!(deletes(&server), 1, "{signal}");
        nothing_is_left(home.path());
    }
}

#[test]
fn a_second_interrupt_during_the_cleanup_says_what_is_left() {
    let (home, server) = (
        Home::empty(),
        Script {
            delete: |_| problem("503 Unavailable", "unavailable"),
            ..GOOD
        }
        .start(),
    );
    let (mut child, _out) = under_way(&home, &server, "trap 'exit 9' INT;");
    let mut err = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut until = |word: &str| {
        let line = err
            .by_ref()
            .map(Result::unwrap)
            .find(|line| line.contains(word));
        line.unwrap_or_else(|| panic!("nobody says {word}"))
    };
    send("-INT", &child);
    until("Deleting the cluster demo");
    send("-INT", &child);
    until("demo is still there");
    until(&format!("labyard cluster delete {CLUSTER}"));
    assert_eq!(child.wait().unwrap().code(), Some(9));
    nothing_is_left(home.path());
}

#[test]
fn an_interrupt_before_the_command_begins_deletes_what_was_begun() {
    let (home, server) = (
        Home::empty(),
        Script {
            create: || answer("202 Accepted", "", &sample("accepted").to_string()),
            ..GOOD
        }
        .start(),
    );
    let mut child = command(&home, &server, &["--", "true"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut err = BufReader::new(child.stderr.take().unwrap());
    err.read_line(&mut line).unwrap();
    assert!(line.contains("Creating demo"), "{line}");
    send("-INT", &child);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(deletes(&server), 1);
    nothing_is_left(home.path());
}
