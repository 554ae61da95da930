// Command fetch is the probe image's wget and curl: it gets one URL and prints the body. It knows the options that
// tests use (-q -O FILE -T SECONDS --no-check-certificate; -s -f -k -o FILE -m SECONDS) and refuses the rest.
// busybox's own wget crashes on -T.
package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

type request struct {
	url      string
	output   string // a file, or "-"
	timeout  time.Duration
	insecure bool
	failing  bool // an HTTP error is an error
	quiet    bool
}

func main() {
	r, err := parse(filepath.Base(os.Args[0]), os.Args[1:])
	if err == nil {
		err = r.run()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, filepath.Base(os.Args[0])+":", err)
		os.Exit(1)
	}
}

func parse(name string, args []string) (request, error) {
	curl := name == "curl"
	r := request{output: "-", timeout: 30 * time.Second, failing: !curl, quiet: curl}
	if !curl {
		r.output = ""
	}
	// next returns an option's value, glued on (-T5, --timeout=5) or the argument after it.
	next := func(glued string) (string, error) {
		if glued != "" {
			return strings.TrimPrefix(glued, "="), nil
		}
		if len(args) == 0 {
			return "", errors.New("an option lacks its value")
		}
		value := args[0]
		args = args[1:]
		return value, nil
	}
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		if strings.HasPrefix(arg, "--") {
			option, value, _ := strings.Cut(arg, "=")
			if err := r.long(option, value, next); err != nil {
				return r, err
			}
			continue
		}
		if !strings.HasPrefix(arg, "-") || arg == "-" {
			r.url = arg
			continue
		}
		for flags := arg[1:]; flags != ""; {
			flag := flags[0]
			flags = flags[1:]
			taken, err := r.short(flag, curl, flags, next)
			if err != nil {
				return r, err
			}
			if taken {
				break
			}
		}
	}
	if r.url == "" {
		return r, errors.New("no URL given")
	}
	if !strings.Contains(r.url, "://") {
		r.url = "http://" + r.url
	}
	if r.output == "" {
		if r.output = path.Base(r.url); strings.HasSuffix(r.url, "/") || strings.Count(r.url, "/") < 3 {
			r.output = "index.html"
		}
	}
	return r, nil
}

func (r *request) long(option, value string, next func(string) (string, error)) (err error) {
	switch option {
	case "--no-check-certificate", "--insecure":
		r.insecure = true
	case "--quiet", "--silent":
		r.quiet = true
	case "--fail":
		r.failing = true
	case "--show-error", "--location":
	case "--spider":
		r.output = os.DevNull
	case "--timeout", "--max-time", "--connect-timeout":
		return r.within(next(value))
	case "--output-document", "--output":
		r.output, err = next(value)
	default:
		err = fmt.Errorf("unknown option %s", option)
	}
	return err
}

// short reads one letter; taken says that it used up the rest of its argument.
func (r *request) short(flag byte, curl bool, rest string, next func(string) (string, error)) (taken bool, err error) {
	switch {
	case flag == 'q' && !curl, flag == 's' && curl:
		r.quiet = true
	case flag == 'f' && curl:
		r.failing = true
	case flag == 'k' && curl:
		r.insecure = true
	case (flag == 'S' || flag == 'L') && curl:
	case flag == 'T' && !curl, flag == 'm' && curl:
		return true, r.within(next(rest))
	case flag == 'O' && !curl, flag == 'o' && curl:
		r.output, err = next(rest)
		return true, err
	default:
		err = fmt.Errorf("unknown option -%c", flag)
	}
	return false, err
}

func (r *request) within(value string, err error) error {
	if err != nil {
		return err
	}
	seconds, err := strconv.ParseFloat(value, 64)
	if err != nil || seconds <= 0 {
		return fmt.Errorf("%q is no number of seconds", value)
	}
	r.timeout = time.Duration(seconds * float64(time.Second))
	return nil
}

func (r request) run() error {
	client := &http.Client{
		Timeout:   r.timeout,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: r.insecure}},
	}
	response, err := client.Get(r.url)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if r.failing && response.StatusCode >= 400 {
		return fmt.Errorf("server answered %s", response.Status)
	}
	out := os.Stdout
	if r.output != "-" {
		if out, err = os.Create(r.output); err != nil {
			return err
		}
		defer out.Close()
	}
	if _, err = io.Copy(out, response.Body); err == nil && !r.quiet && r.output != "-" {
		fmt.Fprintf(os.Stderr, "%s: %s\n", r.output, response.Status)
	}
	return err
}
