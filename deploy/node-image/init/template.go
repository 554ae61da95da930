package main

// The template store: what every API server of this version writes into an empty datastore before it is ready
// (roles, priorities), written once at build time. It holds no key, no token, no certificate and nothing that names a
// cluster: build.sh keeps only the kinds of object that are the same everywhere, and a new cluster makes the rest.

import (
	"context"
	"errors"
	"os"
)

const (
	datastore     = stateDir + "/db/state.db"
	templateStore = "/usr/share/labyard/template.db"
)

// startFromTemplate gives a new state volume the template store. One that has a datastore keeps it.
func startFromTemplate() error {
	if _, err := os.Stat(datastore); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	content, err := os.ReadFile(templateStore)
	if errors.Is(err, os.ErrNotExist) {
		return nil // the image is being built; the API server fills the datastore itself
	}
	if err != nil {
		return err
	}
	return writeSecret(datastore, content)
}

// fillTemplate runs a datastore and an API server with keys of their own until the latter is ready.
func (n *node) fillTemplate(ctx context.Context) error {
	if err := os.MkdirAll(runDir, 0o700); err != nil {
		return err
	}
	var err error
	if n.settings, err = readSettings(); err != nil {
		return err
	}
	if err = writeKeys(n.settings); err != nil {
		return err
	}
	return n.startAPI(ctx)
}
