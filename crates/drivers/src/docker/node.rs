//! The control-plane container. Its specification is made in one place and holds nothing of a tenant's.

use std::collections::HashMap;

use bollard::{
    models::{
        ContainerCreateBody, DeviceMapping, HostConfig, HostConfigCgroupnsModeEnum,
        HostConfigLogConfig, PortBinding, RestartPolicy, RestartPolicyNameEnum,
    },
    query_parameters::{CreateContainerOptionsBuilder, StopContainerOptionsBuilder},
};
use domain::{Endpoint, NodeState};

use super::{
    engine::{Docker, absent, failed, status},
    port,
};
use crate::{
    names, notes,
    provision::{Error, Spec},
    role::Role,
};

/// What of a node's memory each file system in it may take.
const TMPFS_SHARE: i64 = 4;
/// Seconds the node gets to end by itself.
const STOP_SECS: i32 = 10;

impl Docker {
    pub(super) async fn node_state(&self, spec: &Spec) -> Result<NodeState, Error> {
        let name = names::node(spec.instance());
        let Some(inspected) = absent(self.engine.inspect_container(&name, None).await)? else {
            return Ok(NodeState::Absent);
        };
        let running = inspected
            .state
            .and_then(|state| state.running)
            .unwrap_or(false);
        Ok(if running {
            NodeState::Running
        } else {
            NodeState::Stopped
        })
    }

    pub(super) async fn create_node(&self, spec: &Spec) -> Result<(), Error> {
        let image = self.image(spec).await?;
        let endpoint =
            port::chosen(spec).ok_or_else(|| Error::Refused("no port was chosen yet".into()))?;
        let name = names::node(spec.instance());
        let options = CreateContainerOptionsBuilder::default().name(&name).build();
        match self
            .engine
            .create_container(Some(options), self.body(spec, image, &endpoint))
            .await
        {
            Ok(made) => {
                notes::record(format!(
                    "container {name} made: {}",
                    made.id.get(..12).unwrap_or(&made.id)
                ));
                Ok(())
            }
            Err(error) if status(&error) == Some(409) => self.adopt(spec, &name).await,
            Err(error) => Err(failed(error)),
        }
    }

    /// The name is taken: by this very order, made before, or by something else.
    async fn adopt(&self, spec: &Spec, name: &str) -> Result<(), Error> {
        let inspected = absent(self.engine.inspect_container(name, None).await)?;
        let labels = inspected
            .and_then(|inspected| inspected.config?.labels)
            .unwrap_or_default();
        let same = |key: &str, value: &str| labels.get(key).is_some_and(|label| label == value);
        if same(names::SPEC_HASH, &names::spec_hash(spec))
            && same(names::INSTALLATION, &spec.installation)
        {
            notes::record(format!(
                "container {name} was there already, from this very order"
            ));
            Ok(())
        } else {
            Err(Error::Conflict(name.to_owned()))
        }
    }

    pub(super) async fn start_node(&self, spec: &Spec) -> Result<(), Error> {
        // Starting what runs is answered 304, which is no error.
        self.engine
            .start_container(&names::node(spec.instance()), None)
            .await
            .map_err(failed)
    }

    pub(super) async fn stop_node(&self, spec: &Spec) -> Result<(), Error> {
        let options = StopContainerOptionsBuilder::default().t(STOP_SECS).build();
        absent(
            self.engine
                .stop_container(&names::node(spec.instance()), Some(options))
                .await,
        )
        .map(drop)
    }

    fn body(&self, spec: &Spec, image: String, endpoint: &Endpoint) -> ContainerCreateBody {
        ContainerCreateBody {
            image: Some(image),
            hostname: Some("lab".into()),
            labels: Some(names::labels(spec, Role::Node)),
            exposed_ports: Some(vec![port::INSIDE.into()]),
            stop_timeout: Some(i64::from(STOP_SECS)),
            host_config: Some(host_config(spec, endpoint, self.runtime.clone())),
            ..ContainerCreateBody::default()
        }
    }
}

/// What the host gives a node: the only place that says so, for every verb that makes one.
fn host_config(spec: &Spec, endpoint: &Endpoint, runtime: Option<String>) -> HostConfig {
    let resources = spec.desired.resources;
    let memory = i64::from(resources.memory_mib) << 20;
    let binding = PortBinding {
        host_ip: Some(endpoint.address.clone()),
        host_port: Some(endpoint.port.to_string()),
    };
    let log = HashMap::from([
        ("max-size".into(), "10m".into()),
        ("max-file".into(), "3".into()),
    ]);
    HostConfig {
        // Everything a node needs, without the one capability that not every host can give.
        cap_add: Some(vec!["ALL".into()]),
        cap_drop: Some(vec!["SYS_RESOURCE".into()]),
        security_opt: Some(vec![
            "seccomp=unconfined".into(),
            "apparmor=unconfined".into(),
        ]),
        // Empty, not absent: absent means the engine's own list.
        masked_paths: Some(Vec::new()),
        readonly_paths: Some(Vec::new()),
        cgroupns_mode: Some(HostConfigCgroupnsModeEnum::PRIVATE),
        devices: Some(vec![DeviceMapping {
            path_on_host: Some("/dev/kmsg".into()),
            path_in_container: Some("/dev/kmsg".into()),
            cgroup_permissions: Some("rwm".into()),
        }]),
        // Without a size each may take half of the machine's memory.
        tmpfs: Some(HashMap::from(["/run", "/tmp"].map(|path| {
            (path.to_owned(), format!("size={}", memory / TMPFS_SHARE))
        }))),
        binds: Some(
            names::VOLUMES
                .iter()
                .map(|(role, path)| format!("{}:{path}", names::volume(spec, *role)))
                .collect(),
        ),
        nano_cpus: Some(i64::from(resources.cpu_millis) * 1_000_000),
        memory: Some(memory),
        memory_swap: Some(memory),
        pids_limit: Some(i64::from(resources.pids)),
        restart_policy: Some(RestartPolicy {
            name: Some(RestartPolicyNameEnum::NO),
            maximum_retry_count: None,
        }),
        log_config: Some(HostConfigLogConfig {
            typ: Some("json-file".into()),
            config: Some(log),
        }),
        network_mode: Some(names::network(spec.cluster)),
        port_bindings: Some(HashMap::from([(port::INSIDE.into(), Some(vec![binding]))])),
        runtime,
        ..HostConfig::default()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use domain::{ClusterId, Desired, Goal, Resources};
    use serde_json::{Value, json};
    use uuid::Uuid;

    fn spec(text: &str, number: u32) -> Spec {
        Spec {
            installation: text.into(),
            cluster: ClusterId::from_uuid(Uuid::from_u128(u128::from(number))),
            desired: Desired {
                goal: Goal::Running,
                generation: number,
                data_generation: number,
                k8s_version: text.into(),
                resources: Resources {
                    cpu_millis: number,
                    memory_mib: number,
                    pids: number,
                },
                api_port: None,
            },
        }
    }

    /// CVE-2026-44849, CVE-2026-6406: a second way to make a container had none of the first one's checks,
    /// and a check looked at `Binds` where `Mounts` does the same. CVE-2026-46695: a guest made a folder of
    /// its host's, that it was given to read, one to write. Here is one way, and no folder of the host's.
    #[test]
    fn cve_2026_44849_and_6406_and_46695_a_node_has_volumes_of_its_own_alone() {
        for (text, number) in [
            ("v1.34.4", 1),
            ("/:/host", 2),
            ("x:/host:rw,rshared", 3),
            ("../../etc", u32::MAX),
            ("\0,type=bind,src=/", 7),
        ] {
            let config = host_config(&spec(text, number), &Endpoint::loopback(20_000), None);
            let binds = config.binds.clone().unwrap();
            assert_eq!(binds.len(), names::VOLUMES.len());
            for (bind, (_, path)) in binds.iter().zip(names::VOLUMES) {
                let (volume, inside) = bind.split_once(':').unwrap();
                assert!(volume.starts_with("labyard-"), "{bind}");
                assert!(
                    volume
                        .chars()
                        .all(|c| c.is_ascii_alphanumeric() || c == '-'),
                    "{bind} may name a folder"
                );
                assert_eq!(inside, path, "nothing is added to it");
            }
            let said = serde_json::to_value(&config).unwrap();
            let said = said.as_object().unwrap();
            for word in [
                "Mounts",
                "VolumesFrom",
                "VolumeDriver",
                "Privileged",
                "PidMode",
                "IpcMode",
                "UTSMode",
                "UsernsMode",
                "CgroupParent",
                "DeviceRequests",
                "DeviceCgroupRules",
                "StorageOpt",
                "ExtraHosts",
                "GroupAdd",
                "Links",
            ] {
                assert_eq!(
                    said.get(word).unwrap_or(&Value::Null),
                    &Value::Null,
                    "{word}"
                );
            }
            let device = json!([{
                "PathOnHost": "/dev/kmsg", "PathInContainer": "/dev/kmsg", "CgroupPermissions": "rwm"
            }]);
            assert_eq!(said["Devices"], device);
            assert_eq!(said["CgroupnsMode"], "private");
        }
    }

    /// Nobody comes to a cluster's API but over its host's loopback, and nothing of a node is without an end but its disk.
    #[test]
    fn a_node_answers_on_the_loopback_has_its_limits_and_the_runtime_that_was_named() {
        let config = |name: Option<&str>| {
            let endpoint = Endpoint::loopback(20_000);
            host_config(&spec("v1.34.4", 7), &endpoint, name.map(str::to_owned))
        };
        let runtime = |name: Option<&str>| config(name).runtime;
        assert_eq!(runtime(None), None);
        assert_eq!(runtime(Some("kata")).as_deref(), Some("kata"));
        let said = serde_json::to_value(config(None)).unwrap();
        let bindings = json!({ "6443/tcp": [{ "HostIp": "127.0.0.1", "HostPort": "20000" }] });
        assert_eq!(said["PortBindings"], bindings);
        assert_eq!(said["PublishAllPorts"], Value::Null);
        assert_eq!(said["NetworkMode"], names::network(spec("", 7).cluster));
        for (limit, most) in [
            ("NanoCpus", 7_000_000),
            ("Memory", 7 << 20),
            ("MemorySwap", 7 << 20),
            ("PidsLimit", 7),
        ] {
            assert_eq!(said[limit], most, "{limit}");
        }
        let log = json!({ "Type": "json-file", "Config": { "max-size": "10m", "max-file": "3" } });
        assert_eq!(said["LogConfig"], log);
        assert_eq!(said["CapAdd"], json!(["ALL"]));
        assert_eq!(said["CapDrop"], json!(["SYS_RESOURCE"]));
    }
}
