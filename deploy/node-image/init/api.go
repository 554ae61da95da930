package main

// What init itself asks of the cluster's API: is it ready, and are its add-ons there.

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"time"
)

const (
	apiURL            = "https://127.0.0.1:6443"
	apiRequestTimeout = 5 * time.Second
	addonAttempts     = 10
	addonRetryDelay   = 300 * time.Millisecond
)

//go:embed addons/coredns.yaml
var coreDNS string

// api speaks to the API server as the cluster's administrator.
type api struct {
	client *http.Client
}

func newAPI() (api, error) {
	content, err := os.ReadFile(certFile("ca"))
	if err != nil {
		return api{}, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(content)
	admin, err := tls.LoadX509KeyPair(certFile("admin"), keyFile("admin"))
	if err != nil {
		return api{}, err
	}
	return api{&http.Client{
		Timeout: apiRequestTimeout,
		Transport: &http.Transport{
			TLSClientConfig: &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{admin}},
		},
	}}, nil
}

// call returns the answer's status code.
func (a api) call(ctx context.Context, method, path, contentType string, body any) (int, error) {
	content, err := json.Marshal(body)
	if err != nil {
		return 0, err
	}
	request, err := http.NewRequestWithContext(ctx, method, apiURL+path, bytes.NewReader(content))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Content-Type", contentType)
	response, err := a.client.Do(request)
	if err != nil {
		return 0, err
	}
	response.Body.Close()
	return response.StatusCode, nil
}

func (a api) waitUntilReady(ctx context.Context) error {
	deadline := time.Now().Add(readyTimeout)
	for {
		code, err := a.call(ctx, http.MethodGet, "/readyz", "", nil)
		if err == nil && code == http.StatusOK {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the API server is not ready after %s (status %d): %w", readyTimeout, code, err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(apiPoll):
		}
	}
}

// announceNode writes the node with its present address before the kubelet does: kube-proxy looks for it once at its
// start, and then only each second. The kubelet takes the object over.
func (a api) announceNode(ctx context.Context, s settings) error {
	type object = map[string]any
	addresses := object{"addresses": []object{
		{"type": "InternalIP", "address": s.nodeIP.String()},
		{"type": "Hostname", "address": s.nodeName},
	}}
	code, err := a.call(ctx, http.MethodPost, "/api/v1/nodes", "application/json", object{
		"apiVersion": "v1",
		"kind":       "Node",
		"metadata": object{"name": s.nodeName, "labels": object{
			"kubernetes.io/arch":     runtime.GOARCH,
			"kubernetes.io/hostname": s.nodeName,
			"kubernetes.io/os":       "linux",
		}},
		"status": addresses,
	})
	if err == nil && code == http.StatusConflict {
		code, err = a.call(ctx, http.MethodPatch, "/api/v1/nodes/"+s.nodeName+"/status", "application/merge-patch+json",
			object{"status": addresses})
	}
	if err == nil && code >= 300 {
		err = fmt.Errorf("status %d", code)
	}
	if err != nil {
		return fmt.Errorf("announcing the node: %w", err)
	}
	return nil
}

// applyAddons applies what every cluster has beside Kubernetes itself. Idempotent: a second boot changes nothing.
func applyAddons(ctx context.Context, p *processes) error {
	var err error
	for attempt := 0; attempt < addonAttempts; attempt++ {
		if _, err = p.run(ctx, coreDNS, binaries+"kubectl", "apply", "--validate=false", "-f", "-"); err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(addonRetryDelay):
		}
	}
	return fmt.Errorf("add-ons: %w", err)
}
