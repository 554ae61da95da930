//! What is sealed in the database: under which key, how it comes under another, and what is left of it
//! after a cluster. The format is read here without the gateway's code.

use std::time::Duration;

use api::bus::{ReportRequest, Sealed, StepOutcome, StepReport};
use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    digest::{SHA256, digest},
    hkdf::{HKDF_SHA256, Salt},
    rand,
};
use domain::Step;
use reqwest::{Method, StatusCode};
use serde_json::json;
use testkit::{
    Postgres, eventually,
    gateway::{ENCRYPTION_KEY, SECRET_KEY},
};
use tokio::io::AsyncWriteExt;
use uuid::Uuid;

use crate::{
    gateway::{dump, query, sql, world},
    host::{Host, half, nothing, up},
    pool::{say, warm},
    work::host,
};

const SOON: Duration = Duration::from_secs(10);
const BEFORE: &str = "the key before of thirty-two signs";
const NOW: &str = "the key of now of thirty-two signs";
const CREDENTIAL: &[u8] = b"client-key-data: of the lab's administrator";
const HEAD: usize = 65;

fn wrapping(secret: &str) -> [u8; 32] {
    let mut key = [0; 32];
    let salt = Salt::new(HKDF_SHA256, &[]).extract(secret.as_bytes());
    let material = salt.expand(&[b"labyard/envelope/v1"], HKDF_SHA256).unwrap();
    material.fill(&mut key).unwrap();
    key
}

fn id_of(secret: &str) -> String {
    hex::encode(&digest(&SHA256, &wrapping(secret)).as_ref()[..4])
}

fn encrypt(key: &[u8; 32], place: &str, plain: &[u8]) -> Vec<u8> {
    let key = RandomizedNonceKey::new(&AES_256_GCM, key).unwrap();
    let mut body = plain.to_vec();
    let nonce = key.seal_in_place_append_tag(Aad::from(place), &mut body);
    [nonce.unwrap().as_ref().as_slice(), &body].concat()
}

fn decrypt(key: &[u8; 32], place: &str, sealed: &[u8]) -> Option<Vec<u8>> {
    let key = RandomizedNonceKey::new(&AES_256_GCM, key).unwrap();
    let (nonce, body) = sealed.split_at_checked(NONCE_LEN)?;
    let mut body = body.to_vec();
    let nonce = Nonce::try_assume_unique_for_key(nonce).unwrap();
    let plain = key.open_in_place(nonce, Aad::from(place), &mut body);
    plain.ok().map(|plain| plain.to_vec())
}

/// Head and body.
fn seal(secret: &str, place: &str, plain: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let mut data_key = [0; 32];
    rand::fill(&mut data_key).unwrap();
    let mut head = vec![1];
    head.extend(hex::decode(id_of(secret)).unwrap());
    head.extend(encrypt(&wrapping(secret), place, &data_key));
    assert_eq!(head.len(), HEAD);
    (head, encrypt(&data_key, place, plain))
}

fn open(secret: &str, place: &str, head: &[u8], body: &[u8]) -> Option<Vec<u8>> {
    let data_key = decrypt(&wrapping(secret), place, head.get(5..)?)?;
    decrypt(&data_key.try_into().ok()?, place, body)
}

/// The bytes that SQL on a test's database gives.
async fn bytes(database: &str, text: &str) -> Vec<u8> {
    let said = query(database, text).await;
    hex::decode(said.trim_start_matches("\\x")).unwrap()
}

async fn head_of(database: &str, cluster: &str) -> Vec<u8> {
    let id = uuid(cluster);
    let text = format!("select head from cluster_key where cluster_id = '{id}'");
    bytes(database, &text).await
}

async fn body_of(database: &str, cluster: &str) -> Vec<u8> {
    let id = uuid(cluster);
    let text = format!("select admin_sealed from cluster where id = '{id}'");
    bytes(database, &text).await
}

fn uuid(cluster: &str) -> Uuid {
    cluster.trim_start_matches("clu_").parse().unwrap()
}

fn gateway(database: &str, current: &str, old: &str) -> tokio::process::Command {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_api-gateway"));
    command
        .env("SECRET_KEY", SECRET_KEY)
        .env("ENCRYPTION_KEY", current)
        .env("ENCRYPTION_KEYS_OLD", old)
        .env("DATABASE_URL", database)
        .kill_on_drop(true);
    command
}

/// What an `admin` subcommand says, and whether it went well.
async fn admin(database: &str, (current, old): (&str, &str), verb: &str) -> (bool, String) {
    let mut command = gateway(database, current, old);
    let output = command.args(["admin", verb]).output().await.unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8(said).unwrap();
    (output.status.success(), said)
}

#[tokio::test]
async fn every_value_comes_under_the_new_key_though_the_run_was_killed() {
    const CLUSTERS: usize = 120;
    let database = Postgres::database().await;
    let migrated = gateway(&database, BEFORE, "").arg("migrate").status().await;
    assert!(migrated.unwrap().success());
    let ids: Vec<Uuid> = (0..CLUSTERS).map(|_| Uuid::now_v7()).collect();
    let mut rows = String::from("begin;");
    for id in &ids {
        let place = format!("warm|clu_{}|admin", id.simple());
        let (head, body) = seal(BEFORE, &place, place.as_bytes());
        rows += &format!(
            "insert into cluster (id, status, k8s_version, driver, goal, resources, admin_sealed)
                values ('{id}', 'RUNNING', 'v1', 'fake', 'running', '{{}}', '\\x{}');
             insert into cluster_key values ('{id}', '\\x{}');",
            hex::encode(body),
            hex::encode(head)
        );
    }
    sql(&database, &(rows + "commit")).await;

    // Somebody holds a row of the second batch: the run stops there, and dies.
    let mut holder = tokio::process::Command::new("/usr/lib/postgresql/15/bin/psql")
        .args([&database, "-q"])
        .stdin(std::process::Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let hold = format!(
        "begin; set application_name = 'holder'; select 1 from cluster_key where cluster_id = '{}' for update;\n",
        ids[70]
    );
    let mut orders = holder.stdin.take().unwrap();
    orders.write_all(hold.as_bytes()).await.unwrap();
    let holds = "select count(*) from pg_stat_activity where application_name = 'holder' and state = 'idle in transaction'";
    eventually(SOON, || async {
        (query(&database, holds).await == "1").then_some(())
    })
    .await;
    let mut killed = gateway(&database, NOW, BEFORE)
        .args(["admin", "rotate-keys"])
        .spawn()
        .unwrap();
    let moved = format!(
        "select count(*) from cluster_key where encode(substring(head from 2 for 4), 'hex') = '{}'",
        id_of(NOW)
    );
    eventually(SOON, || async {
        (query(&database, &moved).await == "50").then_some(())
    })
    .await;
    killed.kill().await.unwrap();
    drop(orders);
    holder.wait().await.unwrap();
    assert_eq!(query(&database, &moved).await, "50", "whole batches only");
    let (good, said) = admin(&database, (NOW, BEFORE), "sealed").await;
    assert!(good, "{said}");
    let old = format!(
        "70 values under the key {} (of ENCRYPTION_KEYS_OLD",
        id_of(BEFORE)
    );
    assert!(said.contains(&old), "{said}");

    let (good, said) = admin(&database, (NOW, BEFORE), "rotate-keys").await;
    assert!(
        good && said.contains("70 sealed values came under"),
        "{said}"
    );
    let (good, said) = admin(&database, (NOW, ""), "sealed").await;
    let all = format!("120 values under the key {} (ENCRYPTION_KEY)", id_of(NOW));
    assert!(good && said.trim() == all, "{said}");
    for id in &ids {
        let cluster = format!("clu_{}", id.simple());
        let place = format!("warm|{cluster}|admin");
        let (head, body) = (
            head_of(&database, &cluster).await,
            body_of(&database, &cluster).await,
        );
        assert_eq!(
            open(NOW, &place, &head, &body),
            Some(place.as_bytes().to_vec())
        );
        assert_eq!(open(BEFORE, &place, &head, &body), None);
    }
    // A key that is not here is named.
    let (good, said) = admin(&database, (BEFORE, ""), "sealed").await;
    assert!(
        !good && said.contains(&format!("120 values with the key {}", id_of(NOW))),
        "{said}"
    );
    let (good, said) = admin(&database, (BEFORE, ""), "rotate-keys").await;
    assert!(!good && said.contains(&id_of(NOW)), "{said}");
}

/// A cluster whose worker has told the gateway its credential.
async fn with_credential(
    world: &crate::gateway::World,
    host: &Host,
    token: &str,
    name: &str,
) -> String {
    let id = world.create(token, name).await;
    let lease = host.take().await;
    let report = |step: Step, outcome: StepOutcome, observed, admin: Option<Sealed>| {
        let request = ReportRequest {
            worker: "w1".parse().unwrap(),
            boot_id: host.boot_id,
            cluster: lease.cluster,
            fence: lease.fence,
            desired_rev: lease.desired_rev,
            step: Some(StepReport {
                step,
                generation: None,
                outcome,
                log: vec![],
            }),
            observed,
            admin,
        };
        async move {
            host.bus
                .request(&request, host.name.parse().unwrap())
                .await
                .unwrap()
        }
    };
    for step in [Step::Prepare, Step::Create, Step::Start] {
        report(step, StepOutcome::Began, half(), None).await;
        report(step, StepOutcome::Ended, half(), None).await;
    }
    report(Step::Ready, StepOutcome::Began, half(), None).await;
    let sealed = world.gateway.keys().seal.seal(CREDENTIAL).unwrap();
    report(Step::Ready, StepOutcome::Ended, up(), Some(sealed)).await;
    id
}

#[tokio::test]
async fn a_deleted_clusters_credential_does_not_open_from_a_copy_made_before() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    let goes = with_credential(&world, &host, &ana, "goes").await;
    let stays = with_credential(&world, &host, &ana, "stays").await;
    let (_, me) = world.get("/api/v1/auth/me", &ana).await;
    let organization = me["organizations"][0]["organization_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let place = |cluster: &str| format!("{organization}|{cluster}|admin");
    let (head, body) = (
        head_of(&world.database, &goes).await,
        body_of(&world.database, &goes).await,
    );
    let opened = open(ENCRYPTION_KEY, &place(&goes), &head, &body);
    assert_eq!(opened.as_deref(), Some(CREDENTIAL), "while it lives");
    let contains = |copy: &[u8], what: &[u8]| {
        let what = hex::encode(what);
        copy.windows(what.len())
            .any(|window| window == what.as_bytes())
    };
    let before = dump(&world.database).await;
    assert!(contains(&before, &body) && contains(&before, &head));

    let path = format!("/api/v1/clusters/{goes}");
    let (status, said) = world.read(world.request(Method::DELETE, &path, &ana)).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{said}");
    assert_eq!(
        head_of(&world.database, &goes).await,
        head,
        "it still has to be reached"
    );
    let lease = host.take().await;
    let last = Some((Step::Remove, StepOutcome::Ended));
    host.report(&lease, lease.desired_rev, last, nothing())
        .await;
    assert_eq!(world.cluster(&ana, &goes).await["status"], json!("DELETED"));

    let after = dump(&world.database).await;
    assert!(!contains(&after, &body) && !contains(&after, &head));
    let left = "select string_agg(encode(head, 'hex'), ' ') from cluster_key";
    let left = query(&world.database, left).await;
    let heads: Vec<Vec<u8>> = left
        .split(' ')
        .map(|head| hex::decode(head).unwrap())
        .collect();
    assert_eq!(heads.len(), 1, "the other cluster's");
    for place in [place(&goes), place(&stays)] {
        assert_eq!(open(ENCRYPTION_KEY, &place, &heads[0], &body), None);
    }
    let living = body_of(&world.database, &stays).await;
    let opened = open(ENCRYPTION_KEY, &place(&stays), &heads[0], &living);
    assert_eq!(
        opened.as_deref(),
        Some(CREDENTIAL),
        "nobody else loses anything"
    );
    // What comes late is not kept.
    let sealed = world.gateway.keys().seal.seal(CREDENTIAL).unwrap();
    let late = ReportRequest {
        worker: "w1".parse().unwrap(),
        boot_id: host.boot_id,
        cluster: lease.cluster,
        fence: lease.fence,
        desired_rev: lease.desired_rev,
        step: None,
        observed: up(),
        admin: Some(sealed),
    };
    let _ = host.bus.request(&late, host.name.parse().unwrap()).await;
    let none = format!(
        "select count(*) from cluster_key where cluster_id = '{}'",
        uuid(&goes)
    );
    assert_eq!(query(&world.database, &none).await, "0");
}

#[tokio::test]
async fn a_claimed_clusters_credential_is_its_owners_and_one_that_does_not_open_stops_nobody() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    let (_, me) = world.get("/api/v1/auth/me", &ana).await;
    let organization = me["organizations"][0]["organization_id"].as_str().unwrap();
    say(&host, 1).await;
    for (name, secret, opens) in [("good", ENCRYPTION_KEY, true), ("lost", BEFORE, false)] {
        let id = warm(&host).await.cluster.to_string();
        let (head, body) = seal(secret, &format!("warm|{id}|admin"), CREDENTIAL);
        let keep = format!(
            "update cluster set admin_sealed = '\\x{}' where id = '{}'; insert into cluster_key values ('{}', '\\x{}')",
            hex::encode(body),
            uuid(&id),
            uuid(&id),
            hex::encode(&head)
        );
        sql(&world.database, &keep).await;
        assert_eq!(world.create(&ana, name).await, id);
        let now = head_of(&world.database, &id).await;
        let place = format!("{organization}|{id}|admin");
        let body = body_of(&world.database, &id).await;
        let opened = open(ENCRYPTION_KEY, &place, &now, &body);
        assert_eq!(opened.as_deref(), opens.then_some(CREDENTIAL));
        assert_ne!(now, head, "another key than before it was theirs");
    }
}
