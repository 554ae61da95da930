//! exec-service on a real nats-server, with the fake driver: what the gateway signed is done, once.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::{Duration, Instant};

use api::{
    bus::{Capability, Open, OpenReply, OpenRequest},
    cluster::Exec,
};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use bus::{Bus, CallError, Direction, GatewayKeys, Received, StreamReceiver, seal::OpenKey};
use clap::Parser;
use domain::{
    ClusterId, Code, Desired, Goal, Group, HostId, Resources, SessionId, StreamKind, UserId, limits,
};
use drivers::{Driver, Instance, Spec, contract, names};
use exec_service::config::Options;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode, get_current_timestamp};
use testkit::{Nats, eventually};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

struct World {
    _nats: Nats,
    folder: tempfile::TempDir,
    driver: Driver,
    gateway: Bus,
    host: HostId,
    key: EncodingKey,
    cluster: ClusterId,
    stop: CancellationToken,
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn connect(nats: &Nats, user: &str) -> Bus {
    let bus = Bus::connect(nats.user(user)).await.unwrap();
    eventually(Duration::from_secs(5), || async {
        bus.connected().then_some(())
    })
    .await;
    bus
}

/// A running cluster, its host's exec-service that runs so many commands, and a gateway that may sign.
async fn world(exec_max: &str) -> World {
    world_with(&["--exec-max", exec_max]).await
}

async fn world_with(most: &[&str]) -> World {
    let (nats, folder) = (Nats::start(), tempfile::tempdir().unwrap());
    let pair = Ed25519KeyPair::from_seed_unchecked(&[3; 32]).unwrap();
    let keys = GatewayKeys {
        seal: OpenKey::from_seed([4; 32]).public(),
        capability: pair.public_key().as_ref().try_into().unwrap(),
    };
    let keys_given = keys.to_string();
    let options = [
        "exec-service",
        "--driver",
        "fake",
        "--fake-dir",
        folder.path().to_str().unwrap(),
        "--fake-step-ms",
        "0",
        "--gateway-keys",
        &keys_given,
    ];
    let options = Options::parse_from(options.iter().chain(most));
    let driver: Driver = options.driver.connect().await.unwrap();
    let cluster = ClusterId::from_uuid(Uuid::now_v7());
    contract::reach(&driver, &mut spec(cluster)).await;
    let (stop, host): (_, HostId) = (CancellationToken::new(), "h1".parse().unwrap());
    let (bus, served, until) = (connect(&nats, "host-h1").await, host.clone(), stop.clone());
    let serving = driver.clone();
    tokio::spawn(async move { exec_service::serve(&options, serving, served, bus, until).await });
    let gateway = connect(&nats, "api-gateway").await;
    let key = EncodingKey::from_ed_der(pair.to_pkcs8v1().unwrap().as_ref());
    let world = World {
        _nats: nats,
        folder,
        driver: driver.clone(),
        gateway,
        host,
        key,
        cluster,
        stop,
    };
    eventually(Duration::from_secs(5), || async {
        let nothing = Capability {
            host: "h2".parse().unwrap(),
            ..world.capability()
        };
        let asked = world.open("probe", nothing, &["true"]).await;
        (!matches!(asked, Err(CallError::NoResponder))).then_some(())
    })
    .await;
    world
}

fn spec(cluster: ClusterId) -> Spec {
    Spec {
        installation: "test".into(),
        cluster,
        desired: Desired {
            goal: Goal::Running,
            generation: 1,
            data_generation: 1,
            k8s_version: "v1.34.4".into(),
            resources: Resources::default(),
            api_port: None,
        },
    }
}

impl World {
    fn capability(&self) -> Capability {
        Capability {
            jti: Uuid::now_v7().to_string(),
            host: self.host.clone(),
            cluster: self.cluster,
            generation: 1,
            kind: StreamKind::Exec,
            session: SessionId::from_uuid(Uuid::now_v7()),
            user: UserId::from_uuid(Uuid::now_v7()),
            user_name: "ana".into(),
            user_number: 0,
            groups: vec![Group::Owner],
            secs_max: 60,
            output_max: 100_000,
            exp: get_current_timestamp() + 30,
        }
    }

    async fn open(
        &self,
        stream: &str,
        capability: Capability,
        words: &[&str],
    ) -> Result<OpenReply, CallError> {
        let argv = words.iter().map(|word| (*word).to_owned()).collect();
        let open = Open::Exec { argv, stdin: None };
        self.ask(stream, capability, open).await
    }

    async fn ask(
        &self,
        stream: &str,
        capability: Capability,
        open: Open,
    ) -> Result<OpenReply, CallError> {
        let request = OpenRequest {
            stream: stream.to_owned(),
            capability: encode(&Header::new(Algorithm::EdDSA), &capability, &self.key).unwrap(),
            open,
        };
        self.gateway.request(&request, self.host.clone()).await
    }

    /// Another cluster of this host, whose programs and files never answer.
    async fn silent(&self) -> ClusterId {
        let cluster = ClusterId::from_uuid(Uuid::now_v7());
        contract::reach(&self.driver, &mut spec(cluster)).await;
        let instance = Instance {
            cluster,
            generation: 1,
        };
        let path = self.folder.path().join("silent");
        let mut named = std::fs::read_to_string(&path).unwrap_or_default();
        named.push_str(&names::node(instance));
        named.push('\n');
        std::fs::write(path, named).unwrap();
        cluster
    }

    async fn listen(&self, stream: &str) -> StreamReceiver {
        self.gateway
            .receive_stream(&self.host, stream, Direction::Down)
            .await
            .unwrap()
    }

    async fn run(&self, words: &[&str]) -> (Vec<u8>, Vec<u8>, i32, bool) {
        self.run_given(words, None).await
    }

    /// With this on its standard input.
    async fn run_given(
        &self,
        words: &[&str],
        input: Option<&[u8]>,
    ) -> (Vec<u8>, Vec<u8>, i32, bool) {
        let stream = Uuid::now_v7().simple().to_string();
        let mut receiver = self.listen(&stream).await;
        let argv = words.iter().map(|word| (*word).to_owned()).collect();
        let stdin = Exec::of("", input).stdin;
        let open = Open::Exec { argv, stdin };
        self.ask(&stream, self.capability(), open).await.unwrap();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        loop {
            match receiver.next().await {
                Received::Chunk { channel: 1, bytes } => out.extend_from_slice(&bytes),
                Received::Chunk { bytes, .. } => err.extend_from_slice(&bytes),
                Received::Exit { code, truncated } => return (out, err, code, truncated),
                end => panic!("{end:?}"),
            }
        }
    }
}

#[tokio::test]
async fn a_command_says_its_piece_and_its_exit_code() {
    let world = world("8").await;
    assert_eq!(
        world.run(&["echo", "hello"]).await,
        (b"hello\n".to_vec(), vec![], 0, false)
    );
    assert_eq!(world.run(&["false"]).await.2, 1);
    let (_, err, code, _) = world.run(&["nosuch"]).await;
    assert_eq!(code, 127);
    assert!(String::from_utf8(err).unwrap().contains("No such file"));
}

#[tokio::test]
async fn a_command_reads_what_it_is_given_to_the_last_byte() {
    let world = world("8").await;
    let given: Vec<u8> = (0..=255).cycle().take(90_000).collect();
    let (out, _, code, truncated) = world.run_given(&["cat"], Some(&given)).await;
    assert_eq!((out == given, code, truncated), (true, 0, false));
    assert_eq!(world.run(&["cat"]).await.0, b"");
}

#[tokio::test]
async fn long_output_is_cut_and_the_command_never_waits() {
    let world = world("8").await;
    let (out, _, code, truncated) = world.run(&["flood", "3000000"]).await;
    assert_eq!((out.len(), code, truncated), (100_000, 0, true));
}

#[tokio::test]
async fn only_what_was_signed_for_here_is_done_and_once() {
    let world = world("8").await;
    let refused = |error: Result<OpenReply, CallError>| match error {
        Err(CallError::Fault(fault)) => fault.code,
        other => panic!("{other:?}"),
    };
    let good = world.capability();
    let _receiver = world.listen("s").await;
    world.open("s", good.clone(), &["true"]).await.unwrap();
    assert_eq!(
        refused(world.open("s", good, &["true"]).await),
        Code::Forbidden
    );
    let kubeconfig = Capability {
        kind: StreamKind::Kubeconfig,
        ..world.capability()
    };
    assert_eq!(
        refused(world.open("s", kubeconfig, &["true"]).await),
        Code::Forbidden
    );
    let elsewhere = Capability {
        host: "h2".parse().unwrap(),
        ..world.capability()
    };
    assert_eq!(
        refused(world.open("s", elsewhere, &["true"]).await),
        Code::Forbidden
    );
    let gone = Capability {
        cluster: ClusterId::from_uuid(Uuid::now_v7()),
        ..world.capability()
    };
    assert_eq!(
        refused(world.open("s", gone, &["true"]).await),
        Code::WrongStatus
    );
    assert_eq!(
        refused(world.open("s", world.capability(), &[]).await),
        Code::Invalid
    );
}

#[tokio::test]
async fn a_caller_who_leaves_frees_the_place_of_the_command() {
    let world = world_with(&["--exec-per-cluster", "1"]).await;
    let receiver = world.listen("long").await;
    world
        .open("long", world.capability(), &["sleep", "600"])
        .await
        .unwrap();
    let busy = world.open("more", world.capability(), &["true"]).await;
    assert!(
        matches!(&busy, Err(CallError::Fault(fault)) if fault.code == Code::RateLimited),
        "{busy:?}"
    );
    let left = Instant::now();
    receiver.close(None).await;
    eventually(Duration::from_secs(5), || async {
        world.open("more", world.capability(), &["true"]).await.ok()
    })
    .await;
    // Before a stream is taken for silent.
    assert!(left.elapsed() < Duration::from_secs(12));
}

/// What a full host, person or cluster answers.
fn too_many(answer: Result<OpenReply, CallError>, words: &str) {
    match answer {
        Err(CallError::Fault(fault)) => {
            assert_eq!((fault.code, fault.retryable), (Code::RateLimited, true));
            assert!(fault.message.contains(words), "{fault:?}");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn nobody_holds_all_of_a_host_and_no_cluster_does() {
    let world = world("8").await;
    let ana = UserId::from_uuid(Uuid::now_v7());
    let of = |user| Capability {
        user,
        ..world.capability()
    };
    let sleep = &["sleep", "600"];
    let mut held = Vec::new();
    for n in 0..limits::EXECS_PER_USER {
        let stream = format!("ana{n}");
        held.push(world.listen(&stream).await);
        world.open(&stream, of(ana), sleep).await.unwrap();
    }
    too_many(world.open("more", of(ana), sleep).await, "one person");
    // Somebody else is not held up, and what ends makes room.
    let ben = UserId::from_uuid(Uuid::now_v7());
    held.push(world.listen("ben").await);
    world.open("ben", of(ben), sleep).await.unwrap();
    held.remove(0).close(None).await;
    held.push(world.listen("again").await);
    eventually(Duration::from_secs(5), || async {
        world.open("again", of(ana), sleep).await.ok()
    })
    .await;
    too_many(world.open("more", of(ana), sleep).await, "one person");
}

#[tokio::test]
async fn a_cluster_has_so_many_commands_whoever_runs_them() {
    let world = world("64").await;
    let mut held = Vec::new();
    for n in 0..limits::EXECS_PER_CLUSTER {
        let stream = format!("s{n}");
        held.push(world.listen(&stream).await);
        let somebody = world.capability();
        let opened = world.open(&stream, somebody, &["sleep", "600"]).await;
        opened.unwrap();
    }
    let more = world.open("more", world.capability(), &["true"]).await;
    too_many(more, "this cluster");
}

/// Many people, and one who is everywhere, ask a cluster that never answers for everything at once, again and again.
#[tokio::test]
async fn a_silent_cluster_holds_up_nobody_elsewhere() {
    let world = world_with(&["--exec-max", "1"]).await;
    let ana = UserId::from_uuid(Uuid::now_v7());
    let hostile = world.silent().await;
    let trap = |user, kind| Capability {
        cluster: hostile,
        user,
        kind,
        ..world.capability()
    };
    let asking = futures_util::future::join_all((0..200).map(|n| {
        let user = match n % 3 {
            0 => ana,
            _ => UserId::from_uuid(Uuid::now_v7()),
        };
        let world = &world;
        async move {
            let (stream, argv) = (format!("trap{n}"), vec!["true".to_owned()]);
            match n % 2 {
                0 => {
                    world
                        .ask(
                            &stream,
                            trap(user, StreamKind::Exec),
                            Open::Exec { argv, stdin: None },
                        )
                        .await
                }
                _ => {
                    world
                        .ask(
                            &stream,
                            trap(user, StreamKind::Kubeconfig),
                            Open::Kubeconfig,
                        )
                        .await
                }
            }
        }
    }));
    let working = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let mut slowest = Duration::ZERO;
        for n in 0..40 {
            let stream = format!("work{n}");
            let mut receiver = world.listen(&stream).await;
            let capability = Capability {
                user: ana,
                ..world.capability()
            };
            let began = Instant::now();
            world.open(&stream, capability, &["true"]).await.unwrap();
            while !matches!(receiver.next().await, Received::Exit { code: 0, .. }) {}
            slowest = slowest.max(began.elapsed());
        }
        slowest
    };
    let (trapped, slowest) = tokio::join!(asking, working);
    // A step that is waited for takes five.
    assert!(slowest < Duration::from_secs(5), "{slowest:?}");
    let full = |answer: &Result<OpenReply, CallError>| matches!(answer, Err(CallError::Fault(fault)) if fault.code == Code::RateLimited);
    assert!(trapped.iter().all(Result::is_err));
    let waiting = trapped.iter().filter(|answer| !full(answer)).count();
    assert!(
        waiting <= 3 + 6,
        "{waiting} of {} were let wait",
        trapped.len()
    );
}

/// What a cluster that never answers holds is given back, and who asked is told.
#[tokio::test]
async fn a_silent_cluster_gives_every_place_back() {
    let world = world_with(&["--exec-per-cluster", "1"]).await;
    let hostile = world.silent().await;
    let trap = || Capability {
        cluster: hostile,
        ..world.capability()
    };
    let _receiver = world.listen("trap").await;
    let more = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        world.open("more", trap(), &["true"]).await
    };
    let (first, more) = tokio::join!(world.open("trap", trap(), &["true"]), more);
    assert!(first.is_err(), "{first:?}");
    too_many(more, "this cluster");
    std::fs::remove_file(world.folder.path().join("silent")).unwrap();
    eventually(Duration::from_secs(15), || async {
        world.open("again", trap(), &["true"]).await.ok()
    })
    .await;
}
