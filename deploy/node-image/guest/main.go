// Command guest is how a person is in a node's container: with a home, a network and a process tree of their own, and no
// way from there to the node's. It runs as root until the person's command begins, and opens nothing that a person owns.
//
//	guest node                          at a boot: closes the node to its guests
//	guest place UID                     makes somebody's place, or finds it; their kubeconfig is read from stdin
//	guest run ID CLASS UID SECONDS -- WORDS…
//	                                    runs a command there, of an owner or a guest, with a name by which it can be ended
//	guest end ID                        ends everything of a command, also one that only begins
package main

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"time"
)

const (
	// Below it: homes and credentials by uid, and folders of root's. The node's own are elsewhere, closed to all.
	base = "/run/guests"
	// A person's uid is the first one and their number in the cluster.
	firstUID = 20000
	// What place says last: commands are to be run by this program.
	ready = "guest"
)

var commandName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)

func main() {
	code, err := do(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "guest:", err)
	}
	os.Exit(code)
}

func do(words []string) (int, error) {
	verb := ""
	if len(words) > 0 {
		verb, words = words[0], words[1:]
	}
	switch {
	case verb == "node" && len(words) == 0:
		return failure(prepareNode())
	case verb == "place" && len(words) == 1:
		uid, err := readUID(words[0])
		if err == nil {
			err = makePlace(base, uid, os.Stdin)
		}
		if err == nil {
			err = joinNetwork(uid)
		}
		if err == nil {
			fmt.Println(ready)
		}
		return failure(err)
	case verb == "run" && len(words) > 5 && words[4] == "--":
		c, err := readCommand(words[:3], words[5:])
		seconds, errSeconds := strconv.ParseUint(words[3], 10, 31)
		if err != nil || errSeconds != nil {
			return 125, fmt.Errorf("run takes a name, owner or guest, a uid from %d, and seconds", firstUID)
		}
		return run(c, time.Duration(seconds)*time.Second)
	case verb == insideVerb && len(words) > 3:
		c, err := readCommand(words[:3], words[3:])
		if err != nil {
			return 125, err
		}
		return inside(c)
	case verb == "end" && len(words) == 1 && commandName.MatchString(words[0]):
		return failure(end(words[0]))
	}
	return 125, fmt.Errorf("usage: guest node | place UID | run ID CLASS UID SECONDS -- WORDS… | end ID")
}

func failure(err error) (int, error) {
	if err != nil {
		return 1, err
	}
	return 0, nil
}

func readCommand(who, words []string) (command, error) {
	uid, err := readUID(who[2])
	if _, known := classes[who[1]]; err == nil && (!known || !commandName.MatchString(who[0])) {
		err = fmt.Errorf("%q is no name of a command, or %q no class of people", who[0], who[1])
	}
	return command{who[0], who[1], uid, words}, err
}

func readUID(word string) (int, error) {
	uid, err := strconv.Atoi(word)
	if err != nil || uid < firstUID {
		return 0, fmt.Errorf("%q is no guest's uid", word)
	}
	return uid, nil
}
