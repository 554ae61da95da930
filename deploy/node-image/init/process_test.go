package main

import (
	"context"
	"strings"
	"testing"
	"time"
)

func TestProcesses(t *testing.T) {
	p := newProcesses() // one for all: it reaps every child of this process

	t.Run("a command's output and failure come back", func(t *testing.T) {
		output, err := p.run(context.Background(), "hello", "/bin/cat")
		if err != nil || output != "hello" {
			t.Errorf("got %q, %v", output, err)
		}
		if _, err = p.run(context.Background(), "", "/bin/sh", "-c", "echo why; exit 3"); err == nil ||
			!strings.Contains(err.Error(), "exit code 3") || !strings.Contains(err.Error(), "why") {
			t.Errorf("got %v", err)
		}
	})

	t.Run("a command ends with its context", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer cancel()
		began := time.Now()
		if _, err := p.run(ctx, "", "/bin/sleep", "30"); err == nil || time.Since(began) > 10*time.Second {
			t.Errorf("got %v after %s", err, time.Since(began))
		}
	})

	t.Run("a component that keeps dying is given up", func(t *testing.T) {
		p.start(component{name: "short", argv: []string{"/bin/false"}})
		select {
		case err := <-p.failed:
			if !strings.Contains(err.Error(), "short died") {
				t.Errorf("got %v", err)
			}
		case <-time.After(30 * time.Second):
			t.Error("still trying")
		}
	})

	t.Run("a component that ignores SIGTERM is killed after the patience", func(t *testing.T) {
		p.start(component{name: "stubborn", argv: []string{"/bin/sh", "-c", "trap '' TERM; while :; do sleep 1; done"}})
		for !p.isRunning("stubborn") {
			time.Sleep(time.Millisecond)
		}
		p.closing()
		began := time.Now()
		p.stop(200*time.Millisecond, "stubborn")
		if p.isRunning("stubborn") || time.Since(began) > 10*time.Second {
			t.Errorf("still there after %s", time.Since(began))
		}
	})
}

func (p *processes) isRunning(name string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, running := p.running[name]
	return running
}
