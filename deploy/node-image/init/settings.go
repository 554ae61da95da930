package main

// What differs between nodes: the environment, the container's address and name, its limits.

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"

	"labyard.dev/node-image/container"
)

const (
	runDir = "/run/labyard" // on tmpfs, so nothing in it outlives a stop

	podNetwork     = "10.42.0.0/24"
	clusterNetwork = "10.42.0.0/16"
	serviceNetwork = "10.43.0.0/16"
	apiServiceIP   = "10.43.0.1"
	dnsServiceIP   = "10.43.0.10"

	controlPlaneMemory = 512 << 20 // kept from pods, so that they can't starve the API server
)

var nodeNameShape = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$`)

type settings struct {
	nodeName       string
	nodeIP         net.IP
	serverNames    []string
	serverIPs      []net.IP
	reservedMemory int64 // bytes of the machine that are not the pods'
	reservedCPU    int64 // thousandths of a CPU, the same
}

// readSettings reads LABYARD_NODE_NAME and LABYARD_EXTRA_SANS (comma-separated names and addresses for the API
// server's certificate) and what the container shows of itself.
func readSettings() (settings, error) {
	hostname, err := os.Hostname()
	if err != nil {
		return settings{}, err
	}
	s := settings{
		serverNames: []string{"localhost", hostname, "kubernetes", "kubernetes.default", "kubernetes.default.svc",
			"kubernetes.default.svc.cluster.local"},
		serverIPs: []net.IP{net.IPv4(127, 0, 0, 1), net.ParseIP(apiServiceIP)},
	}
	if s.nodeIP, err = container.Address(); err != nil {
		return settings{}, err
	}
	s.serverIPs = append(s.serverIPs, s.nodeIP)
	if s.nodeName, err = nodeName(hostname); err != nil {
		return settings{}, err
	}
	for _, extra := range strings.FieldsFunc(os.Getenv("LABYARD_EXTRA_SANS"), func(r rune) bool { return r == ',' || r == ' ' }) {
		if ip := net.ParseIP(extra); ip != nil {
			s.serverIPs = append(s.serverIPs, ip)
		} else {
			s.serverNames = append(s.serverNames, extra)
		}
	}
	limit, machine := container.Memory()
	s.reservedMemory = machine - limit + min(controlPlaneMemory, limit/2)
	if quota := container.CPU(); quota > 0 {
		s.reservedCPU = max(0, int64(runtime.NumCPU())*1000-quota)
	}
	return s, nil
}

// nodeName is the name of the state volume's first boot: volumes outlive containers, and a second node object would
// strand the pods and volumes bound to the first.
func nodeName(hostname string) (string, error) {
	path := filepath.Join(stateDir, "node-name")
	name := os.Getenv("LABYARD_NODE_NAME")
	if name == "" {
		if content, err := os.ReadFile(path); err == nil {
			name = strings.TrimSpace(string(content))
		} else if !errors.Is(err, os.ErrNotExist) {
			return "", err
		}
	}
	if name == "" {
		name = strings.ToLower(hostname)
	}
	if !nodeNameShape.MatchString(name) {
		return "", fmt.Errorf("%q is no node name: set LABYARD_NODE_NAME to lower-case letters, digits and dashes", name)
	}
	if err := os.MkdirAll(stateDir, 0o700); err != nil {
		return "", err
	}
	return name, writeSecret(path, []byte(name+"\n"))
}
