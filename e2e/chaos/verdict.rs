//! What must be so at the end of a run.

use std::{collections::BTreeMap, path::Path, time::Duration};

use e2e::rig::check;
use sqlx::{Connection, PgConnection};
use tokio::time::{Instant, sleep};

use crate::{audit, lifecycle::End};

const LOOK: Duration = Duration::from_secs(1);

/// Waits until nothing is amiss.
///
/// # Panics
/// When something stays amiss, or something was done twice or never.
pub(crate) async fn at_rest(database: &str, world: &Path, ends: &[End], within: Duration) {
    let began = Instant::now();
    loop {
        let amiss = check::amiss(database, world).await;
        if amiss.is_empty() {
            break;
        }
        assert!(began.elapsed() < within, "amiss: {amiss:#?}");
        sleep(LOOK).await;
    }
    let wrong = audit::seen(database).await;
    assert!(wrong.is_empty(), "{wrong:#?}");
    each_once(database, ends).await;
}

/// Each wish was granted, and once. What labyard asks for by itself has no person.
async fn each_once(database: &str, ends: &[End]) {
    let mut connection = PgConnection::connect(database).await.unwrap();
    let text = "select cluster_id::text, kind, count(*) from task
        where status = 'completed' and created_by is not null group by cluster_id, kind";
    let rows: Vec<(String, String, i64)> = sqlx::query_as(text)
        .fetch_all(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    let mut done: BTreeMap<(String, String), i64> = BTreeMap::new();
    for (cluster, kind, count) in rows {
        done.insert((cluster, kind), count);
    }
    let count = |end: &End, kind: &str| {
        let key = (end.cluster.uuid().to_string(), kind.to_owned());
        done.get(&key).copied().unwrap_or_default()
    };
    for end in ends {
        let created = count(end, "create");
        assert!(
            created == 1 || (end.hasty && created == 0),
            "{} was created {created} times",
            end.cluster
        );
        assert_eq!(count(end, "delete"), 1, "deletes of {}", end.cluster);
        let rests = i64::from(end.rested);
        assert_eq!(count(end, "stop"), rests, "stops of {}", end.cluster);
        assert_eq!(count(end, "start"), rests, "starts of {}", end.cluster);
    }
}
