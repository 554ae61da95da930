package main

// System calls that a guest's command has no use for: what led out of containers by weaknesses of the kernel began with
// most of them. A namespace of users gives root within it, and by that the rest of the kernel.

import (
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Of a call seccomp shows its number, the architecture that it is a number of, and its arguments (linux/seccomp.h).
const (
	offsetNumber       = 0
	offsetArchitecture = 4
	offsetFirst        = 16 // the first argument's lower half: both architectures are little-endian
	namespaces         = unix.CLONE_NEWUSER | unix.CLONE_NEWNS | unix.CLONE_NEWNET | unix.CLONE_NEWPID | unix.CLONE_NEWIPC |
		unix.CLONE_NEWUTS | unix.CLONE_NEWCGROUP
	x32 = 0x40000000 // numbers of another set of calls, on the same architecture
)

// refusedCalls are refused as if the caller had no right.
var refusedCalls = []uint32{
	unix.SYS_ADD_KEY, unix.SYS_BPF, unix.SYS_FSOPEN, unix.SYS_KEYCTL, unix.SYS_MOUNT, unix.SYS_MOUNT_SETATTR, unix.SYS_MOVE_MOUNT,
	unix.SYS_OPEN_BY_HANDLE_AT, unix.SYS_OPEN_TREE, unix.SYS_PERF_EVENT_OPEN, unix.SYS_PIVOT_ROOT, unix.SYS_REQUEST_KEY,
	unix.SYS_SETNS, unix.SYS_UMOUNT2, unix.SYS_USERFAULTFD,
}

// missingCalls are not there, so that programs do without: by clone3's arguments nobody can see what it makes.
var missingCalls = []uint32{unix.SYS_CLONE3, unix.SYS_IO_URING_SETUP, unix.SYS_IO_URING_ENTER, unix.SYS_IO_URING_REGISTER}

// families are the sockets that a command may make: everything else is another part of the kernel, or leads to what is
// below it (AF_VSOCK: the machine that runs this one).
var families = []uint32{unix.AF_UNIX, unix.AF_INET, unix.AF_INET6, unix.AF_NETLINK}

// filterCalls is for this thread and what it starts, for ever.
func filterCalls() error {
	filter, err := callFilter()
	if err != nil {
		return err
	}
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	err = unix.Prctl(unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER, uintptr(unsafe.Pointer(&program)), 0, 0)
	runtime.KeepAlive(filter)
	if err != nil {
		return fmt.Errorf("refusing system calls: %w", err)
	}
	return nil
}

func callFilter() ([]unix.SockFilter, error) {
	architecture, known := map[string]uint32{"amd64": unix.AUDIT_ARCH_X86_64, "arm64": unix.AUDIT_ARCH_AARCH64}[runtime.GOARCH]
	if !known {
		return nil, fmt.Errorf("no list of system calls for %s", runtime.GOARCH)
	}
	const (
		load    = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS
		equal   = unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K
		atLeast = unix.BPF_JMP | unix.BPF_JGE | unix.BPF_K
		anyOf   = unix.BPF_JMP | unix.BPF_JSET | unix.BPF_K
		answer  = unix.BPF_RET | unix.BPF_K
		refuse  = unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)
		lack    = unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)
		foreign = unix.SECCOMP_RET_ERRNO | uint32(unix.EAFNOSUPPORT)
		allow   = unix.SECCOMP_RET_ALLOW
	)
	filter := []unix.SockFilter{
		{Code: load, K: offsetArchitecture},
		{Code: equal, K: architecture, Jt: 1},
		{Code: answer, K: unix.SECCOMP_RET_KILL_PROCESS},
		{Code: load, K: offsetNumber},
	}
	if runtime.GOARCH == "amd64" {
		filter = append(filter, unix.SockFilter{Code: atLeast, K: x32, Jf: 1}, unix.SockFilter{Code: answer, K: refuse})
	}
	for _, call := range refusedCalls {
		filter = append(filter, unix.SockFilter{Code: equal, K: call, Jf: 1}, unix.SockFilter{Code: answer, K: refuse})
	}
	for _, call := range missingCalls {
		filter = append(filter, unix.SockFilter{Code: equal, K: call, Jf: 1}, unix.SockFilter{Code: answer, K: lack})
	}
	// Sockets, by their family.
	count := len(families)
	filter = append(filter,
		unix.SockFilter{Code: equal, K: unix.SYS_SOCKET, Jt: 1},
		unix.SockFilter{Code: equal, K: unix.SYS_SOCKETPAIR, Jf: uint8(count + 3)},
		unix.SockFilter{Code: load, K: offsetFirst})
	for i, family := range families {
		filter = append(filter, unix.SockFilter{Code: equal, K: family, Jt: uint8(count - i)})
	}
	filter = append(filter,
		unix.SockFilter{Code: answer, K: foreign},
		unix.SockFilter{Code: answer, K: allow})
	return append(filter,
		// unshare and clone, where they would make a namespace: past the next two, to the first argument.
		unix.SockFilter{Code: equal, K: unix.SYS_UNSHARE, Jt: 2},
		unix.SockFilter{Code: equal, K: unix.SYS_CLONE, Jt: 1},
		unix.SockFilter{Code: answer, K: allow},
		unix.SockFilter{Code: load, K: offsetFirst},
		unix.SockFilter{Code: anyOf, K: namespaces, Jf: 1},
		unix.SockFilter{Code: answer, K: refuse},
		unix.SockFilter{Code: answer, K: allow},
	), nil
}
