//! The ledger's rules one by one, and a thousand random hosts whose databases are whole, empty,
//! old or briefly half a listing away: nothing that lives is ever let go.

#![allow(clippy::unwrap_used)]

use proptest::{collection::vec, prelude::*, sample::select};
use uuid::Uuid;

use super::*;

fn cluster(n: u128) -> ClusterId {
    ClusterId::from_uuid(Uuid::from_u128(n))
}

fn host(name: &str) -> HostId {
    name.parse().unwrap()
}

fn thing(n: u128, generation: u32, role: &str) -> Thing {
    Thing {
        cluster: cluster(n),
        generation,
        role: role.to_owned(),
        name: format!("labyard-{n}-g{generation}-{role}"),
    }
}

fn known(status: ClusterStatus) -> Known {
    Known {
        status,
        host: Some(host("h1")),
        generation: 2,
        data_generation: 1,
        open: false,
    }
}

fn entry(n: u128, owner: Owner, seen: u32, age_secs: u64) -> Entry {
    Entry {
        thing: thing(n, 1, "node"),
        owner,
        seen,
        age_secs,
    }
}

const QUIET: Scene = Scene {
    listed: 100,
    locked: false,
    allowed: false,
};

#[test]
fn whose_a_thing_is() {
    let here = host("h1");
    let lives = known(ClusterStatus::Running);
    let of = |thing: &Thing, known: Option<&Known>| owner(thing, &here, known);
    assert_eq!(of(&thing(1, 2, "node"), Some(&lives)), Owner::Cluster);
    assert_eq!(of(&thing(1, 1, "node"), Some(&lives)), Owner::Astray);
    assert_eq!(of(&thing(1, 1, "data"), Some(&lives)), Owner::Cluster);
    assert_eq!(of(&thing(1, 1, "network"), Some(&lives)), Owner::Cluster);
    assert_eq!(of(&thing(1, 2, "node"), None), Owner::Unknown);
    let changing = Known {
        open: true,
        ..lives.clone()
    };
    assert_eq!(of(&thing(1, 1, "node"), Some(&changing)), Owner::Cluster);
    let elsewhere = Known {
        host: Some(host("h2")),
        ..changing
    };
    assert_eq!(of(&thing(1, 2, "node"), Some(&elsewhere)), Owner::Astray);
    let unplaced = Known {
        host: None,
        ..lives.clone()
    };
    assert_eq!(of(&thing(1, 2, "node"), Some(&unplaced)), Owner::Cluster);
    for status in ClusterStatus::ALL {
        let expected = match status {
            ClusterStatus::Deleted => Owner::Deleted,
            _ => Owner::Cluster,
        };
        assert_eq!(of(&thing(1, 2, "node"), Some(&known(status))), expected);
    }
}

#[test]
fn only_what_is_sure_goes() {
    let goes = |entry: Entry| reap(&[entry], QUIET) == Reaping::Remove(vec![cluster(1)]);
    assert!(goes(entry(1, Owner::Deleted, 2, 30)));
    assert!(goes(entry(1, Owner::Unknown, 2, 300)));
    for kept in [
        entry(1, Owner::Deleted, 1, 3000),
        entry(1, Owner::Deleted, 9, 29),
        entry(1, Owner::Unknown, 1, 3000),
        entry(1, Owner::Unknown, 9, 299),
        entry(1, Owner::Astray, 99, 99_999),
        entry(1, Owner::Cluster, 99, 99_999),
    ] {
        assert!(!goes(kept.clone()), "{kept:?}");
    }
}

#[test]
fn the_brake_holds_above_a_fifth_and_more_than_three() {
    let ripe = |clusters: u128| -> Vec<Entry> {
        (0..clusters)
            .map(|n| entry(n, Owner::Unknown, 2, 300))
            .collect()
    };
    let of = |doomed, listed| reap(&ripe(doomed), Scene { listed, ..QUIET });
    assert!(matches!(of(3, 3), Reaping::Remove(gone) if gone.len() == 3));
    assert!(matches!(of(4, 20), Reaping::Remove(gone) if gone.len() == 4));
    assert_eq!(
        of(4, 19),
        Reaping::Braked {
            doomed: 4,
            listed: 19
        }
    );
    assert!(
        matches!(of(15, 100), Reaping::Remove(gone) if gone.len() == REMOVED_AT_ONCE),
        "the rest follows"
    );
    let young: Vec<Entry> = (0..9).map(|n| entry(n, Owner::Deleted, 1, 0)).collect();
    assert!(
        matches!(
            reap(&young, Scene { listed: 9, ..QUIET }),
            Reaping::Braked { .. }
        ),
        "what would go a little later counts already"
    );
}

#[test]
fn an_administrator_overrules_the_brake_and_nobody_the_lock() {
    let all: Vec<Entry> = (0..4).map(|n| entry(n, Owner::Unknown, 2, 300)).collect();
    let scene = |locked, allowed| Scene {
        listed: 4,
        locked,
        allowed,
    };
    assert!(matches!(reap(&all, scene(false, true)), Reaping::Remove(gone) if gone.len() == 4));
    assert_eq!(reap(&all, scene(true, true)), Reaping::Locked);
}

#[test]
fn a_thing_must_be_there_each_time() {
    let here = host("h1");
    let nobody = HashMap::new();
    let first = count([thing(1, 1, "node")], &here, &nobody, &HashMap::new());
    assert_eq!((first[0].seen, first[0].age_secs), (1, 0));
    let before = HashMap::from([(first[0].thing.name.clone(), (first[0].seen, 12))]);
    let second = count(
        [thing(1, 1, "node"), thing(2, 1, "node")],
        &here,
        &nobody,
        &before,
    );
    assert_eq!((second[0].seen, second[0].age_secs), (2, 12));
    assert_eq!((second[1].seen, second[1].age_secs), (1, 0));
    assert!(count([], &here, &nobody, &before).is_empty());
}

/// How the database stands to what is true.
#[derive(Debug, Clone, Copy)]
enum Database {
    Whole,
    /// Nothing is in it: the installation's rows were lost.
    Empty,
    /// Of before some clusters were made: their rows are missing.
    Old,
}

/// What is true of one cluster, and what happens to it between listings.
#[derive(Debug, Clone, Copy)]
enum Truth {
    Lives,
    LivesElsewhere,
    Changes,
    Deleted,
    /// Made by nobody that this database knows.
    Stray,
}

fn truths() -> impl Strategy<Value = Vec<Truth>> {
    let truth = select(vec![
        Truth::Lives,
        Truth::Lives,
        Truth::Lives,
        Truth::LivesElsewhere,
        Truth::Changes,
        Truth::Deleted,
        Truth::Stray,
    ]);
    vec(truth, 1..30)
}

/// The rows of a database; an old one lacks every row from `kept` on.
fn rows(truths: &[Truth], database: Database, kept: usize) -> HashMap<ClusterId, Known> {
    let row = |(n, truth): (usize, &Truth)| {
        let here = known(ClusterStatus::Running);
        let row = match truth {
            Truth::Lives => here,
            Truth::LivesElsewhere => Known {
                host: Some(host("h2")),
                ..here
            },
            Truth::Changes => Known { open: true, ..here },
            Truth::Deleted => known(ClusterStatus::Deleted),
            Truth::Stray => return None,
        };
        let there = match database {
            Database::Whole => true,
            Database::Empty => false,
            Database::Old => n < kept,
        };
        there.then_some((cluster(n as u128), row))
    };
    truths.iter().enumerate().filter_map(row).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn nothing_that_lives_is_ever_let_go(
        truths in truths(),
        database in select(vec![Database::Whole, Database::Empty, Database::Old]),
        kept in 0_usize..30,
        listings in vec((1_u64..200, vec(any::<bool>(), 30), any::<bool>()), 1..12),
    ) {
        let here = host("h1");
        let known = rows(&truths, database, kept);
        let lost = truths.iter().enumerate().any(|(n, truth)| {
            !matches!(truth, Truth::Stray) && !known.contains_key(&cluster(n as u128))
        });
        let mut before: HashMap<String, (u32, u64)> = HashMap::new();
        for (secs, present, complete) in listings {
            for (_, age) in before.values_mut() {
                *age += secs;
            }
            // Of an incomplete listing nothing is concluded: it is not even counted.
            if !complete {
                continue;
            }
            let things: Vec<Thing> = truths
                .iter()
                .enumerate()
                .filter(|(n, _)| present[*n])
                .flat_map(|(n, _)| ["node", "data", "network"].map(|role| thing(n as u128, 2, role)))
                .collect();
            let listed = things.len() / 3;
            let entries = count(things, &here, &known, &before);
            // A host that has seen a fence which this database never gave locks it.
            let scene = Scene { listed, locked: lost, allowed: false };
            let Reaping::Remove(gone) = reap(&entries, scene) else {
                before = entries.into_iter().map(|e| (e.thing.name, (e.seen, e.age_secs))).collect();
                continue;
            };
            prop_assert!(!lost, "the database is doubted");
            prop_assert!(gone.len() <= REMOVED_AT_ONCE);
            for cluster in gone {
                let n = usize::try_from(cluster.uuid().as_u128()).unwrap();
                prop_assert!(matches!(truths[n], Truth::Deleted | Truth::Stray), "{n} lives");
                let least = if matches!(truths[n], Truth::Deleted) { DELETED_SECS } else { UNKNOWN_SECS };
                let sure = entries.iter().any(|entry| {
                    entry.thing.cluster == cluster && entry.seen >= SEEN_MIN && entry.age_secs >= least
                });
                prop_assert!(sure, "{n} went too soon");
            }
            before = entries.into_iter().map(|e| (e.thing.name, (e.seen, e.age_secs))).collect();
        }
    }

    /// Even where no fence betrays it: of a host with enough clusters an empty database takes none.
    #[test]
    fn an_empty_database_takes_nothing_from_a_host_of_four(clusters in 4_u128..60, age in 300_u64..100_000) {
        let entries: Vec<Entry> = (0..clusters).map(|n| entry(n, Owner::Unknown, 9, age)).collect();
        let listed = entries.len();
        let scene = Scene { listed, ..QUIET };
        prop_assert_eq!(reap(&entries, scene), Reaping::Braked { doomed: listed, listed });
    }

    /// What nobody owns does go in the end, ten at a time.
    #[test]
    fn what_nobody_owns_goes(strays in 1_u128..40, others in 0_u128..400) {
        let entries: Vec<Entry> = (0..strays).map(|n| entry(n, Owner::Deleted, 2, 30)).collect();
        let listed = entries.len() + usize::try_from(others).unwrap();
        let braked = entries.len() > BRAKE_CLUSTERS && entries.len() * 100 > listed * BRAKE_PERCENT;
        match reap(&entries, Scene { listed, ..QUIET }) {
            Reaping::Remove(gone) => {
                prop_assert!(!braked);
                prop_assert_eq!(gone.len(), entries.len().min(REMOVED_AT_ONCE));
            }
            other => prop_assert!(braked, "{:?}", other),
        }
    }
}
