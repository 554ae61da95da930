package main

// Names outside the cluster. A container on a Docker network of its own resolves through 127.0.0.11, which is loopback
// and so no use to a pod; where that is so, a relay on the node's address passes queries on to it.

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"time"
)

const (
	dnsTimeout    = 5 * time.Second
	dnsLargest    = 65535 // bytes of a DNS message
	dnsConcurrent = 256   // queries under way; more are dropped, and their clients ask again

	dnsConnections      = 64 // over TCP, and of one address; more are closed
	dnsConnectionsOfOne = 8
	dnsPause            = 50 * time.Millisecond // after a connection that could not be taken
)

// writeResolvConf writes what pods with the node's DNS (CoreDNS above all) resolve through.
func writeResolvConf(s settings) error {
	content, err := os.ReadFile("/etc/resolv.conf")
	if err != nil {
		return err
	}
	var out strings.Builder
	var loopback string
	for lines := bufio.NewScanner(bytes.NewReader(content)); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) < 2 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		if fields[0] == "nameserver" {
			if ip := net.ParseIP(fields[1]); ip != nil && ip.IsLoopback() {
				loopback = fields[1]
				continue
			}
		}
		fmt.Fprintln(&out, strings.Join(fields, " "))
	}
	if loopback != "" {
		if err = relayDNS(net.JoinHostPort(s.nodeIP.String(), "53"), net.JoinHostPort(loopback, "53")); err != nil {
			return err
		}
		fmt.Fprintln(&out, "nameserver", s.nodeIP)
	}
	return os.WriteFile(resolvConf, []byte(out.String()), 0o644)
}

func relayDNS(listen, upstream string) error {
	datagrams, err := net.ListenPacket("udp", listen)
	if err != nil {
		return err
	}
	connections, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	underWay := make(chan struct{}, dnsConcurrent)
	go func() {
		buffer := make([]byte, dnsLargest)
		for {
			n, client, err := datagrams.ReadFrom(buffer)
			if err != nil {
				return
			}
			query := bytes.Clone(buffer[:n])
			select {
			case underWay <- struct{}{}:
			default:
				continue
			}
			go func() {
				defer func() { <-underWay }()
				if answer, err := askOnce(upstream, query); err == nil {
					_, _ = datagrams.WriteTo(answer, client)
				}
			}()
		}
	}()
	go relayConnections(connections, upstream)
	return nil
}

// relayConnections goes on for ever: nobody who opens more than is theirs ends it for others.
func relayConnections(connections net.Listener, upstream string) {
	var mu sync.Mutex
	open, byHost := 0, map[string]int{}
	for {
		client, err := connections.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // no file is free, for example
			time.Sleep(dnsPause)
			continue
		}
		host, _, _ := net.SplitHostPort(client.RemoteAddr().String())
		mu.Lock()
		if open >= dnsConnections || byHost[host] >= dnsConnectionsOfOne {
			mu.Unlock()
			_ = client.Close()
			continue
		}
		open++
		byHost[host]++
		mu.Unlock()
		go func() {
			relayConnection(client, upstream)
			mu.Lock()
			defer mu.Unlock()
			open--
			if byHost[host]--; byHost[host] == 0 {
				delete(byHost, host)
			}
		}()
	}
}

func askOnce(upstream string, query []byte) ([]byte, error) {
	connection, err := net.DialTimeout("udp", upstream, dnsTimeout)
	if err != nil {
		return nil, err
	}
	defer connection.Close()
	_ = connection.SetDeadline(time.Now().Add(dnsTimeout))
	if _, err = connection.Write(query); err != nil {
		return nil, err
	}
	answer := make([]byte, dnsLargest)
	n, err := connection.Read(answer)
	return answer[:n], err
}

func relayConnection(client net.Conn, upstream string) {
	defer client.Close()
	server, err := net.DialTimeout("tcp", upstream, dnsTimeout)
	if err != nil {
		return
	}
	defer server.Close()
	deadline := time.Now().Add(2 * dnsTimeout)
	_ = client.SetDeadline(deadline)
	_ = server.SetDeadline(deadline)
	go func() {
		_, _ = io.Copy(server, client)
		_ = server.(*net.TCPConn).CloseWrite() // so that it ends when the client has
	}()
	_, _ = io.Copy(client, server)
}
