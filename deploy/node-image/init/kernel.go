package main

// What the container's kernel view needs before any component starts: a writable /sys, a cgroup tree of its own,
// shared mounts, forwarding, and an iptables that works here.

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"labyard.dev/node-image/container"
)

func prepareKernel(p *processes) error {
	if err := syscall.Mount("", "/sys", "", syscall.MS_REMOUNT, ""); err != nil {
		return fmt.Errorf("making /sys writable: %w (run the node with the capabilities that its README lists)", err)
	}
	var err error
	if container.OnCgroup2() {
		err = prepareCgroup2()
	} else {
		err = prepareCgroup1()
	}
	if err != nil {
		return err
	}
	// Pods mount volumes that the kubelet makes later: without shared propagation they would not see them.
	if err = syscall.Mount("", "/", "", syscall.MS_SHARED|syscall.MS_REC, ""); err != nil {
		return fmt.Errorf("making mounts shared: %w", err)
	}
	if _, err = os.Stat("/dev/kmsg"); err != nil {
		return errors.New("/dev/kmsg is missing and the kubelet reads it: run with --device /dev/kmsg")
	}
	for _, dir := range []string{runDir, runDir + "/cni"} {
		if err = os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	if err = os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0); err != nil {
		return fmt.Errorf("turning on forwarding: %w (run with systempaths=unconfined)", err)
	}
	if err = maskHostTunables(); err != nil {
		return err
	}
	// Absent where the bridge module isn't loaded; then pods on one bridge reach Services through it all the same.
	_ = os.WriteFile("/proc/sys/net/bridge/bridge-nf-call-iptables", []byte("1"), 0)
	return chooseIptables(p)
}

// hostTunables are what the kubelet sets at its start. They are the whole machine's, not the container's: a lab must
// not make its host restart after a kernel oops.
var hostTunables = map[string]string{
	"kernel/keys/root_maxbytes": "25000000",
	"kernel/keys/root_maxkeys":  "1000000",
	"kernel/panic":              "10",
	"kernel/panic_on_oops":      "1",
	"vm/overcommit_memory":      "1",
	"vm/panic_on_oom":           "0",
}

// maskHostTunables shows the kubelet files that already hold what it wants, so that it writes nothing.
func maskHostTunables() error {
	for name, value := range hostTunables {
		target := "/proc/sys/" + name
		if _, err := os.Stat(target); err != nil {
			continue
		}
		source := filepath.Join(runDir, strings.ReplaceAll(name, "/", "."))
		if err := os.WriteFile(source, []byte(value+"\n"), 0o644); err != nil {
			return err
		}
		if err := syscall.Mount(source, target, "", syscall.MS_BIND, ""); err != nil {
			return fmt.Errorf("masking %s: %w", target, err)
		}
	}
	return nil
}

// prepareCgroup1 makes each hierarchy writable. Without MS_BIND the kernel calls them busy.
func prepareCgroup1() error {
	hierarchies, err := filepath.Glob(container.Cgroups + "/*")
	if err != nil {
		return err
	}
	for _, dir := range hierarchies {
		if info, err := os.Lstat(dir); err != nil || info.Mode()&os.ModeSymlink != 0 {
			continue
		}
		if err = syscall.Mount("", dir, "", syscall.MS_REMOUNT|syscall.MS_BIND, ""); err != nil {
			return fmt.Errorf("making %s writable: %w", dir, err)
		}
	}
	return nil
}

// prepareCgroup2 moves everything out of the root group, which may not hold processes and share its controllers at
// once, and then shares them.
func prepareCgroup2() error {
	if err := syscall.Mount("", container.Cgroups, "", syscall.MS_REMOUNT|syscall.MS_BIND, ""); err != nil {
		return fmt.Errorf("making %s writable: %w", container.Cgroups, err)
	}
	own := container.Cgroups + "/init"
	if err := os.MkdirAll(own, 0o755); err != nil {
		return err
	}
	pids, err := os.ReadFile(container.Cgroups + "/cgroup.procs")
	if err != nil {
		return err
	}
	for _, pid := range strings.Fields(string(pids)) {
		// A process that has ended meanwhile can't be moved, and needn't be.
		if err = os.WriteFile(own+"/cgroup.procs", []byte(pid), 0); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("moving process %s: %w", pid, err)
		}
	}
	controllers, err := os.ReadFile(container.Cgroups + "/cgroup.controllers")
	if err != nil {
		return err
	}
	for _, controller := range strings.Fields(string(controllers)) {
		err = os.WriteFile(container.Cgroups+"/cgroup.subtree_control", []byte("+"+controller), 0)
		switch {
		case err == nil:
		case controller == "cpu", controller == "memory", controller == "pids":
			return fmt.Errorf("sharing the %s controller: %w", controller, err)
		default:
			say("pods go without the %s controller: %v", controller, err)
		}
	}
	return nil
}

// chooseIptables falls back to the legacy tables where the kernel has no nf_tables.
func chooseIptables(p *processes) error {
	ctx := context.Background()
	if _, err := p.run(ctx, "", "/usr/sbin/iptables", "-t", "nat", "-S"); err == nil {
		return nil
	}
	for _, name := range []string{"iptables", "ip6tables"} {
		if _, err := p.run(ctx, "", "/usr/bin/update-alternatives", "--set", name, "/usr/sbin/"+name+"-legacy"); err != nil {
			return err
		}
	}
	if _, err := p.run(ctx, "", "/usr/sbin/iptables", "-t", "nat", "-S"); err != nil {
		return fmt.Errorf("neither kind of iptables works on this kernel: %w", err)
	}
	return nil
}
