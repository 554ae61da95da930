//! Who sees what, and from which position on no more.

use std::time::Duration;

use api::event::{AccessChanged, Audience, ClusterGrant};
use domain::Role;

use crate::{
    SOON, World, cluster,
    gateway::{Person, changed, grants},
    organization, session, user,
};

/// Within this a revocation has to bite, on a quiet machine.
const BITES: Duration = Duration::from_secs(2);

fn of(organization: domain::OrganizationId, least_role: Role) -> Audience {
    Audience::Organization {
        organization_id: organization,
        least_role,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_sees_what_organization_role_share_and_name_allow() {
    let world = World::new().await;
    let (ours, theirs) = (organization(1), organization(2));
    world.gateway.person("anna", 1, &[ours]);
    world.gateway.person("ben", 2, &[theirs]);
    let mut guest = Person {
        user: user(3),
        session: session(3),
        grants: grants(&[], Role::Viewer),
        lives: Duration::from_secs(3600),
    };
    guest.grants.clusters.push(ClusterGrant {
        cluster_id: cluster(7),
        until: None,
    });
    world.gateway.know("bearer:guest", guest);
    let mut anna = world.connect("anna").await;
    let mut ben = world.connect("ben").await;
    let mut guest = world.connect("guest").await;

    let gateway = &world.gateway;
    for (audience, cluster_number, version) in [
        (of(ours, Role::Viewer), 1, 1),
        (of(theirs, Role::Viewer), 2, 2),
        (of(ours, Role::Admin), 1, 3),
        (of(ours, Role::Member), 7, 4),
        (Audience::User { user_id: user(2) }, 7, 5),
        (Audience::Hub, 7, 6),
        (of(theirs, Role::Viewer), 7, 7),
        (of(ours, Role::Viewer), 1, 8),
        (Audience::User { user_id: user(3) }, 1, 9),
    ] {
        let event = changed(ours, cluster(cluster_number), version);
        let position = gateway.commit(audience, event);
        gateway.publish(position).await;
    }
    assert_eq!(anna.versions(3).await, [1, 4, 8]);
    assert_eq!(ben.versions(3).await, [2, 5, 7]);
    assert_eq!(guest.versions(3).await, [4, 7, 9]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_session_closes_its_streams_and_no_others() {
    let world = World::new().await;
    let ours = organization(1);
    world.gateway.person("anna", 1, &[ours]);
    let other_session = Person {
        user: user(1),
        session: session(2),
        grants: grants(&[ours], Role::Member),
        lives: Duration::from_secs(3600),
    };
    world.gateway.know("bearer:anna-elsewhere", other_session);
    let mut ended = world.connect("anna").await;
    let mut stays = world.connect("anna-elsewhere").await;
    world
        .gateway
        .access(AccessChanged {
            user_id: user(1),
            session_ended: Some(session(1)),
            grants: None,
        })
        .await;
    world.gateway.change(ours, 1).await;
    let last = ended.end_within(BITES).await;
    assert!(last.iter().all(|frame| frame.data.is_none()), "{last:?}");
    assert_eq!(stays.versions(1).await, [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_after_a_revocation_reaches_whom_it_was_taken_from() {
    let world = World::new().await;
    let (ours, theirs) = (organization(1), organization(2));
    world.gateway.person("anna", 1, &[ours, theirs]);
    world.gateway.person("ben", 2, &[theirs]);
    let mut anna = world.connect("anna").await;
    let mut ben = world.connect("ben").await;
    world.gateway.change(theirs, 1).await;
    assert_eq!(anna.versions(1).await, [1]);
    // The change of rights is lost on the bus; what comes after it is not.
    let change = AccessChanged {
        user_id: user(1),
        session_ended: None,
        grants: Some(grants(&[ours], Role::Member)),
    };
    world.gateway.commit_access(change);
    world.gateway.change(theirs, 2).await;
    world.gateway.change(ours, 3).await;
    assert_eq!(anna.versions(1).await, [3]);
    assert_eq!(ben.versions(2).await, [1, 2]);

    // A right that is given shows from there on.
    let change = AccessChanged {
        user_id: user(2),
        session_ended: None,
        grants: Some(grants(&[ours, theirs], Role::Member)),
    };
    world.gateway.access(change).await;
    world.gateway.change(ours, 4).await;
    assert_eq!(ben.versions(1).await, [4]);
    assert_eq!(anna.versions(1).await, [4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resume_shows_nothing_that_may_no_longer_be_seen() {
    let world = World::new().await;
    let (ours, theirs) = (organization(1), organization(2));
    world.gateway.person("anna", 1, &[ours, theirs]);
    world.gateway.change(theirs, 1).await;
    world.gateway.change(ours, 2).await;
    world.gateway.person("anna", 1, &[ours]);
    let mut anna = world.resume("anna", "0000000a-0").await;
    assert_eq!(anna.versions(1).await, [2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_rights_that_cannot_be_read_sends_everybody_to_admission() {
    let world = World::new().await;
    let ours = organization(1);
    world.gateway.person("anna", 1, &[ours]);
    let mut anna = world.connect("anna").await;
    let mut event = changed(ours, cluster(1), 1);
    event.kind = api::event::kind::ACCESS_CHANGED.into();
    let position = world.gateway.commit(Audience::Hub, event);
    world.gateway.publish(position).await;
    anna.end_within(BITES).await;
    let mut anna = world.resume("anna", &anna.last_id).await;
    world.gateway.change(ours, 2).await;
    assert_eq!(anna.versions(1).await, [2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_with_its_session_s_time() {
    let world = World::new().await;
    let brief = Person {
        user: user(1),
        session: session(1),
        grants: grants(&[], Role::Member),
        // Long enough for its stream to stand.
        lives: Duration::from_secs(3),
    };
    world.gateway.know("bearer:brief", brief);
    world.connect("brief").await.end_within(SOON).await;
}
