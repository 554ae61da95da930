//! The control-plane container. Its specification is made in one place and holds nothing of a tenant's.

use std::collections::HashMap;

use bollard::{
    models::{
        ContainerCreateBody, DeviceMapping, HostConfig, HostConfigCgroupnsModeEnum,
        HostConfigLogConfig, PortBinding, RestartPolicy, RestartPolicyNameEnum,
    },
    query_parameters::{CreateContainerOptionsBuilder, StopContainerOptionsBuilder},
};
use domain::NodeState;

use super::{Docker, absent, failed, port, status};
use crate::{Error, Spec, names, notes};

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
        let port = spec
            .desired
            .api_port
            .ok_or_else(|| Error::Refused("no port was chosen yet".into()))?;
        let name = names::node(spec.instance());
        let options = CreateContainerOptionsBuilder::default().name(&name).build();
        match self
            .engine
            .create_container(Some(options), self.body(spec, image, port))
            .await
        {
            Ok(made) => {
                notes::say(format!(
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
            notes::say(format!(
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

    fn body(&self, spec: &Spec, image: String, port: u16) -> ContainerCreateBody {
        ContainerCreateBody {
            image: Some(image),
            hostname: Some("lab".into()),
            labels: Some(names::labels(spec, "node")),
            exposed_ports: Some(vec![port::INSIDE.into()]),
            stop_timeout: Some(i64::from(STOP_SECS)),
            host_config: Some(self.host_config(spec, port)),
            ..ContainerCreateBody::default()
        }
    }

    fn host_config(&self, spec: &Spec, port: u16) -> HostConfig {
        let resources = spec.desired.resources;
        let memory = i64::from(resources.memory_mib) << 20;
        let binding = PortBinding {
            host_ip: Some("127.0.0.1".into()),
            host_port: Some(port.to_string()),
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
            tmpfs: Some(HashMap::from([
                ("/run".into(), String::new()),
                ("/tmp".into(), String::new()),
            ])),
            binds: Some(
                names::VOLUMES
                    .iter()
                    .map(|(role, path)| format!("{}:{path}", names::volume(spec, role)))
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
            runtime: self.runtime.clone(),
            ..HostConfig::default()
        }
    }
}
