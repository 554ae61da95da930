package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

const filtered = "LABYARD_TEST_FILTERED"

// TestMain is, in a process of its own, a command that the filter holds to its calls.
func TestMain(m *testing.M) {
	if os.Getenv(filtered) == "" {
		os.Exit(m.Run())
	}
	runtime.LockOSThread()
	err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
	if err == nil {
		err = filterCalls()
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	for name, family := range map[string]int{
		"unix": unix.AF_UNIX, "inet": unix.AF_INET, "inet6": unix.AF_INET6,
		"vsock": unix.AF_VSOCK, "alg": unix.AF_ALG, "packet": unix.AF_PACKET, "tipc": unix.AF_TIPC, "rds": unix.AF_RDS,
	} {
		socket, err := unix.Socket(family, unix.SOCK_DGRAM, 0)
		if err == nil {
			_ = unix.Close(socket)
		}
		fmt.Println("socket", name, !errors.Is(err, unix.EAFNOSUPPORT))
	}
	_, err = unix.Socketpair(unix.AF_TIPC, unix.SOCK_STREAM, 0)
	fmt.Println("pair tipc", !errors.Is(err, unix.EAFNOSUPPORT))
	_, err = unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	fmt.Println("pair unix", err == nil)
	fmt.Println("namespace", unix.Unshare(unix.CLONE_NEWUSER) == nil)
	fmt.Println("open", os.WriteFile(os.DevNull, nil, 0) == nil)
	os.Exit(0)
}

func TestACommandAsksTheKernelForNothingOutOfTheWay(t *testing.T) {
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), filtered+"=1")
	said, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	for _, line := range []string{
		"socket unix true", "socket inet true", "pair unix true", "open true",
		"socket vsock false", "socket alg false", "socket packet false", "socket tipc false", "socket rds false",
		"pair tipc false", "namespace false",
	} {
		if !strings.Contains(string(said), line+"\n") {
			t.Errorf("not %q: %s", line, said)
		}
	}
}
