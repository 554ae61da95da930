package main

// Control groups of commands, below the lab's own: what one command may take, and what all together. Commands are found by
// them, whatever session they open or environment they clear.

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"labyard.dev/node-image/container"
)

const (
	// Where a lab has no limit of its own.
	mostProcesses = 4096
	// Below the rest of the node, which has 1024 and 100.
	cpuShares, cpuWeight = "256", "25"
	// A group that nothing has joined for so long is left behind, and so is a note of an end.
	abandoned = time.Minute
)

// A class of people has a part of a lab's memory and processes, and one of them with all that is theirs a part of it: guests
// together take nothing of what owners have.
var classes = map[string]struct{ ofAll, ofOne int64 }{
	"owner": {ofAll: 2, ofOne: 4},
	"guest": {ofAll: 2, ofOne: 8},
}

// limits are the lab's own: bytes of memory, and processes.
func limits() (memory, processes int64) {
	memory, _ = container.Memory()
	return memory, container.Processes(mostProcesses)
}

// hierarchies are the places in which a command has a group; the first one tells its processes.
func hierarchies() []string {
	if container.OnCgroup2() {
		return []string{container.Cgroups}
	}
	return []string{container.Cgroups + "/pids", container.Cgroups + "/memory", container.Cgroups + "/cpu"}
}

// groupOf is where a command's group is, below each hierarchy.
func groupOf(c command) string {
	return filepath.Join("labyard", c.class, strconv.Itoa(c.uid), c.id)
}

// makeGroups makes a command's groups and those above it, with what may be taken in them.
func makeGroups(c command) error {
	memory, processes := limits()
	class := classes[c.class]
	above := []struct {
		group string
		part  int64
	}{
		{"labyard", 1},
		{filepath.Join("labyard", c.class), class.ofAll},
		{filepath.Dir(groupOf(c)), class.ofOne},
	}
	for _, at := range hierarchies() {
		for _, it := range above {
			if err := makeGroup(filepath.Join(at, it.group), memory/it.part, processes/it.part); err != nil {
				return err
			}
		}
		sweep(filepath.Join(at, filepath.Dir(groupOf(c))))
		if err := os.Mkdir(filepath.Join(at, groupOf(c)), 0o755); err != nil {
			return err
		}
	}
	return nil
}

// makeGroup makes one that holds others, or finds it.
func makeGroup(group string, memory, processes int64) error {
	if err := os.Mkdir(group, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	if err := setLimits(group, memory, processes); err != nil {
		return err
	}
	if container.OnCgroup2() {
		if err := os.WriteFile(group+"/cgroup.subtree_control", []byte("+pids +memory +cpu"), 0); err != nil {
			return fmt.Errorf("sharing controllers with commands: %w", err)
		}
	}
	return nil
}

// setLimits writes what of it there is in this hierarchy.
func setLimits(group string, memory, processes int64) error {
	bytes, count := strconv.FormatInt(memory, 10), strconv.FormatInt(processes, 10)
	for _, limit := range [][2]string{
		{"memory.use_hierarchy", "1"}, {"memory.limit_in_bytes", bytes}, {"memory.memsw.limit_in_bytes", bytes},
		{"memory.max", bytes}, {"memory.swap.max", "0"},
		{"pids.max", count}, {"cpu.shares", cpuShares}, {"cpu.weight", cpuWeight},
	} {
		file := filepath.Join(group, limit[0])
		if _, err := os.Stat(file); err != nil {
			continue
		}
		err := os.WriteFile(file, []byte(limit[1]), 0)
		if err != nil && limit[0] != "memory.use_hierarchy" && limit[0] != "memory.memsw.limit_in_bytes" {
			return fmt.Errorf("limiting a command: %w", err)
		}
	}
	return nil
}

// sweep takes away what is left of commands in a folder: groups whose makers died, and notes. What is in use stays.
func sweep(folder string) {
	left, _ := os.ReadDir(folder)
	for _, it := range left {
		info, err := it.Info()
		if err == nil && time.Since(info.ModTime()) > abandoned && (info.IsDir() || folder == endedFolder) {
			_ = os.Remove(filepath.Join(folder, it.Name()))
		}
	}
}

// joinGroups moves this process, and with it all that it starts.
func joinGroups(c command) error {
	for _, at := range hierarchies() {
		if err := os.WriteFile(filepath.Join(at, groupOf(c), "cgroup.procs"), []byte("0"), 0); err != nil {
			return fmt.Errorf("joining a command's group: %w", err)
		}
	}
	return nil
}

// killGroup ends what is in a command's group. The first in it is the first of its process tree, and takes all along.
func killGroup(id string, within time.Duration) error {
	found, err := filepath.Glob(filepath.Join(hierarchies()[0], "labyard", "*", "*", id))
	if err != nil || len(found) == 0 {
		return err
	}
	group := found[0]
	for until := time.Now().Add(within); ; time.Sleep(10 * time.Millisecond) {
		processes, err := os.ReadFile(group + "/cgroup.procs")
		if err != nil || len(processes) == 0 {
			return nil // it is gone, or was never there
		}
		if time.Now().After(until) {
			return fmt.Errorf("command %s does not end", id)
		}
		_ = os.WriteFile(group+"/cgroup.kill", []byte("1"), 0)
		for _, word := range strings.Fields(string(processes)) {
			if pid, err := strconv.Atoi(word); err == nil && pid > 0 {
				_ = unix.Kill(pid, unix.SIGKILL)
			}
		}
	}
}

// removeGroups takes them away once nothing is in them. What does not go yet is swept later.
func removeGroups(c command) {
	for _, at := range hierarchies() {
		group := filepath.Join(at, groupOf(c))
		for round := 0; round < 20 && errors.Is(os.Remove(group), unix.EBUSY); round++ {
			time.Sleep(5 * time.Millisecond)
		}
	}
}
