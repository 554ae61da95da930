package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const (
	tester = 20001
	owner  = 20002
)

// somewhere is a folder in the place of a node's, where only root can be what a node's root is.
func somewhere(t *testing.T) string {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("needs root")
	}
	folder := filepath.Join(t.TempDir(), "guests")
	t.Cleanup(func() {
		for _, uid := range []int{tester, owner} {
			_ = unix.Unmount(homeOf(folder, uid), unix.MNT_DETACH)
			_ = unix.Unmount(tmpOf(folder, uid), unix.MNT_DETACH)
		}
	})
	return folder
}

func place(t *testing.T, base string, uid int, credential string) {
	t.Helper()
	if err := makePlace(base, uid, strings.NewReader(credential)); err != nil {
		t.Fatal(err)
	}
}

func config(base string, uid string) string {
	text, _ := os.ReadFile(filepath.Join(base, "credentials", uid, "config"))
	return string(text)
}

func whose(t *testing.T, path string) [3]uint32 {
	t.Helper()
	var stat unix.Stat_t
	if err := unix.Lstat(path, &stat); err != nil {
		t.Fatal(err)
	}
	return [3]uint32{stat.Uid, stat.Gid, stat.Mode & 0o7777}
}

func TestAPlaceIsItsPersons(t *testing.T) {
	base := somewhere(t)
	place(t, base, tester, "first")
	for path, wanted := range map[string][3]uint32{
		base:                               {0, 0, 0o711},
		base + "/homes":                    {0, 0, 0o711},
		homeOf(base, tester):               {tester, tester, 0o700},
		tmpOf(base, tester):                {tester, tester, 0o700},
		base + "/credentials/20001":        {0, tester, 0o750},
		base + "/credentials/20001/config": {0, tester, 0o440},
	} {
		if got := whose(t, path); got != wanted {
			t.Errorf("%s is %o, not %o", path, got, wanted)
		}
	}
	if err := os.WriteFile(homeOf(base, tester)+"/kept", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	place(t, base, tester, "second")
	if _, err := os.Stat(homeOf(base, tester) + "/kept"); err != nil || config(base, "20001") != "second" {
		t.Error("a second visit does not find what the first made")
	}
}

// Links, pipes and folders at every name that root ever wrote.
func TestRootFollowsNothingOfAGuests(t *testing.T) {
	base := somewhere(t)
	place(t, base, tester, "first")
	place(t, base, owner, "the owner's")
	target := filepath.Join(t.TempDir(), "etc")
	if err := os.Mkdir(target, 0o755); err != nil {
		t.Fatal(err)
	}
	home := homeOf(base, tester)
	for _, class := range []string{"", "..", "all", "guest/x"} {
		if code, _ := do([]string{"run", "name", class, "20001", "5", "--", "true"}); code != 125 {
			t.Errorf("a command is of the class %q", class)
		}
	}
	for _, name := range []string{".config", "config", ".new", "credentials"} {
		if err := os.Symlink(target, filepath.Join(home, name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, class := range []string{"", "..", "all", "guest/x"} {
		if code, _ := do([]string{"run", "name", class, "20001", "5", "--", "true"}); code != 125 {
			t.Errorf("a command is of the class %q", class)
		}
	}
	for _, name := range []string{"kubeconfig", "pipe"} {
		if err := syscall.Mkfifo(filepath.Join(home, name), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	began := time.Now()
	place(t, base, tester, "second")
	if took := time.Since(began); took > time.Second {
		t.Errorf("a pipe held it up for %s", took)
	}
	if made, _ := os.ReadDir(target); len(made) != 0 || whose(t, target)[0] != 0 {
		t.Error("a guest's link was followed")
	}
	if config(base, "20001") != "second" || config(base, "20002") != "the owner's" {
		t.Error("a credential is another's")
	}
}

func TestWhatIsNotTheirFolderIsNoHome(t *testing.T) {
	base := somewhere(t)
	place(t, base, owner, "the owner's")
	for name, plant := range map[string]func(path string) error{
		"a link":   func(path string) error { return os.Symlink(homeOf(base, owner), path) },
		"a file":   func(path string) error { return os.WriteFile(path, nil, 0o644) },
		"anothers": func(path string) error { return unix.Mount("tmpfs", path, "tmpfs", 0, "uid=20002") },
	} {
		home := homeOf(base, tester)
		if name == "anothers" {
			if err := os.Mkdir(home, 0o700); err != nil {
				t.Fatal(err)
			}
		}
		if err := plant(home); err != nil {
			t.Fatal(err)
		}
		err := makePlace(base, tester, strings.NewReader("x"))
		if err == nil || !strings.Contains(err.Error(), "is not a folder of 20001") {
			t.Errorf("%s is taken for a home: %v", name, err)
		}
		_ = unix.Unmount(home, unix.MNT_DETACH)
		if err := os.Remove(home); err != nil {
			t.Fatal(err)
		}
	}
}

func TestACredentialIsBounded(t *testing.T) {
	base := somewhere(t)
	place(t, base, tester, "first")
	long := strings.NewReader(strings.Repeat("x", largestCredential+1))
	if err := makePlace(base, tester, long); err == nil || config(base, "20001") != "first" {
		t.Errorf("a credential without end is taken: %v", err)
	}
}

func TestOnlyGuestsHaveAPlace(t *testing.T) {
	for _, word := range []string{"0", "1000", "19999", "-1", "root", ""} {
		if _, err := readUID(word); err == nil {
			t.Errorf("%q is a guest", word)
		}
		if code, _ := do([]string{"run", "name", "guest", word, "5", "--", "true"}); code != 125 {
			t.Errorf("a command runs as %q", word)
		}
	}
	for _, class := range []string{"", "..", "all", "guest/x"} {
		if code, _ := do([]string{"run", "name", class, "20001", "5", "--", "true"}); code != 125 {
			t.Errorf("a command is of the class %q", class)
		}
	}
	for _, name := range []string{"../x", "a/b", "", ".", strings.Repeat("a", 65)} {
		if code, _ := do([]string{"run", name, "guest", "20001", "5", "--", "true"}); code != 125 {
			t.Errorf("a command is called %q", name)
		}
	}
}

// Whatever guests take, owners have a part beside it: no group of theirs is below one of guests.
func TestOwnersHaveAPartThatGuestsDoNotTake(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root")
	}
	memory, processes := limits()
	for class, parts := range classes {
		c := command{id: "test-" + class, class: class, uid: tester, words: []string{"true"}}
		if err := makeGroups(c); err != nil {
			t.Skip("no control groups here:", err)
		}
		t.Cleanup(func() {
			for _, at := range hierarchies() {
				for group := groupOf(c); group != "."; group = filepath.Dir(group) {
					_ = os.Remove(filepath.Join(at, group))
				}
			}
		})
		person := filepath.Dir(groupOf(c))
		for group, part := range map[string]int64{filepath.Dir(person): parts.ofAll, person: parts.ofOne} {
			if filepath.Base(filepath.Dir(person)) != class {
				t.Errorf("%s is not below the group of its class", group)
			}
			for file, all := range map[string]int64{"pids.max": processes, "memory.limit_in_bytes": memory, "memory.max": memory} {
				for _, at := range hierarchies() {
					text, err := os.ReadFile(filepath.Join(at, group, file))
					if err != nil {
						continue // it is of another hierarchy
					}
					limit, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
					if err != nil || limit > all/part || limit < all/part-1<<16 {
						t.Errorf("%s of %s is %s, not a %dth of %d", file, group, strings.TrimSpace(string(text)), part, all)
					}
				}
			}
		}
	}
	if 1/float64(classes["guest"].ofAll)+1/float64(classes["owner"].ofAll) > 1 {
		t.Error("guests and owners together have more than there is")
	}
}
