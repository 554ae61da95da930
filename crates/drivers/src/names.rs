//! Names and labels. A name says which cluster, generation and role it is, so it is the fence
//! against a late create; labels hold only what never changes and names nobody.

use std::collections::HashMap;

use domain::ClusterId;
use sha2::{Digest, Sha256};

use crate::{exec::Instance, provision::Spec, role::Role};

pub const INSTALLATION: &str = "labyard.dev/installation";
pub const CLUSTER: &str = "labyard.dev/cluster";
pub const GENERATION: &str = "labyard.dev/generation";
pub const ROLE: &str = "labyard.dev/role";
pub const SPEC_HASH: &str = "labyard.dev/spec-hash";

/// A volume of an instance and where it is mounted.
pub const VOLUMES: [(Role, &str); 4] = [
    (Role::State, "/var/lib/rancher/k3s/server"),
    (Role::Data, "/var/lib/rancher/k3s/storage"),
    (Role::Cache, "/var/lib/rancher/k3s/agent/containerd"),
    (Role::Kubelet, "/var/lib/kubelet"),
];

/// The control-plane container.
pub fn node(instance: Instance) -> String {
    format!(
        "labyard-{}-g{}",
        instance.cluster.hex(),
        instance.generation
    )
}

/// A volume.
pub fn volume(spec: &Spec, role: Role) -> String {
    let (generation, role) = (generation(spec, role), role.as_str());
    format!("labyard-{}-g{generation}-{role}", spec.cluster.hex())
}

/// The data volume keeps the generation that first filled it.
const fn generation(spec: &Spec, role: Role) -> u32 {
    match role {
        Role::Data => spec.desired.data_generation,
        _ => spec.desired.generation,
    }
}

pub fn network(cluster: ClusterId) -> String {
    format!("labyard-{}-network", cluster.hex())
}

/// The labels of one thing.
pub fn labels(spec: &Spec, role: Role) -> HashMap<String, String> {
    [
        (INSTALLATION, spec.installation.clone()),
        (CLUSTER, spec.cluster.to_string()),
        (GENERATION, generation(spec, role).to_string()),
        (ROLE, role.as_str().to_owned()),
        (SPEC_HASH, spec_hash(spec)),
    ]
    .map(|(key, value)| (key.to_owned(), value))
    .into()
}

/// Tells whether a thing was made from the same order. Goal and port do not count: they change.
pub fn spec_hash(spec: &Spec) -> String {
    let desired = &spec.desired;
    let what = format!(
        "{}|{}|{}|{}|{}|{}",
        spec.cluster,
        desired.generation,
        desired.k8s_version,
        desired.resources.cpu_millis,
        desired.resources.memory_mib,
        desired.resources.pids
    );
    hex::encode(&Sha256::digest(what.as_bytes())[..8])
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use domain::{Desired, Goal, Resources};
    use uuid::Uuid;

    use super::*;

    fn spec() -> Spec {
        Spec {
            installation: "i".into(),
            cluster: ClusterId::from_uuid(Uuid::from_u128(1)),
            desired: Desired {
                goal: Goal::Running,
                generation: 2,
                data_generation: 1,
                k8s_version: "v1.34.4".into(),
                resources: Resources::default(),
                api_port: None,
            },
        }
    }

    #[test]
    fn names_say_which_cluster_generation_and_role() {
        let hex = "00000000000000000000000000000001";
        assert_eq!(node(spec().instance()), format!("labyard-{hex}-g2"));
        assert_eq!(
            volume(&spec(), Role::State),
            format!("labyard-{hex}-g2-state")
        );
        assert_eq!(
            volume(&spec(), Role::Data),
            format!("labyard-{hex}-g1-data")
        );
        assert_eq!(network(spec().cluster), format!("labyard-{hex}-network"));
    }

    #[test]
    fn the_hash_follows_the_order_and_not_the_goal() {
        let mut other = spec();
        other.desired.goal = Goal::Deleted;
        other.desired.api_port = Some(20_000);
        assert_eq!(spec_hash(&spec()), spec_hash(&other));
        other.desired.k8s_version = "v1.33.0".into();
        assert_ne!(spec_hash(&spec()), spec_hash(&other));
    }
}
