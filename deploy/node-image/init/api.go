package main

// What init itself asks of the cluster's API: is it ready, and are its add-ons there.

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	_ "embed"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"
)

const (
	apiRequestTimeout = 5 * time.Second
	addonAttempts     = 10
	addonRetryDelay   = 300 * time.Millisecond
)

//go:embed addons/coredns.yaml
var coreDNS string

func waitForAPI(ctx context.Context) error {
	content, err := os.ReadFile(certFile("ca"))
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(content)
	client := &http.Client{
		Timeout:   apiRequestTimeout,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}},
	}
	defer client.CloseIdleConnections()
	deadline := time.Now().Add(readyTimeout)
	for {
		response, err := client.Get("https://127.0.0.1:6443/readyz")
		if err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
			err = errors.New(response.Status)
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the API server is not ready after %s: %w", readyTimeout, err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(apiPoll):
		}
	}
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
