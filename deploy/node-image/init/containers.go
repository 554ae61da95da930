package main

// The preloaded images, and the end of every pod's processes.

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	pauseImage    = "docker.io/labyard/pause:1"
	imageArchive  = "/usr/share/labyard/images.tar"
	importTimeout = 60 * time.Second
	socketTimeout = 60 * time.Second
	socketPoll    = 10 * time.Millisecond
	podPoll       = 20 * time.Millisecond
)

// importImages loads the preloaded images, unless this cache volume has them.
func importImages(ctx context.Context, p *processes) error {
	ctx, cancel := context.WithTimeout(ctx, importTimeout)
	defer cancel()
	if err := waitForSocket(ctx, containerdSocket); err != nil {
		return err
	}
	want, err := os.ReadFile(imageArchive + ".sha256")
	if err != nil {
		return err
	}
	// Beside containerd's own folders, so that it lives and dies with what it vouches for.
	mark := containerdRoot + "/labyard-images.sha256"
	if have, err := os.ReadFile(mark); err == nil && string(have) == string(want) {
		return nil
	}
	if _, err = p.run(ctx, "", "/usr/bin/ctr", "-n", "k8s.io", "images", "import", imageArchive); err != nil {
		return err
	}
	return os.WriteFile(mark, want, 0o600)
}

func waitForSocket(ctx context.Context, path string) error {
	ctx, cancel := context.WithTimeout(ctx, socketTimeout)
	defer cancel()
	for {
		connection, err := net.Dial("unix", path)
		if err == nil {
			return connection.Close()
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("nobody listens on %s: %w", path, err)
		case <-time.After(socketPoll):
		}
	}
}

// stopPods asks every process of every pod to end, and kills what is left after the patience.
func stopPods(patience time.Duration) {
	deadline := time.Now().Add(patience)
	pids := podProcesses()
	for _, pid := range pids {
		_ = syscall.Kill(pid, syscall.SIGTERM)
	}
	for len(pids) > 0 && time.Now().Before(deadline) {
		time.Sleep(podPoll)
		pids = podProcesses()
	}
	for _, pid := range pids {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

func podProcesses() []int {
	files, _ := filepath.Glob("/proc/[0-9]*/cgroup")
	var pids []int
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil || !strings.Contains(string(content), "/kubepods") {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err != nil || isPause(pid) {
			continue
		}
		pids = append(pids, pid)
	}
	return pids
}

// isPause leaves the sandboxes' own process alone: it holds only namespaces, and ends with this one.
func isPause(pid int) bool {
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	return err == nil && strings.TrimSpace(string(name)) == "pause"
}
