package main

// A command from inside: the first of its process tree, root still, shows it the node as a guest sees it, becomes the
// person, and reaps what the command leaves. When it ends, the kernel ends all of its tree.

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"

	"labyard.dev/node-image/container"
)

const (
	// Memory of a command's own, for what programs share.
	sharedMemory = "mode=1777,size=16m,nr_inodes=1024"
	// In the place of what is no guest's.
	nothing = "mode=0555,size=4k"
)

func inside(c command) (int, error) {
	runtime.LockOSThread()
	asked := askedToEnd()
	if err := joinGroups(c); err != nil {
		return 125, err
	}
	if isEnded(c.id) {
		return 128 + int(syscall.SIGKILL), nil
	}
	if err := showNode(c.uid); err != nil {
		return 125, err
	}
	if err := renounce(); err != nil {
		return 125, err
	}
	if err := os.Chdir(homeOf(base, c.uid)); err != nil {
		return 125, err
	}
	pid, err := begin(c)
	if err != nil {
		return refused(c.words[0], err)
	}
	go func() {
		for s := range asked {
			_ = syscall.Kill(-1, s) // everybody but us
		}
	}()
	return reapUntil(pid), nil
}

// begin starts it as the person; what is no program is for the shell, as execvp(3) has it.
func begin(c command) (int, error) {
	path, err := exec.LookPath(c.words[0])
	if err != nil {
		return 0, err
	}
	how := &syscall.ProcAttr{
		Env:   os.Environ(),
		Files: []uintptr{0, 1, 2},
		Sys:   &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(c.uid), Gid: uint32(c.uid)}},
	}
	pid, err := syscall.ForkExec(path, c.words, how)
	if errors.Is(err, syscall.ENOEXEC) {
		pid, err = syscall.ForkExec("/bin/sh", append([]string{"sh", path}, c.words[1:]...), how)
	}
	return pid, err
}

// refused says it as a shell does.
func refused(word string, err error) (int, error) {
	code := 126
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, os.ErrNotExist) {
		code = 127
	}
	var detail *exec.Error
	if errors.As(err, &detail) {
		err = detail.Err
	}
	return code, fmt.Errorf("%s: %w", word, err)
}

// reapUntil gives the exit code of one, and takes whoever else has died.
func reapUntil(pid int) int {
	for {
		var status syscall.WaitStatus
		died, err := syscall.Wait4(-1, &status, 0, nil)
		if died == pid {
			return codeOf(status)
		}
		if err != nil && !errors.Is(err, syscall.EINTR) {
			return 125
		}
	}
}

// showNode lays the node out as a guest sees it: their own processes, a /tmp of their own, no control groups.
func showNode(uid int) error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("leaving the node's mounts: %w", err)
	}
	const plain = unix.MS_NOSUID | unix.MS_NODEV
	for _, folder := range []string{"/tmp", "/var/tmp"} {
		if err := unix.Mount(tmpOf(base, uid), folder, "", unix.MS_BIND, ""); err != nil && !errors.Is(err, unix.ENOENT) {
			return fmt.Errorf("mounting %s: %w", folder, err)
		}
	}
	if err := unix.Mount(resolvConf, "/etc/resolv.conf", "", unix.MS_BIND, ""); err != nil {
		return fmt.Errorf("showing the cluster's DNS: %w", err)
	}
	for _, mount := range []struct {
		kind, folder, options string
		flags                 uintptr
	}{
		{"tmpfs", "/dev/shm", sharedMemory, plain},
		{"tmpfs", container.Cgroups, nothing, plain | unix.MS_RDONLY},
		{"tmpfs", "/dev/mqueue", nothing, plain | unix.MS_RDONLY},
		{"proc", "/proc", "hidepid=2", plain | unix.MS_NOEXEC},
	} {
		if err := unix.Mount(mount.kind, mount.folder, mount.kind, mount.flags, mount.options); err != nil {
			return fmt.Errorf("mounting %s: %w", mount.folder, err)
		}
	}
	// The machine's log is no guest's either.
	if err := unix.Mount("/dev/null", "/dev/kmsg", "", unix.MS_BIND, ""); err != nil && !errors.Is(err, unix.ENOENT) {
		return fmt.Errorf("closing the kernel's log: %w", err)
	}
	return nil
}

// renounce gives up, for what this thread starts, every capability and every way to a new one.
func renounce() error {
	for capability := uintptr(0); capability <= 63; capability++ {
		if err := unix.Prctl(unix.PR_CAPBSET_DROP, capability, 0, 0, 0); errors.Is(err, unix.EINVAL) {
			break // the kernel has no more
		} else if err != nil {
			return fmt.Errorf("giving up capabilities: %w", err)
		}
	}
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var sets [2]unix.CapUserData
	if err := unix.Capget(&header, &sets[0]); err != nil {
		return err
	}
	sets[0].Inheritable, sets[1].Inheritable = 0, 0
	if err := unix.Capset(&header, &sets[0]); err != nil {
		return fmt.Errorf("giving up capabilities: %w", err)
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	return filterCalls()
}
