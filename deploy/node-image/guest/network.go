package main

// A person's network in a node: a loopback of their own, and one way out by which the node shows them its API and DNS and
// nothing else. Pods, Services and what is outside answer as they do to the node itself; nobody reaches a person.

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"labyard.dev/node-image/container"
)

const (
	// Interfaces of the node that lead to people; the rest of a name is the uid.
	linkPrefix = "guest"
	// Addresses of people, by their number in the cluster.
	guestNetwork = "10.44.0.0/16"
	firstAddress = uint32(10<<24 | 44<<16 | 1)
	mostGuests   = 1<<16 - 2
	// The cluster's DNS, and the node's own where that does not answer.
	dnsAddress = "10.43.0.10"
	resolvConf = base + "/resolv.conf"
	apiPort    = "6443"
)

// prepareNode is done once in each life of a node: at its boot, or where its init is not ours before the first person comes.
func prepareNode() error {
	if err := rootFolder(base, 0, 0o711); err != nil {
		return err
	}
	address, err := container.Address()
	if err != nil {
		return err
	}
	if err := restoreRules(rules()); err != nil {
		return err
	}
	names := fmt.Sprintf("nameserver %s\nnameserver %s\nsearch svc.cluster.local cluster.local\n", dnsAddress, address)
	return os.WriteFile(resolvConf, []byte(names), 0o644)
}

func isPrepared() bool {
	_, err := os.Lstat(resolvConf)
	return err == nil
}

// rules of the node: in iptables-restore's words, added to what is there.
func rules() string {
	from, to := "-i "+linkPrefix+"+", "-o "+linkPrefix+"+"
	return strings.Join([]string{
		"*filter",
		":LABYARD-FROM-GUESTS - [0:0]",
		"-A LABYARD-FROM-GUESTS -p tcp --dport " + apiPort + " -j ACCEPT",
		"-A LABYARD-FROM-GUESTS -p udp --dport 53 -j ACCEPT",
		"-A LABYARD-FROM-GUESTS -p tcp --dport 53 -j ACCEPT",
		// What a Service leads to here was put there for all.
		"-A LABYARD-FROM-GUESTS -m conntrack --ctstate DNAT -j ACCEPT",
		"-A LABYARD-FROM-GUESTS -j REJECT",
		":LABYARD-TO-GUESTS - [0:0]",
		"-A LABYARD-TO-GUESTS -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT",
		"-A LABYARD-TO-GUESTS -j REJECT",
		"-I INPUT " + from + " -j LABYARD-FROM-GUESTS",
		"-I FORWARD " + to + " -j LABYARD-TO-GUESTS",
		"-I OUTPUT " + to + " -j LABYARD-TO-GUESTS",
		"COMMIT",
		// Before the cluster's own rules, which let through what a Service marks.
		"*mangle",
		"-A FORWARD " + to + " -m conntrack ! --ctstate ESTABLISHED,RELATED -j DROP",
		"COMMIT",
		"*nat",
		"-A POSTROUTING -s " + guestNetwork + " -j MASQUERADE",
		"COMMIT", "",
	}, "\n")
}

func restoreRules(rules string) error {
	program, err := findProgram("iptables-restore")
	if err != nil {
		return err
	}
	restore := exec.Command(program, "--noflush", "--wait=10")
	restore.Stdin = strings.NewReader(rules)
	if said, err := restore.CombinedOutput(); err != nil {
		return fmt.Errorf("closing the node to guests: %w: %s", err, strings.TrimSpace(string(said)))
	}
	return nil
}

// findProgram looks where nodes have such programs: ours, and pulled ones of k3s.
func findProgram(name string) (string, error) {
	for _, folder := range []string{"/usr/sbin", "/sbin", "/bin", "/bin/aux"} {
		if path, err := exec.LookPath(filepath.Join(folder, name)); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("there is no %s", name)
}

func networkOf(uid int) string { return filepath.Join(base, "networks", strconv.Itoa(uid)) }

// joinNetwork makes a person's network, or finds it. One that was cut off in the making is made anew.
func joinNetwork(uid int) error {
	if err := rootFolder(base+"/networks", 0, 0o700); err != nil {
		return err
	}
	unlock, err := lock(base + "/guests.lock")
	if err != nil {
		return err
	}
	defer unlock()
	if !isPrepared() {
		if err := prepareNode(); err != nil {
			return err
		}
	}
	at, made := networkOf(uid), networkOf(uid)+".made"
	if _, err := os.Lstat(made); err == nil {
		return nil
	}
	name := linkPrefix + strconv.Itoa(uid)
	if link, err := netlink.LinkByName(name); err == nil {
		_ = netlink.LinkDel(link)
	}
	_ = unix.Unmount(at, unix.MNT_DETACH)
	if err := os.WriteFile(at, nil, 0o400); err != nil {
		return err
	}
	if err := connect(at, name, uid); err != nil {
		return fmt.Errorf("making the network of %d: %w", uid, err)
	}
	return os.WriteFile(made, nil, 0o400)
}

// connect makes a network at a path, with one link to the node.
func connect(at, name string, uid int) error {
	number := uid - firstUID
	if number >= mostGuests {
		return fmt.Errorf("a node has at most %d guests", mostGuests)
	}
	gateway, err := container.Address()
	if err != nil {
		return err
	}
	there, err := newNetwork(at)
	if err != nil {
		return err
	}
	defer there.Close()
	host := netlink.NewLinkAttrs()
	host.Name = name
	pair := &netlink.Veth{LinkAttrs: host, PeerName: "eth0", PeerNamespace: netlink.NsFd(int(there.Fd()))}
	if err := netlink.LinkAdd(pair); err != nil {
		return err
	}
	address := firstAddress + uint32(number)
	own := &net.IPNet{IP: net.IPv4(byte(address>>24), byte(address>>16), byte(address>>8), byte(address)).To4(), Mask: net.CIDRMask(32, 32)}
	// No rule of the node's is for IPv6, so the link has none; nor has a kernel that lacks it.
	if err := os.WriteFile("/proc/sys/net/ipv6/conf/"+name+"/disable_ipv6", []byte("1"), 0); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := netlink.LinkSetUp(pair); err != nil {
		return err
	}
	if err := netlink.RouteAdd(&netlink.Route{LinkIndex: pair.Index, Dst: own, Scope: netlink.SCOPE_LINK}); err != nil {
		return err
	}
	return inNetwork(there, func() error {
		loopback, err := netlink.LinkByName("lo")
		if err != nil {
			return err
		}
		if err := netlink.LinkSetUp(loopback); err != nil {
			return err
		}
		link, err := netlink.LinkByName("eth0")
		if err != nil {
			return err
		}
		if err := netlink.AddrAdd(link, &netlink.Addr{IPNet: own}); err != nil {
			return err
		}
		if err := netlink.LinkSetUp(link); err != nil {
			return err
		}
		return netlink.RouteAdd(&netlink.Route{LinkIndex: link.Attrs().Index, Gw: gateway, Flags: int(netlink.FLAG_ONLINK)})
	})
}

// newNetwork makes one and keeps it at a path.
func newNetwork(at string) (*os.File, error) {
	failed := make(chan error)
	go func() {
		// The thread is not given back, so it ends with this function.
		runtime.LockOSThread()
		err := unix.Unshare(unix.CLONE_NEWNET)
		if err == nil {
			err = unix.Mount("/proc/thread-self/ns/net", at, "", unix.MS_BIND, "")
		}
		failed <- err
	}()
	if err := <-failed; err != nil {
		return nil, err
	}
	return os.Open(at)
}

// inNetwork does something in it.
func inNetwork(network *os.File, work func() error) error {
	failed := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := unix.Setns(int(network.Fd()), unix.CLONE_NEWNET)
		if err == nil {
			err = work()
		}
		failed <- err
	}()
	return <-failed
}

// enterNetwork moves this thread, and what it starts.
func enterNetwork(uid int) error {
	network, err := os.OpenFile(networkOf(uid), os.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer network.Close()
	return unix.Setns(int(network.Fd()), unix.CLONE_NEWNET)
}
