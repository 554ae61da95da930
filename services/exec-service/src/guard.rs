//! What nobody but an owner may in a cluster, wherever they may edit and by whatever account: Kubernetes' `edit` alone
//! would let them become the cluster's administrator by its own namespaces, or the node's root by a pod.

use std::time::Duration;

use k8s_openapi::api::{
    admissionregistration::v1::{ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding},
    core::v1::ConfigMap,
};
use kube::{
    Api, Client,
    api::{Patch, PatchParams, PostParams},
    core::Status,
};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::error::Error;

/// Namespaces of the cluster's own begin so: what is in them acts with rights of its own.
pub(crate) const SYSTEM: &str = "kube-";
/// Of the cluster's own namespaces, the one in which the try is made.
const SYSTEM_NAMESPACE: &str = "kube-system";
/// Whom the policies are for: everybody who is not the cluster itself and not its owner. A service account is as its
/// namespace: what an owner gave to one outside the cluster's own namespaces, a guest may come to use.
const EVERYBODY_ELSE: [(&str, &str); 3] = [
    (
        "not-an-owner",
        "!request.userInfo.groups.exists(group, group in ['labyard:owner', 'system:masters', 'system:nodes'])",
    ),
    (
        "not-an-account-of-the-systems",
        "!request.userInfo.groups.exists(group, group.startsWith('system:serviceaccounts:kube-'))",
    ),
    (
        "not-a-part-of-the-system",
        "!(request.userInfo.username in ['system:kube-controller-manager', 'system:kube-scheduler', \
'system:kube-proxy', 'system:apiserver', 'system:k3s-controller', 'k3s-cloud-controller-manager'])",
    ),
];
/// Where a pod or something that makes pods says what they are.
const POD: &str = "object.kind == 'Pod' ? object.spec \
: object.kind == 'CronJob' ? object.spec.jobTemplate.spec.template.spec \
: object.kind == 'PodTemplate' ? object.template.spec \
: object.spec.template.spec";
const CONTAINERS: &str = "variables.pod.containers + variables.pod.?initContainers.orValue([]) \
+ variables.pod.?ephemeralContainers.orValue([])";
const HOST_NAMESPACES: &str = "!variables.pod.?hostNetwork.orValue(false) \
&& !variables.pod.?hostPID.orValue(false) && !variables.pod.?hostIPC.orValue(false)";
const HOST_PATHS: &str = "variables.pod.?volumes.orValue([]).all(volume, !has(volume.hostPath))";
const PRIVILEGES: &str = "variables.containers.all(container, \
!container.?securityContext.?privileged.orValue(false) \
&& container.?securityContext.?procMount.orValue('Default') == 'Default')";
/// What the pod security level `baseline` lets a container add.
const CAPABILITIES: &str = "variables.containers.all(container, \
container.?securityContext.?capabilities.?add.orValue([]).all(name, name in ['AUDIT_WRITE', 'CHOWN', \
'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'MKNOD', 'NET_BIND_SERVICE', 'SETFCAP', 'SETGID', 'SETPCAP', \
'SETUID', 'SYS_CHROOT']))";
const HOST_PORTS: &str = "variables.containers.all(container, \
container.?ports.orValue([]).all(port, port.?hostPort.orValue(0) == 0))";
/// The kubelet knocks where a pod says, from the node: at the pod alone, not at the node's own loopback.
const OWN_PROBES: &str = "variables.containers.all(container, \
[container.?livenessProbe, container.?readinessProbe, container.?startupProbe, \
container.?lifecycle.?postStart, container.?lifecycle.?preStop].all(probe, \
probe.?httpGet.?host.orValue('') == '' && probe.?tcpSocket.?host.orValue('') == ''))";
/// Pods of these classes make room for themselves by ending others, the cluster's DNS too.
const CLASSES: &str = "!variables.pod.?priorityClassName.orValue('').startsWith('system-')";
const NO_EXTERNAL_ADDRESS: &str = "object.spec.?externalIPs.orValue([]).size() == 0";
/// Controllers outside the cluster's own namespaces take turns by leases in them; those of its own parts are not for them.
const TURNS: &str = "request.resource.group == 'coordination.k8s.io' && request.resource.resource == 'leases' \
&& 'system:serviceaccounts' in request.userInfo.groups && request.name != '' \
&& !request.name.startsWith('kube-') && !request.name.startsWith('apiserver-')";
/// Which Service it is, or is of.
const OF_SERVICE: &str = "request.resource.resource == 'endpointslices' \
? variables.it.metadata.?labels[?'kubernetes.io/service-name'].orValue('') : variables.it.metadata.?name.orValue('')";
const IT: &str = "request.operation == 'DELETE' ? oldObject : object";
/// Neither what it is now nor what it was is the API's.
const NOT_THE_APIS: &str = "variables.service != 'kubernetes' && (request.operation != 'UPDATE' \
|| request.resource.resource != 'endpointslices' \
|| oldObject.metadata.?labels[?'kubernetes.io/service-name'].orValue('') != 'kubernetes')";
/// What a Secret would be filled with by the cluster.
const NO_TOKEN: &str = "object.?type.orValue('') != 'kubernetes.io/service-account-token'";

/// The last one made: once it is in force, all are.
const LAST: &str = "labyard-system-namespaces";
/// What it says. An earlier version's said something else, and held fewer.
const LAST_SAYS: &str =
    "only an owner of this cluster changes what is in namespaces that begin with kube-";
/// Kubernetes looks for new policies once a second. Less than a request may take: who waits is told why.
const IN_FORCE_TIMEOUT: Duration = Duration::from_secs(3);
const IN_FORCE_POLL: Duration = Duration::from_millis(50);

/// Makes the policies, or finds them as they should be.
pub(crate) async fn ensure(client: &Client) -> Result<(), kube::Error> {
    let policies: Api<ValidatingAdmissionPolicy> = Api::all(client.clone());
    let bindings: Api<ValidatingAdmissionPolicyBinding> = Api::all(client.clone());
    let how = PatchParams::apply("labyard").force();
    let wanted = [
        ("labyard-external-addresses", external_addresses()),
        ("labyard-pods", pods()),
        ("labyard-api-address", api_address()),
        ("labyard-tokens", tokens()),
        (LAST, system_namespaces()),
    ];
    for (name, spec) in &wanted {
        let policy = object("ValidatingAdmissionPolicy", name, spec);
        policies.patch(name, &how, &Patch::Apply(policy)).await?;
    }
    for (name, _) in &wanted {
        let spec = json!({ "policyName": name, "validationActions": ["Deny"] });
        let binding = object("ValidatingAdmissionPolicyBinding", name, &spec);
        bindings.patch(name, &how, &Patch::Apply(binding)).await?;
    }
    Ok(())
}

/// Waits until the cluster refuses, in a try that changes nothing, what the last of them refuses; nobody
/// whom they are for is let in before.
pub(crate) async fn in_force(guest: &Client) -> Result<(), Error> {
    let tried: Api<ConfigMap> = Api::namespaced(guest.clone(), SYSTEM_NAMESPACE);
    let wanted: ConfigMap = ConfigMap {
        metadata: kube::api::ObjectMeta {
            name: Some("labyard-try".to_owned()),
            ..Default::default()
        },
        ..ConfigMap::default()
    };
    let how = PostParams {
        dry_run: true,
        ..PostParams::default()
    };
    let deadline = Instant::now() + IN_FORCE_TIMEOUT;
    while Instant::now() < deadline {
        match tried.create(&how, &wanted).await {
            Err(kube::Error::Api(refusal)) if by_policy(&refusal) => return Ok(()),
            // Neither the roles nor the policies are seen at once by all of the cluster's API.
            Ok(_) => {}
            Err(kube::Error::Api(refusal)) if refusal.code == 403 => {}
            Err(error) => return Err(error.into()),
        }
        sleep(IN_FORCE_POLL).await;
    }
    Err(Error::Unguarded)
}

fn by_policy(refusal: &Status) -> bool {
    refusal.message.contains(LAST_SAYS)
}

fn object(kind: &str, name: &str, spec: &Value) -> Value {
    json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": kind,
        "metadata": { "name": name },
        "spec": spec,
    })
}

/// Nothing may be changed, run, entered or given a token there: an account of the system is a step to
/// the cluster's administrator.
fn system_namespaces() -> Value {
    json!({
        "failurePolicy": "Fail",
        "matchConstraints": {
            "resourceRules": [rule("*", &["*/*"], &["CREATE", "UPDATE", "DELETE", "CONNECT"])],
        },
        "matchConditions": within(&format!("request.namespace.startsWith('{SYSTEM}')")),
        "validations": [refuse(TURNS, LAST_SAYS)],
    })
}

/// Where the cluster's API is found is its own: who says otherwise gets what others send it, tokens too.
fn api_address() -> Value {
    let written = ["CREATE", "UPDATE", "DELETE"];
    json!({
        "failurePolicy": "Fail",
        "matchConstraints": { "resourceRules": [
            rule("", &["services", "endpoints"], &written),
            rule("discovery.k8s.io", &["endpointslices"], &written),
        ] },
        "matchConditions": within("request.namespace == 'default'"),
        "variables": [
            { "name": "it", "expression": IT },
            { "name": "service", "expression": OF_SERVICE },
        ],
        "validations": [refuse(NOT_THE_APIS, "only an owner of this cluster changes where its API is found")],
    })
}

/// A token of a service account is good beyond a person's right; pods get theirs from the kubelet.
fn tokens() -> Value {
    json!({
        "failurePolicy": "Fail",
        "matchConstraints": { "resourceRules": [rule("", &["secrets"], &["CREATE"])] },
        "matchConditions": everybody_else(),
        "validations": [refuse(NO_TOKEN, "only an owner of this cluster makes Secrets with tokens")],
    })
}

/// A Service with a foreign address takes what others of the cluster send there.
fn external_addresses() -> Value {
    json!({
        "failurePolicy": "Fail",
        "matchConstraints": { "resourceRules": [rule("", &["services"], &["CREATE", "UPDATE"])] },
        "matchConditions": everybody_else(),
        "validations": [refuse(NO_EXTERNAL_ADDRESS, "only an owner of this cluster gives a Service external addresses")],
    })
}

/// Pods and what makes them reach nothing of the node.
fn pods() -> Value {
    let written = ["CREATE", "UPDATE"];
    json!({
        "failurePolicy": "Fail",
        "matchConstraints": { "resourceRules": [
            rule("", &["pods", "pods/ephemeralcontainers", "podtemplates", "replicationcontrollers"], &written),
            rule("apps", &["daemonsets", "deployments", "replicasets", "statefulsets"], &written),
            rule("batch", &["cronjobs", "jobs"], &written),
        ] },
        "matchConditions": everybody_else(),
        "variables": [
            { "name": "pod", "expression": POD },
            { "name": "containers", "expression": CONTAINERS },
        ],
        "validations": [
            refuse(HOST_NAMESPACES, "only an owner of this cluster runs pods in the node's namespaces"),
            refuse(HOST_PATHS, "only an owner of this cluster mounts paths of the node"),
            refuse(PRIVILEGES, "only an owner of this cluster runs privileged containers"),
            refuse(CAPABILITIES, "only an owner of this cluster adds such capabilities"),
            refuse(HOST_PORTS, "only an owner of this cluster takes ports of the node"),
            refuse(OWN_PROBES, "only an owner of this cluster has probes ask another host than the pod"),
            refuse(CLASSES, "only an owner of this cluster runs pods that come before the cluster's own"),
        ],
    })
}

fn rule(group: &str, resources: &[&str], operations: &[&str]) -> Value {
    json!({
        "apiGroups": [group],
        "apiVersions": ["*"],
        "resources": resources,
        "operations": operations,
        "scope": "Namespaced",
    })
}

/// Whom and what a policy is for.
fn within(place: &str) -> Value {
    conditions()
        .chain([json!({ "name": "there", "expression": place })])
        .collect()
}

fn everybody_else() -> Value {
    conditions().collect()
}

fn conditions() -> impl Iterator<Item = Value> {
    let condition = |(name, expression)| json!({ "name": name, "expression": expression });
    EVERYBODY_ELSE.into_iter().map(condition)
}

fn refuse(unless: &str, message: &str) -> Value {
    json!({ "expression": unless, "message": message, "reason": "Forbidden" })
}
