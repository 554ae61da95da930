//! What must hold of a rig at rest: in its database, in its log of events, in the fake driver's world.

use std::{collections::BTreeMap, fs, path::Path};

use serde::Deserialize;
use sqlx::{Connection, PgConnection, Row};

/// All that does not hold right now, in words.
pub async fn amiss(database: &str, world: &Path) -> Vec<String> {
    let mut all = match in_database(database).await {
        Ok(found) => found,
        Err(error) => vec![format!("the database does not answer: {error}")],
    };
    all.extend(
        things(world)
            .into_iter()
            .map(|name| format!("{name} is left")),
    );
    all.extend(twice(world));
    all
}

/// What the product's own views say, and whether the log has a hole.
async fn in_database(database: &str) -> Result<Vec<String>, sqlx::Error> {
    let mut connection = PgConnection::connect(database).await?;
    let views = "select table_name::text from information_schema.views where table_name like 'broken\\_%' order by 1";
    let views: Vec<String> = sqlx::query_scalar(views).fetch_all(&mut connection).await?;
    assert!(views.len() > 5, "the views are not there: {views:?}");
    let mut found = Vec::new();
    for view in views {
        let text = sqlx::AssertSqlSafe(format!("select detail from {view}"));
        for row in sqlx::query(text).fetch_all(&mut connection).await? {
            let detail: String = row.get(0);
            found.push(format!("{view}: {detail}"));
        }
    }
    let log = "select count(*), coalesce(max(position), 0), (select position from log_head), (select count(*) from outbox)
        from event";
    let row = sqlx::query(log).fetch_one(&mut connection).await?;
    let (events, last, head, waiting): (i64, i64, i64, i64) =
        (row.get(0), row.get(1), row.get(2), row.get(3));
    if events != last || last != head || waiting > 0 {
        found.push(format!(
            "the log has {events} events, its last is {last}, its head {head}; {waiting} wait"
        ));
    }
    connection.close().await?;
    Ok(found)
}

/// Every file of the fake driver's world that is there.
pub fn things(world: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(world.join("things")) else {
        return Vec::new();
    };
    let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
    entries.flatten().map(name).collect()
}

#[derive(Deserialize)]
struct Call {
    verb: String,
    name: String,
    outcome: String,
}

/// What was done twice, by the journal: made again without a removal between, or started or stopped
/// when it was so already.
pub fn twice(world: &Path) -> Vec<String> {
    let text = fs::read_to_string(world.join("journal")).unwrap_or_default();
    let mut made: BTreeMap<String, bool> = BTreeMap::new();
    let mut found = Vec::new();
    for line in text.lines() {
        // A line may have been cut off by the death of its writer.
        let Ok(call) = serde_json::from_str::<Call>(line) else {
            continue;
        };
        if call.outcome == "again" {
            found.push(format!("{} was {} twice", call.name, call.verb));
        }
        let there = call.verb == "made";
        if !there && call.verb != "removed" {
            continue;
        }
        if made.insert(call.name.clone(), there) == Some(true) && there {
            found.push(format!("{} was made twice", call.name));
        }
    }
    found
}

/// The tasks of every cluster, oldest first, as `kind status`.
///
/// # Panics
/// When the database does not answer.
pub async fn tasks(database: &str) -> BTreeMap<String, Vec<String>> {
    let mut connection = PgConnection::connect(database).await.unwrap();
    let text = "select cluster_id::text, kind || ' ' || status from task order by created_at, id";
    let rows: Vec<(String, String)> = sqlx::query_as(text)
        .fetch_all(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (cluster, task) in rows {
        all.entry(cluster).or_default().push(task);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::twice;

    #[test]
    fn what_was_done_twice_is_seen_in_the_journal() {
        let world = tempfile::tempdir().unwrap();
        let line = |verb: &str, outcome: &str| {
            format!(r#"{{"pid":1,"verb":"{verb}","name":"n","outcome":"{outcome}"}}"#)
        };
        let judge = |lines: &[String]| {
            std::fs::write(world.path().join("journal"), lines.join("\n")).unwrap();
            twice(world.path()).len()
        };
        let life = [
            line("made", "ok"),
            line("started", "ok"),
            line("removed", "ok"),
            line("made", "ok"),
        ];
        assert_eq!(judge(&life), 0);
        assert_eq!(judge(&[line("made", "ok"), line("made", "ok")]), 1);
        assert_eq!(judge(&[line("started", "again")]), 1);
    }
}
