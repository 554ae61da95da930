package main

// Keys and certificates of one cluster: two authorities and the service accounts' key live as long as the state
// volume; everything they sign is issued again when it is near its end or no longer names this node. Nothing here is
// ever shared between clusters.

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

const (
	stateDir        = "/var/lib/rancher/k3s/server"
	kubeconfigDir   = stateDir + "/cred"
	adminKubeconfig = "/etc/rancher/k3s/k3s.yaml"

	authorityLife = 10 * 365 * 24 * time.Hour
	leafLife      = 365 * 24 * time.Hour
	renewBefore   = 30 * 24 * time.Hour
	clockSkew     = time.Hour
)

var keyDir = stateDir + "/tls" // a variable for the tests alone

type leaf struct {
	file, commonName string
	organization     []string
	usage            []x509.ExtKeyUsage
	names            []string
	ips              []net.IP
}

type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func keyFile(name string) string  { return filepath.Join(keyDir, name+".key") }
func certFile(name string) string { return filepath.Join(keyDir, name+".crt") }

func writeKeys(s settings) error {
	for _, dir := range []string{stateDir, keyDir, kubeconfigDir, stateDir + "/db", filepath.Dir(adminKubeconfig)} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
		if err := os.Chmod(dir, 0o700); err != nil {
			return err
		}
	}
	ca, err := loadAuthority("ca", "labyard-ca")
	if err != nil {
		return err
	}
	frontProxy, err := loadAuthority("front-proxy-ca", "labyard-front-proxy-ca")
	if err != nil {
		return err
	}
	if err = writeServiceAccountKey(); err != nil {
		return err
	}
	client, server := []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	masters := []string{"system:masters"}
	leaves := []leaf{
		{file: "apiserver", commonName: "kube-apiserver", usage: server, names: s.serverNames, ips: s.serverIPs},
		{file: "apiserver-kubelet-client", commonName: "kube-apiserver-kubelet-client", organization: masters, usage: client},
		{file: "admin", commonName: "system:admin", organization: masters, usage: client},
		// One credential for all controllers: an account each (--use-service-account-credentials) costs a boot
		// dozens of requests and guards nothing here, as all of them are one process.
		{file: "controller-manager", commonName: "system:kube-controller-manager", organization: masters, usage: client},
		{file: "scheduler", commonName: "system:kube-scheduler", usage: client},
		{file: "kube-proxy", commonName: "system:kube-proxy", usage: client},
		{file: "kubelet", commonName: "system:node:" + s.nodeName, organization: []string{"system:nodes"}, usage: client},
		{file: "kubelet-server", commonName: "system:node:" + s.nodeName, organization: []string{"system:nodes"},
			usage: server, names: []string{s.nodeName}, ips: []net.IP{s.nodeIP, net.IPv4(127, 0, 0, 1)}},
	}
	for _, l := range leaves {
		if err = ca.issue(l); err != nil {
			return err
		}
	}
	if err = frontProxy.issue(leaf{file: "front-proxy-client", commonName: "front-proxy-client", usage: client}); err != nil {
		return err
	}
	for _, name := range []string{"controller-manager", "scheduler", "kube-proxy", "kubelet"} {
		if err = writeKubeconfig(filepath.Join(kubeconfigDir, name+".kubeconfig"), name); err != nil {
			return err
		}
	}
	return writeKubeconfig(adminKubeconfig, "admin")
}

func loadAuthority(file, commonName string) (authority, error) {
	certificate, key, err := readPair(file)
	if err == nil {
		return authority{certificate, key}, nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return authority{}, fmt.Errorf("%s: %w (a state volume that is damaged here cannot be repaired; restore a backup)", file, err)
	}
	if key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return authority{}, err
	}
	serial, err := newSerial()
	if err != nil {
		return authority{}, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{CommonName: commonName},
		NotBefore:             now.Add(-clockSkew),
		NotAfter:              now.Add(authorityLife),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return authority{}, err
	}
	if err = writePair(file, der, key); err != nil {
		return authority{}, err
	}
	certificate, err = x509.ParseCertificate(der)
	return authority{certificate, key}, err
}

// issue writes a certificate for the leaf unless the one on disk still serves.
func (a authority) issue(l leaf) error {
	if present, _, err := readPair(l.file); err == nil && a.stillServes(present, l) {
		return nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	serial, err := newSerial()
	if err != nil {
		return err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: l.commonName, Organization: l.organization},
		NotBefore:    now.Add(-clockSkew),
		NotAfter:     now.Add(leafLife),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  l.usage,
		DNSNames:     l.names,
		IPAddresses:  l.ips,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, &key.PublicKey, a.key)
	if err != nil {
		return err
	}
	return writePair(l.file, der, key)
}

func (a authority) stillServes(present *x509.Certificate, l leaf) bool {
	if present.CheckSignatureFrom(a.certificate) != nil || time.Until(present.NotAfter) < renewBefore ||
		present.Subject.CommonName != l.commonName {
		return false
	}
	for _, name := range l.names {
		if present.VerifyHostname(name) != nil {
			return false
		}
	}
	for _, ip := range l.ips {
		if present.VerifyHostname(ip.String()) != nil {
			return false
		}
	}
	return true
}

func writeServiceAccountKey() error {
	if _, err := readKey(keyFile("service-account")); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	return writeKey(keyFile("service-account"), key)
}

func writeKubeconfig(path, name string) error {
	embed := func(file string) (string, error) {
		content, err := os.ReadFile(file)
		return base64.StdEncoding.EncodeToString(content), err
	}
	ca, err := embed(certFile("ca"))
	if err != nil {
		return err
	}
	certificate, err := embed(certFile(name))
	if err != nil {
		return err
	}
	key, err := embed(keyFile(name))
	if err != nil {
		return err
	}
	return writeSecret(path, []byte(fmt.Sprintf(`apiVersion: v1
kind: Config
clusters:
- name: default
  cluster:
    server: https://127.0.0.1:6443
    certificate-authority-data: %s
users:
- name: default
  user:
    client-certificate-data: %s
    client-key-data: %s
contexts:
- name: default
  context:
    cluster: default
    user: default
current-context: default
`, ca, certificate, key)))
}

func readPair(name string) (*x509.Certificate, *ecdsa.PrivateKey, error) {
	key, err := readKey(keyFile(name))
	if err != nil {
		return nil, nil, err
	}
	content, err := os.ReadFile(certFile(name))
	if err != nil {
		return nil, nil, err
	}
	block, _ := pem.Decode(content)
	if block == nil {
		return nil, nil, fmt.Errorf("%s holds no PEM block", certFile(name))
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, nil, err
	}
	if !key.PublicKey.Equal(certificate.PublicKey) {
		return nil, nil, fmt.Errorf("%s does not belong to %s", certFile(name), keyFile(name))
	}
	return certificate, key, nil
}

func readKey(path string) (*ecdsa.PrivateKey, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(content)
	if block == nil {
		return nil, fmt.Errorf("%s holds no PEM block", path)
	}
	return x509.ParseECPrivateKey(block.Bytes)
}

// writePair writes the certificate first: a key without its certificate would look like damage at the next boot.
func writePair(name string, der []byte, key *ecdsa.PrivateKey) error {
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	if err := writeSecret(certFile(name), certificate); err != nil {
		return err
	}
	return writeKey(keyFile(name), key)
}

func writeKey(path string, key *ecdsa.PrivateKey) error {
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return err
	}
	return writeSecret(path, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}))
}

// writeSecret replaces a file whole or not at all, readable by root alone, and leaves an equal one untouched.
func writeSecret(path string, content []byte) error {
	if present, err := os.ReadFile(path); err == nil && bytes.Equal(present, content) {
		return os.Chmod(path, 0o600)
	}
	temporary := path + ".new"
	if err := os.WriteFile(temporary, content, 0o600); err != nil {
		return err
	}
	return os.Rename(temporary, path)
}

func newSerial() (*big.Int, error) {
	return rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
}
