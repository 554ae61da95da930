package main

import (
	"crypto/x509"
	"net"
	"os"
	"testing"
)

func serverLeaf(ip string) leaf {
	return leaf{
		file: "server", commonName: "server", names: []string{"localhost"}, ips: []net.IP{net.ParseIP(ip)},
		usage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
}

func mustLoad(t *testing.T) authority {
	t.Helper()
	a, err := loadAuthority("ca", "test")
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func mustIssue(t *testing.T, a authority, l leaf) *x509.Certificate {
	t.Helper()
	if err := a.issue(l); err != nil {
		t.Fatal(err)
	}
	certificate, _, err := readPair(l.file)
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}

func TestAuthorityOutlivesABoot(t *testing.T) {
	keyDir = t.TempDir()
	if first, second := mustLoad(t), mustLoad(t); !first.certificate.Equal(second.certificate) {
		t.Error("the second boot made another authority")
	}
}

func TestAuthoritiesOfTwoClustersDiffer(t *testing.T) {
	keyDir = t.TempDir()
	first := mustLoad(t)
	keyDir = t.TempDir()
	if first.key.Equal(mustLoad(t).key) {
		t.Error("two clusters share a key")
	}
}

func TestLeafIsKeptWhileItServes(t *testing.T) {
	keyDir = t.TempDir()
	a := mustLoad(t)
	first := mustIssue(t, a, serverLeaf("10.0.0.1"))
	if !first.Equal(mustIssue(t, a, serverLeaf("10.0.0.1"))) {
		t.Error("a certificate that serves was replaced")
	}
	moved := mustIssue(t, a, serverLeaf("10.0.0.2"))
	if moved.VerifyHostname("10.0.0.2") != nil {
		t.Error("the certificate does not name the container's new address")
	}
}

func TestDamagedAuthorityIsAnErrorNotANewOne(t *testing.T) {
	keyDir = t.TempDir()
	mustLoad(t)
	if err := os.WriteFile(certFile("ca"), []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := loadAuthority("ca", "test"); err == nil {
		t.Error("a damaged authority was replaced, and every credential with it")
	}
}

func TestKeysAreReadableByRootAlone(t *testing.T) {
	keyDir = t.TempDir()
	mustIssue(t, mustLoad(t), serverLeaf("10.0.0.1"))
	entries, err := os.ReadDir(keyDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if info, err := entry.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, %v", entry.Name(), info.Mode(), err)
		}
	}
}

func TestNodeNames(t *testing.T) {
	for name, valid := range map[string]bool{
		"lab": true, "lab-1": true, "2d7b61298b65": true,
		"": false, "Lab": false, "-lab": false, "lab-": false, "a b": false, "a/b": false,
	} {
		if nodeNameShape.MatchString(name) != valid {
			t.Errorf("%q: want valid = %v", name, valid)
		}
	}
}
