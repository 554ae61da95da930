//! What guests try to make.

/// Everything that makes a pod of this kind, and the pod itself.
pub(super) fn makers(namespace: &str, pods: &[&str]) -> Vec<String> {
    pods.iter()
        .flat_map(|pod| [POD, DEPLOYMENT, CRON_JOB].map(|maker| manifest(maker, namespace, pod)))
        .collect()
}

pub(super) fn manifest(text: &str, namespace: &str, pod: &str) -> String {
    text.replace("NAMESPACE", namespace).replace("PODS", pod)
}

/// What there is once in a cluster: version, kind and the rest of it.
pub(super) const WHOLE_CLUSTER: [(&str, &str, &str); 10] = [
    ("v1", "Namespace", ""),
    (
        "v1",
        "PersistentVolume",
        "spec: {capacity: {storage: 1Mi}, accessModes: [ReadWriteOnce], hostPath: {path: /}}",
    ),
    ("rbac.authorization.k8s.io/v1", "ClusterRole", "rules: []"),
    (
        "rbac.authorization.k8s.io/v1",
        "ClusterRoleBinding",
        "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}",
    ),
    (
        "apiextensions.k8s.io/v1",
        "CustomResourceDefinition",
        "spec: {group: example.org, names: {kind: Tried, plural: tried}, scope: Cluster, versions: []}",
    ),
    (
        "admissionregistration.k8s.io/v1",
        "MutatingWebhookConfiguration",
        "",
    ),
    (
        "admissionregistration.k8s.io/v1",
        "ValidatingAdmissionPolicyBinding",
        "spec: {policyName: tried, validationActions: [Deny]}",
    ),
    (
        "certificates.k8s.io/v1",
        "CertificateSigningRequest",
        "spec: {signerName: kubernetes.io/kube-apiserver-client, request: Zg==, usages: [client auth]}",
    ),
    (
        "storage.k8s.io/v1",
        "StorageClass",
        "provisioner: example.org/tried",
    ),
    (
        "apiregistration.k8s.io/v1",
        "APIService",
        "spec: {group: example.org, version: v1, groupPriorityMinimum: 1, versionPriority: 1}",
    ),
];

/// Pods of their own making by which people get at the node.
pub(super) const REACHING: [&str; 8] = [
    r#"containers: [{name: it, image: "labyard/probe:1", imagePullPolicy: Never, securityContext: {privileged: true}}]"#,
    r#"containers: [{name: it, image: "labyard/probe:1", imagePullPolicy: Never}], volumes: [{name: root, hostPath: {path: /}}]"#,
    r#"containers: [{name: it, image: "labyard/probe:1", imagePullPolicy: Never}], hostNetwork: true"#,
    r#"containers: [{name: it, image: "labyard/probe:1", imagePullPolicy: Never}], hostPID: true"#,
    r#"containers: [{name: it, image: "labyard/probe:1", imagePullPolicy: Never, securityContext: {capabilities: {add: [SYS_ADMIN]}}}]"#,
    r#"containers: [{name: it, image: "labyard/probe:1", imagePullPolicy: Never, ports: [{containerPort: 80, hostPort: 8080}]}]"#,
    r#"containers: [{name: it, image: "labyard/probe:1", imagePullPolicy: Never, startupProbe: {httpGet: {host: 127.0.0.1, port: 10249}}}]"#,
    r#"containers: [{name: it, image: "labyard/probe:1", imagePullPolicy: Never, lifecycle: {preStop: {tcpSocket: {host: 127.0.0.1, port: 1}}}}]"#,
];
/// One that ends others for its room, the cluster's own too.
pub(super) const FOREMOST: &str = r#"containers: [{name: it, image: "labyard/probe:1", imagePullPolicy: Never}], priorityClassName: system-node-critical"#;
pub(super) const ORDINARY: &str =
    r#"containers: [{name: it, image: "labyard/probe:1", imagePullPolicy: Never}]"#;

pub(super) const POD: &str = "---
{apiVersion: v1, kind: Pod, metadata: {name: tried, namespace: NAMESPACE}, spec: {PODS}}
";
pub(super) const DEPLOYMENT: &str = "---
apiVersion: apps/v1
kind: Deployment
metadata: {name: tried, namespace: NAMESPACE}
spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {PODS}}}
";
pub(super) const CRON_JOB: &str = r#"---
apiVersion: batch/v1
kind: CronJob
metadata: {name: tried, namespace: NAMESPACE}
spec: {schedule: "0 0 1 1 *", jobTemplate: {spec: {template: {spec: {restartPolicy: Never, PODS}}}}}
"#;
pub(super) const SERVICE: &str = "
apiVersion: v1
kind: Service
metadata: {name: taker, namespace: NAMESPACE}
spec: {ports: [{port: 80}], selector: {app: taker}, externalIPs: [192.0.2.1]}
";
pub(super) const TOKEN_SECRET: &str = "
apiVersion: v1
kind: Secret
type: kubernetes.io/service-account-token
metadata: {name: step, namespace: kube-system, annotations: {kubernetes.io/service-account.name: coredns}}
";
