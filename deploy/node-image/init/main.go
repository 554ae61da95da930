// Command init is PID 1 of a lab node. This file owns the order of boot and of shutdown, and nothing else: what each
// component is called with stands in components.go, how processes live and die in process.go.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

const (
	readyTimeout = 120 * time.Second // the API server's first answer; a loaded host may need most of a minute
	apiPoll      = 50 * time.Millisecond
)

func main() {
	began := time.Now()
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	signal.Ignore(syscall.SIGHUP, syscall.SIGPIPE)

	node := &node{began: began, processes: newProcesses()}
	ctx, cancel := context.WithCancel(context.Background())
	booted := make(chan error, 1)
	building := len(os.Args) > 1 && os.Args[1] == "template"
	go func() {
		if building {
			booted <- node.fillTemplate(ctx)
		} else {
			booted <- node.boot(ctx)
		}
	}()

	code := 0
	for running := true; running; {
		select {
		case s := <-signals:
			say("%s received, stopping", s)
			running = false
		case err := <-booted:
			if err != nil {
				say("boot failed: %v", err)
				code = 1
			}
			running = err == nil && !building
		case err := <-node.processes.failed:
			say("giving up: %v", err)
			code, running = 1, false
		}
	}
	cancel()
	stopping := time.Now()
	node.shutdown()
	say("stopped in %d ms", time.Since(stopping).Milliseconds())
	os.Exit(code)
}

type node struct {
	began     time.Time
	processes *processes
	settings  settings
}

// boot brings the node up and returns when its add-ons are applied. It never waits for a log line.
func (n *node) boot(ctx context.Context) error {
	var err error
	if err = prepareKernel(n.processes); err != nil {
		return err
	}
	if n.settings, err = readSettings(); err != nil {
		return err
	}
	if err = writeKeys(n.settings); err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	if err = writeConfiguration(n.settings); err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	// Before there is anything to close to them.
	if _, err = n.processes.run(ctx, "", guestProgram, "node"); err != nil {
		return err
	}
	n.milestone("prepared")

	n.processes.start(containerd())
	images := make(chan error, 1)
	go func() { images <- importImages(ctx, n.processes) }()
	if err = startFromTemplate(); err != nil {
		return fmt.Errorf("template store: %w", err)
	}
	if err = n.startAPI(ctx); err != nil {
		return err
	}
	cluster, err := newAPI()
	if err != nil {
		return err
	}
	defer cluster.client.CloseIdleConnections()
	if err = cluster.announceNode(ctx, n.settings); err != nil {
		return err
	}
	n.processes.start(controllerManager())
	n.processes.start(scheduler())
	n.processes.start(kubeProxy(n.settings))
	if err = <-images; err != nil {
		return fmt.Errorf("preloaded images: %w", err)
	}
	n.milestone("images loaded")
	n.processes.start(kubelet(n.settings))
	if err = applyAddons(ctx, n.processes); err != nil {
		return err
	}
	n.milestone("add-ons applied")
	return nil
}

// startAPI returns when the API server is ready.
func (n *node) startAPI(ctx context.Context) error {
	n.processes.start(kine())
	// Not sooner: an API server that finds no datastore waits a whole second before it looks again.
	if err := waitForSocket(ctx, kineSocket); err != nil {
		return err
	}
	n.processes.start(apiServer(n.settings))
	cluster, err := newAPI()
	if err != nil {
		return err
	}
	defer cluster.client.CloseIdleConnections()
	if err = cluster.waitUntilReady(ctx); err != nil {
		return err
	}
	n.milestone("API ready")
	return nil
}

// shutdown stops from the outside in: nothing may still write when the API server goes, nothing may still need the
// datastore when kine goes. Its waits add up to less than three seconds.
func (n *node) shutdown() {
	n.processes.closing()
	n.processes.stop(300*time.Millisecond, "kubelet", "kube-proxy", "kube-scheduler", "kube-controller-manager")
	stopPods(time.Second)
	n.processes.stop(300*time.Millisecond, "containerd")
	n.processes.stop(500*time.Millisecond, "kube-apiserver")
	n.processes.stop(500*time.Millisecond, "kine")
	syscall.Sync()
}

func (n *node) milestone(what string) {
	say("%s after %d ms", what, time.Since(n.began).Milliseconds())
}

func say(format string, args ...any) {
	fmt.Fprintf(os.Stdout, "init: "+format+"\n", args...)
}
