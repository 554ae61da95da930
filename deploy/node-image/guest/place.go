package main

// Where a person is: a home and a /tmp of a bounded size that are theirs, and in a folder of root's their credential.
// Root mounts a home once and never touches what is in it: whoever owns a folder decides what its names mean.

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

const (
	largestCredential = 64 << 10
	// A home and a /tmp each hold such a part of the lab's memory, in which they are.
	homeShare    = 32
	smallestHome = 16 << 20
	homeFiles    = 16384
)

func homeOf(base string, uid int) string { return filepath.Join(base, "homes", strconv.Itoa(uid)) }
func tmpOf(base string, uid int) string  { return filepath.Join(base, "tmp", strconv.Itoa(uid)) }

// makePlace makes all of it, or finds it. Only one at a time is at work in a node.
func makePlace(base string, uid int, credential io.Reader) error {
	for _, folder := range []string{base, base + "/homes", base + "/tmp", base + "/credentials"} {
		if err := rootFolder(folder, 0, 0o711); err != nil {
			return err
		}
	}
	unlock, err := lock(base + "/guests.lock")
	if err != nil {
		return err
	}
	defer unlock()
	if err := writeCredential(base, uid, credential); err != nil {
		return err
	}
	memory, _ := limits()
	size := max(memory/homeShare, smallestHome)
	for _, folder := range []string{homeOf(base, uid), tmpOf(base, uid)} {
		if err := mountFolder(folder, uid, size); err != nil {
			return err
		}
	}
	return nil
}

// rootFolder is a folder of root's, whatever umask made it, that a group may pass through.
func rootFolder(folder string, gid int, mode os.FileMode) error {
	if err := os.Mkdir(folder, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	if info, err := os.Lstat(folder); err != nil || !info.IsDir() {
		return fmt.Errorf("%s is not a folder", folder)
	}
	if err := os.Lchown(folder, 0, gid); err != nil {
		return err
	}
	return os.Chmod(folder, mode)
}

func lock(file string) (func(), error) {
	held, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(held.Fd()), syscall.LOCK_EX); err != nil {
		return nil, err
	}
	return func() { _ = held.Close() }, nil
}

// writeCredential puts it in the place of the last one, whole, in a folder that only root writes in.
func writeCredential(base string, uid int, credential io.Reader) error {
	folder := filepath.Join(base, "credentials", strconv.Itoa(uid))
	if err := rootFolder(folder, uid, 0o750); err != nil {
		return err
	}
	text, err := io.ReadAll(io.LimitReader(credential, largestCredential+1))
	if err != nil || len(text) > largestCredential {
		return errors.New("the credential is too large, or was cut off")
	}
	file, written := filepath.Join(folder, "config"), filepath.Join(folder, ".new")
	if err := os.RemoveAll(written); err != nil {
		return err
	}
	if err := os.WriteFile(written, text, 0o400); err != nil {
		return err
	}
	if err := os.Lchown(written, 0, uid); err != nil {
		return err
	}
	if err := os.Chmod(written, 0o440); err != nil {
		return err
	}
	return os.Rename(written, file)
}

// mountFolder is a folder of a bounded size that is a person's from the moment it is there.
func mountFolder(folder string, uid int, size int64) error {
	if err := os.Mkdir(folder, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	var above, there unix.Stat_t
	if err := unix.Lstat(filepath.Dir(folder), &above); err != nil {
		return err
	}
	if err := unix.Lstat(folder, &there); err != nil {
		return err
	}
	if there.Mode&unix.S_IFMT == unix.S_IFDIR && there.Dev == above.Dev {
		options := fmt.Sprintf("size=%d,nr_inodes=%d,mode=0700,uid=%d,gid=%d", size, homeFiles, uid, uid)
		if err := unix.Mount("tmpfs", folder, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, options); err != nil {
			return fmt.Errorf("mounting %s: %w", folder, err)
		}
		if err := unix.Lstat(folder, &there); err != nil {
			return err
		}
	}
	if there.Mode&unix.S_IFMT != unix.S_IFDIR || there.Dev == above.Dev || int(there.Uid) != uid {
		return fmt.Errorf("%s is not a folder of %d", folder, uid)
	}
	return nil
}
