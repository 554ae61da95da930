// Package container reads what a node's container is given: its address, its control groups, and what it may take.
package container

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Cgroups is where the container's control groups are mounted.
const Cgroups = "/sys/fs/cgroup"

// OnCgroup2 tells a single hierarchy from one for each controller.
func OnCgroup2() bool {
	var stat unix.Statfs_t
	return unix.Statfs(Cgroups, &stat) == nil && stat.Type == unix.CGROUP2_SUPER_MAGIC
}

// Address is the container's first IPv4 address that isn't loopback.
func Address() (net.IP, error) {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return nil, err
	}
	for _, address := range addresses {
		if network, ok := address.(*net.IPNet); ok && !network.IP.IsLoopback() && network.IP.To4() != nil {
			return network.IP.To4(), nil
		}
	}
	return nil, errors.New("the container has no IPv4 address: attach it to a network")
}

// Memory is the container's own limit in bytes, the machine's where there is none, and the machine's.
func Memory() (limit, machine int64) {
	var info unix.Sysinfo_t
	_ = unix.Sysinfo(&info)
	machine = int64(info.Totalram) * int64(info.Unit)
	return lowest(machine, "memory/memory.limit_in_bytes", "memory.max"), machine
}

// Processes is how many the container may have, or most where it has no limit of its own.
func Processes(most int64) int64 { return lowest(most, "pids/pids.max", "pids.max") }

// lowest is a limit in one of these files where it is below what holds without one.
func lowest(limit int64, files ...string) int64 {
	for _, file := range files {
		if number, err := readNumber(file); err == nil && number > 0 && number < limit {
			limit = number
		}
	}
	return limit
}

// CPU is the container's quota in thousandths of a CPU, or 0 where there is none.
func CPU() int64 {
	quota, err := readNumber("cpu/cpu.cfs_quota_us")
	period, errPeriod := readNumber("cpu/cpu.cfs_period_us")
	if err != nil || errPeriod != nil {
		content, _ := os.ReadFile(filepath.Join(Cgroups, "cpu.max"))
		fields := strings.Fields(string(content))
		if len(fields) != 2 {
			return 0
		}
		quota, err = strconv.ParseInt(fields[0], 10, 64)
		period, errPeriod = strconv.ParseInt(fields[1], 10, 64)
	}
	if err != nil || errPeriod != nil || quota <= 0 || period <= 0 {
		return 0
	}
	return quota * 1000 / period
}

func readNumber(file string) (int64, error) {
	content, err := os.ReadFile(filepath.Join(Cgroups, file))
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(strings.TrimSpace(string(content)), 10, 64)
}
