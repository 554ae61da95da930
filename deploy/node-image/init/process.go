package main

// Processes: starting them, reaping them (and every orphan, as PID 1 must), starting them again when they die, stopping
// them. os/exec is not used: its own wait and PID 1's wait for everything would take each other's children.

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	restartDelay  = 200 * time.Millisecond // before the first restart; doubles with each further death
	deathsAllowed = 5                      // of one component within deathsWindow; one more and the node gives up
	deathsWindow  = 60 * time.Second
	longestLine   = 64 << 10 // of a component's log
)

// component is a program that runs as long as the node does.
type component struct {
	name string
	argv []string
	env  []string
}

type processes struct {
	mu       sync.Mutex
	children map[int]chan syscall.WaitStatus // every process started here and not yet reaped
	running  map[string]int                  // component → PID
	ended    map[string]chan struct{}        // component → closed when its present process is gone
	stopping bool
	failed   chan error
}

func newProcesses() *processes {
	p := &processes{
		children: map[int]chan syscall.WaitStatus{},
		running:  map[string]int{},
		ended:    map[string]chan struct{}{},
		failed:   make(chan error, 16),
	}
	died := make(chan os.Signal, 64)
	signal.Notify(died, syscall.SIGCHLD)
	go func() {
		for range died {
			p.reap()
		}
	}()
	return p
}

// reap collects every dead child. spawn registers under the same lock, so no death is seen before its child is known.
func (p *processes) reap() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if err != nil || pid <= 0 {
			return
		}
		if waiter, ours := p.children[pid]; ours {
			delete(p.children, pid)
			waiter <- status
		}
	}
}

func (p *processes) spawn(argv, env []string, files []uintptr) (int, chan syscall.WaitStatus, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	pid, err := syscall.ForkExec(argv[0], argv, &syscall.ProcAttr{
		Env:   env,
		Files: files,
		Sys:   &syscall.SysProcAttr{Setpgid: true},
	})
	if err != nil {
		return 0, nil, fmt.Errorf("%s: %w", argv[0], err)
	}
	waiter := make(chan syscall.WaitStatus, 1)
	p.children[pid] = waiter
	return pid, waiter, nil
}

// start runs a component and keeps it running until stop.
func (p *processes) start(c component) {
	go func() {
		var deaths []time.Time
		delay := restartDelay
		for {
			err := p.runOnce(c)
			if p.isStopping() {
				return
			}
			now := time.Now()
			recent := deaths[:0]
			for _, t := range deaths {
				if now.Sub(t) < deathsWindow {
					recent = append(recent, t)
				}
			}
			deaths = append(recent, now)
			if len(deaths) == 1 {
				delay = restartDelay
			}
			if len(deaths) > deathsAllowed {
				p.failed <- fmt.Errorf("%s died %d times within %s, last: %w", c.name, len(deaths), deathsWindow, err)
				return
			}
			say("%s died (%v), starting it again in %s", c.name, err, delay)
			time.Sleep(delay)
			delay *= 2
		}
	}()
}

func (p *processes) runOnce(c component) error {
	reader, writer, err := os.Pipe()
	if err != nil {
		return err
	}
	pid, waiter, err := p.spawn(c.argv, append(baseEnvironment(), c.env...), []uintptr{0, writer.Fd(), writer.Fd()})
	writer.Close()
	if err != nil {
		reader.Close()
		return err
	}
	gone := make(chan struct{})
	p.mu.Lock()
	p.running[c.name], p.ended[c.name] = pid, gone
	late := p.stopping
	p.mu.Unlock()
	if late {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	go relayLog(c.name, reader)
	status := <-waiter
	p.mu.Lock()
	delete(p.running, c.name)
	p.mu.Unlock()
	close(gone)
	return describe(status)
}

// run runs a command to its end, with input on its stdin, and returns what it printed.
func (p *processes) run(ctx context.Context, input string, argv ...string) (string, error) {
	inReader, inWriter, err := os.Pipe()
	if err != nil {
		return "", err
	}
	outReader, outWriter, err := os.Pipe()
	if err != nil {
		return "", err
	}
	defer outReader.Close()
	pid, waiter, err := p.spawn(argv, baseEnvironment(), []uintptr{inReader.Fd(), outWriter.Fd(), outWriter.Fd()})
	inReader.Close()
	outWriter.Close()
	if err != nil {
		inWriter.Close()
		return "", err
	}
	go func() {
		_, _ = io.WriteString(inWriter, input)
		inWriter.Close()
	}()
	stopWatch := context.AfterFunc(ctx, func() { _ = syscall.Kill(-pid, syscall.SIGKILL) })
	defer stopWatch()
	output, _ := io.ReadAll(io.LimitReader(outReader, 1<<20))
	if err = describe(<-waiter); err != nil {
		return string(output), fmt.Errorf("%s: %w: %s", argv[0], err, strings.TrimSpace(string(output)))
	}
	return string(output), nil
}

func (p *processes) closing() {
	p.mu.Lock()
	p.stopping = true
	p.mu.Unlock()
}

func (p *processes) isStopping() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stopping
}

// stop asks the named components to end, and kills those that haven't after the patience.
func (p *processes) stop(patience time.Duration, names ...string) {
	deadline := time.After(patience)
	signalAll := func(s syscall.Signal) (waits []chan struct{}) {
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, name := range names {
			if pid, ok := p.running[name]; ok {
				_ = syscall.Kill(pid, s)
				waits = append(waits, p.ended[name])
			}
		}
		return waits
	}
	for _, gone := range signalAll(syscall.SIGTERM) {
		select {
		case <-gone:
		case <-deadline:
			for _, gone := range signalAll(syscall.SIGKILL) {
				<-gone
			}
			return
		}
	}
}

func describe(status syscall.WaitStatus) error {
	switch {
	case status.Signaled():
		return fmt.Errorf("ended by signal %d", status.Signal())
	case status.ExitStatus() != 0:
		return fmt.Errorf("exit code %d", status.ExitStatus())
	}
	return nil
}

func relayLog(name string, from io.ReadCloser) {
	defer from.Close()
	lines := bufio.NewReaderSize(from, longestLine)
	for {
		line, err := lines.ReadSlice('\n')
		if len(line) > 0 {
			fmt.Fprintf(os.Stdout, "%s: %s\n", name, strings.TrimRight(string(line), "\n"))
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return
		}
	}
}

// baseEnvironment is this process's own without KUBERNETES_*: inside a pod those name the outer cluster, and the
// controllers would take it for theirs.
func baseEnvironment() []string {
	var kept []string
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "KUBERNETES_") && !strings.HasPrefix(entry, "KUBECONFIG=") {
			kept = append(kept, entry)
		}
	}
	return append(kept, "KUBECONFIG="+adminKubeconfig)
}
