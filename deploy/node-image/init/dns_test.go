package main

import (
	"io"
	"net"
	"testing"
	"time"
)

// A relay that stopped at the first connection too many was without TCP for good.
func TestWhoOpensTooManyConnectionsEndsNothing(t *testing.T) {
	upstream, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer upstream.Close()
	go func() {
		for {
			c, err := upstream.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(c, c) }()
		}
	}()
	relay, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer relay.Close()
	go relayConnections(relay, upstream.Addr().String())

	echoes := func(c net.Conn) bool {
		_ = c.SetDeadline(time.Now().Add(5 * time.Second))
		_, _ = c.Write([]byte("x"))
		n, _ := c.Read(make([]byte, 1))
		return n == 1
	}
	var held []net.Conn
	for n := 0; n < 4*dnsConnectionsOfOne; n++ {
		c, err := net.Dial("tcp", relay.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if echoes(c) {
			held = append(held, c)
		} else {
			c.Close()
		}
	}
	if len(held) != dnsConnectionsOfOne {
		t.Errorf("one address has %d connections, not %d", len(held), dnsConnectionsOfOne)
	}
	for _, c := range held {
		c.Close()
	}
	for until := time.Now().Add(5 * time.Second); ; {
		c, err := net.Dial("tcp", relay.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		answered := echoes(c)
		c.Close()
		if answered {
			break
		}
		if time.Now().After(until) {
			t.Fatal("it relays no more")
		}
	}
}
