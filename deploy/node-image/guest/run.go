package main

// A command from outside: begun in its groups, held to its time, ended whole.

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	insideVerb = "inside" // the first of a command's process tree; run's own
	self       = "/proc/self/exe"
	// What a command may take to end once it is asked to.
	patience  = time.Second
	endWithin = 2 * time.Second
	timedOut  = 124 // as of timeout(1)
	// Commands that were ended before they began.
	endedFolder = base + "/ended"
)

type command struct {
	id    string
	class string
	uid   int
	words []string
}

// run runs it to its end, and gives its exit code.
func run(c command, limit time.Duration) (int, error) {
	// The command dies with the thread that started it, and is in that thread's network.
	runtime.LockOSThread()
	asked := askedToEnd()
	if err := makeGroups(c); err != nil {
		return 125, err
	}
	defer removeGroups(c)
	if err := enterNetwork(c.uid); err != nil {
		return 125, fmt.Errorf("the network of %d: %w", c.uid, err)
	}
	words := append([]string{self, insideVerb, c.id, c.class, strconv.Itoa(c.uid)}, c.words...)
	pid, err := syscall.ForkExec(self, words, &syscall.ProcAttr{
		Env:   os.Environ(),
		Files: []uintptr{0, 1, 2},
		Sys: &syscall.SysProcAttr{
			Cloneflags: unix.CLONE_NEWPID | unix.CLONE_NEWNS | unix.CLONE_NEWIPC,
			Pdeathsig:  syscall.SIGKILL,
		},
	})
	if err != nil {
		return 125, err
	}
	ended := make(chan syscall.WaitStatus, 1)
	go func() { ended <- waitFor(pid) }()
	timeUp := time.After(limit)
	late := false
	for {
		select {
		case status := <-ended:
			if late {
				return timedOut, nil
			}
			return codeOf(status), nil
		case s := <-asked:
			_ = syscall.Kill(pid, s)
		case <-timeUp:
			if late {
				_ = syscall.Kill(pid, syscall.SIGKILL)
				continue
			}
			late, timeUp = true, time.After(patience)
			_ = syscall.Kill(pid, syscall.SIGTERM)
		}
	}
}

// askedToEnd tells of signals that are for the command. Those of a terminal reach it without us, and are not ours.
func askedToEnd() <-chan syscall.Signal {
	caught, asked := make(chan os.Signal, 4), make(chan syscall.Signal)
	signal.Notify(caught, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTSTP)
	go func() {
		for s := range caught {
			if s == syscall.SIGTERM || s == syscall.SIGHUP {
				asked <- s.(syscall.Signal)
			}
		}
	}()
	return asked
}

func waitFor(pid int) syscall.WaitStatus {
	var status syscall.WaitStatus
	for {
		_, err := syscall.Wait4(pid, &status, 0, nil)
		if !errors.Is(err, syscall.EINTR) {
			return status
		}
	}
}

// codeOf is what a shell says of it.
func codeOf(status syscall.WaitStatus) int {
	if status.Signaled() {
		return 128 + int(status.Signal())
	}
	return status.ExitStatus()
}

// end ends everything of a command. One that has not come so far yet finds that it is to end: it is noted before the
// command's group is looked at, and read by the command after it is in the group.
func end(id string) error {
	if err := rootFolder(base, 0, 0o711); err != nil {
		return err
	}
	if err := rootFolder(endedFolder, 0, 0o700); err != nil {
		return err
	}
	sweep(endedFolder)
	if err := os.WriteFile(filepath.Join(endedFolder, id), nil, 0o600); err != nil {
		return err
	}
	return killGroup(id, endWithin)
}

func isEnded(id string) bool {
	_, err := os.Lstat(filepath.Join(endedFolder, id))
	return err == nil
}
