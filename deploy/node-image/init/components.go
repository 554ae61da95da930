package main

// The command line of every component, and the configuration files they read.

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

const (
	binaries         = "/usr/local/bin/"
	guestProgram     = "/usr/lib/labyard/guest"
	kineSocket       = runDir + "/kine.sock" // in a 0700 folder: kine asks nobody who they are
	containerdSocket = "/run/containerd/containerd.sock"
	containerdRoot   = "/var/lib/rancher/k3s/agent/containerd"
	kubeletDir       = "/var/lib/kubelet"
	storageDir       = "/var/lib/rancher/k3s/storage"
	resolvConf       = runDir + "/resolv.conf"

	// The client's default of 20 requests a second is what makes controllers slow to start.
	apiRate  = "300"
	apiBurst = "600"
)

func kine() component {
	return component{name: "kine", argv: []string{binaries + "kine",
		"--socket", kineSocket,
		"--datastore", datastore + "?_journal=WAL&cache=shared&_busy_timeout=30000&_txlock=immediate",
	}}
}

func apiServer(s settings) component {
	return component{name: "kube-apiserver", argv: []string{binaries + "kube-apiserver",
		"--advertise-address=" + s.nodeIP.String(),
		"--allow-privileged=true",
		"--authorization-mode=Node,RBAC",
		"--client-ca-file=" + certFile("ca"),
		"--enable-admission-plugins=NodeRestriction",
		"--endpoint-reconciler-type=lease",
		"--etcd-servers=unix://" + kineSocket,
		"--kubelet-certificate-authority=" + certFile("ca"),
		"--kubelet-client-certificate=" + certFile("apiserver-kubelet-client"),
		"--kubelet-client-key=" + keyFile("apiserver-kubelet-client"),
		"--kubelet-preferred-address-types=InternalIP",
		"--profiling=false",
		"--proxy-client-cert-file=" + certFile("front-proxy-client"),
		"--proxy-client-key-file=" + keyFile("front-proxy-client"),
		"--requestheader-allowed-names=front-proxy-client",
		"--requestheader-client-ca-file=" + certFile("front-proxy-ca"),
		"--requestheader-extra-headers-prefix=X-Remote-Extra-",
		"--requestheader-group-headers=X-Remote-Group",
		"--requestheader-username-headers=X-Remote-User",
		"--secure-port=6443",
		"--service-account-issuer=https://kubernetes.default.svc.cluster.local",
		"--service-account-key-file=" + keyFile("service-account"),
		"--service-account-signing-key-file=" + keyFile("service-account"),
		"--service-cluster-ip-range=" + serviceNetwork,
		"--tls-cert-file=" + certFile("apiserver"),
		"--tls-private-key-file=" + keyFile("apiserver"),
	}}
}

func controllerManager() component {
	return component{name: "kube-controller-manager", argv: []string{binaries + "kube-controller-manager",
		"--kubeconfig=" + kubeconfig("controller-manager"),
		"--kube-api-qps=" + apiRate, "--kube-api-burst=" + apiBurst,
		"--leader-elect=false",
		"--profiling=false",
		"--root-ca-file=" + certFile("ca"),
		"--secure-port=0",
		"--cluster-signing-cert-file=" + certFile("ca"),
		"--cluster-signing-key-file=" + keyFile("ca"),
		"--service-account-private-key-file=" + keyFile("service-account"),
	}}
}

func scheduler() component {
	return component{name: "kube-scheduler", argv: []string{binaries + "kube-scheduler",
		"--kubeconfig=" + kubeconfig("scheduler"),
		"--kube-api-qps=" + apiRate, "--kube-api-burst=" + apiBurst,
		"--leader-elect=false",
		"--profiling=false",
		"--secure-port=0",
	}}
}

// kubeProxy leaves the connection-tracking sysctls alone: they are the host's.
func kubeProxy(s settings) component {
	return component{name: "kube-proxy", argv: []string{binaries + "kube-proxy",
		"--kubeconfig=" + kubeconfig("kube-proxy"),
		"--cluster-cidr=" + clusterNetwork,
		"--conntrack-max-per-core=0",
		"--conntrack-tcp-timeout-close-wait=0s",
		"--conntrack-tcp-timeout-established=0s",
		"--healthz-bind-address=127.0.0.1:10256",
		"--hostname-override=" + s.nodeName,
		"--iptables-min-sync-period=100ms",
		"--metrics-bind-address=127.0.0.1:10249",
		"--proxy-mode=iptables",
	}}
}

func containerd() component {
	return component{name: "containerd", argv: []string{"/usr/bin/containerd", "--config", runDir + "/containerd.toml", "--log-level", "warn"}}
}

func kubelet(s settings) component {
	return component{name: "kubelet", argv: []string{binaries + "kubelet",
		"--config=" + runDir + "/kubelet.json",
		"--hostname-override=" + s.nodeName,
		"--kubeconfig=" + kubeconfig("kubelet"),
		"--node-ip=" + s.nodeIP.String(),
		"--node-labels=node.kubernetes.io/instance-type=labyard",
		"--root-dir=" + kubeletDir,
	}}
}

func kubeconfig(name string) string {
	return filepath.Join(kubeconfigDir, name+".kubeconfig")
}

func writeConfiguration(s settings) error {
	if err := writeResolvConf(s); err != nil {
		return err
	}
	if err := os.WriteFile(runDir+"/containerd.toml", []byte(containerdConfiguration), 0o600); err != nil {
		return err
	}
	// Pods' volumes hold their Secrets, and what else runs in this container as another user has no business there.
	for _, dir := range []string{kubeletDir, filepath.Dir(containerdRoot), storageDir} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
		if err := os.Chmod(dir, 0o700); err != nil {
			return err
		}
	}
	if err := writeMachineID(); err != nil {
		return err
	}
	if err := os.MkdirAll("/etc/cni/net.d", 0o755); err != nil {
		return err
	}
	if err := os.WriteFile("/etc/cni/net.d/10-labyard.conflist", []byte(podNetworkConfiguration), 0o644); err != nil {
		return err
	}
	content, err := json.MarshalIndent(kubeletConfiguration(s), "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(runDir+"/kubelet.json", content, 0o600)
}

// writeMachineID keeps one ID for a state volume: the image has none, and the kubelet reports it.
func writeMachineID() error {
	kept := filepath.Join(stateDir, "machine-id")
	id, err := os.ReadFile(kept)
	if errors.Is(err, os.ErrNotExist) {
		random := make([]byte, 16)
		if _, err = rand.Read(random); err != nil {
			return err
		}
		id = []byte(hex.EncodeToString(random) + "\n")
		err = writeSecret(kept, id)
	}
	if err != nil {
		return err
	}
	return os.WriteFile("/etc/machine-id", id, 0o444)
}

// restrict_oom_score_adj: a host without CAP_SYS_RESOURCE lets nobody lower a score.
const containerdConfiguration = `version = 2
root = "` + containerdRoot + `"
state = "/run/containerd"
disabled_plugins = [
  "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs", "io.containerd.tracing.processor.v1.otlp", "io.containerd.internal.v1.tracing",
]

[grpc]
  address = "` + containerdSocket + `"

[plugins."io.containerd.grpc.v1.cri"]
  disable_apparmor = true
  enable_unprivileged_icmp = true
  enable_unprivileged_ports = true
  max_container_log_line_size = 16384
  restrict_oom_score_adj = true
  sandbox_image = "` + pauseImage + `"
  tolerate_missing_hugetlb_controller = true

[plugins."io.containerd.grpc.v1.cri".containerd]
  snapshotter = "overlayfs"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "/usr/lib/cni"
  conf_dir = "/etc/cni/net.d"
`

// hairpinMode: a pod may reach itself through its own Service.
const podNetworkConfiguration = `{
  "cniVersion": "0.4.0",
  "name": "labyard",
  "plugins": [
    {
      "type": "bridge", "bridge": "cni0", "isDefaultGateway": true, "ipMasq": true, "hairpinMode": true,
      "ipam": {"type": "host-local", "ranges": [[{"subnet": "` + podNetwork + `"}]], "dataDir": "` + runDir + `/cni"}
    },
    {"type": "portmap", "capabilities": {"portMappings": true}}
  ]
}
`

func kubeletConfiguration(s settings) map[string]any {
	type object = map[string]any
	return object{
		"apiVersion": "kubelet.config.k8s.io/v1beta1",
		"kind":       "KubeletConfiguration",
		"authentication": object{
			"anonymous": object{"enabled": false},
			"webhook":   object{"enabled": true},
			"x509":      object{"clientCAFile": certFile("ca")},
		},
		"authorization":            object{"mode": "Webhook"},
		"tlsCertFile":              certFile("kubelet-server"),
		"tlsPrivateKeyFile":        keyFile("kubelet-server"),
		"readOnlyPort":             0,
		"containerRuntimeEndpoint": "unix://" + containerdSocket,
		"clusterDNS":               []string{dnsServiceIP},
		"clusterDomain":            "cluster.local",
		"resolvConf":               resolvConf,
		"kubeAPIQPS":               100,
		"kubeAPIBurst":             200,
		"serializeImagePulls":      false,
		// The container has a cgroup tree of its own, so its root is the node's root.
		"cgroupDriver":                    "cgroupfs",
		"cgroupRoot":                      "/",
		"failCgroupV1":                    false,
		"failSwapOn":                      false,
		"enforceNodeAllocatable":          []string{},
		"localStorageCapacityIsolation":   false,
		"systemReserved":                  object{"memory": fmt.Sprint(s.reservedMemory), "cpu": fmt.Sprintf("%dm", s.reservedCPU)},
		"evictionHard":                    object{"memory.available": "0%", "nodefs.available": "0%", "imagefs.available": "0%"},
		"imageGCHighThresholdPercent":     100, // the preloaded images could not be pulled again
		"containerLogMaxSize":             "5Mi",
		"containerLogMaxFiles":            2,
		"nodeStatusUpdateFrequency":       "10s",
		"shutdownGracePeriod":             "0s",
		"volumeStatsAggPeriod":            "1m0s",
		"eventRecordQPS":                  50,
		"eventBurst":                      100,
		"maxPods":                         110,
		"protectKernelDefaults":           false,
		"shutdownGracePeriodCriticalPods": "0s",
	}
}
