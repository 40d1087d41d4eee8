package servers

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// S3 is a running server that speaks S3: versitygw, over a folder.
type S3 struct {
	KeyFile string // access key and secret key

	dir, address string
	program      string
	keys         [2]string
	process      *process
}

// Present is ErrAbsent when one of the servers is not installed.
func Present() error {
	_, err1 := programs()
	_, err2 := gateway()
	return errors.Join(err1, err2)
}

// StartS3 starts a server on a port of this host that is free.
func StartS3(address string) (_ *S3, err error) {
	s := &S3{address: address, keys: [2]string{rand.Text(), rand.Text()}}
	if s.program, err = gateway(); err != nil {
		return nil, err
	}
	if s.dir, err = os.MkdirTemp("", "s3"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(s.dir))
		}
	}()
	s.KeyFile = filepath.Join(s.dir, "keys")
	if err := os.WriteFile(s.KeyFile, []byte(s.keys[0]+"\n"+s.keys[1]+"\n"), 0o600); err != nil {
		return nil, err
	}
	for _, name := range []string{"root", "meta"} {
		if err := os.Mkdir(filepath.Join(s.dir, name), 0o700); err != nil {
			return nil, err
		}
	}
	return s, s.Start()
}

// gateway finds the program that `make out/versitygw` builds.
func gateway() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; ; dir = filepath.Dir(dir) {
		path := filepath.Join(dir, "out", "versitygw")
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			return path, nil
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	path, err := exec.LookPath("versitygw")
	if err != nil {
		return "", fmt.Errorf("versitygw (make out/versitygw builds it): %w", ErrAbsent)
	}
	return path, nil
}

// Start starts the server again after Kill.
func (s *S3) Start() (err error) {
	s.process, err = run(filepath.Join(s.dir, "log"), "KILL", []string{"ROOT_ACCESS_KEY=" + s.keys[0], "ROOT_SECRET_KEY=" + s.keys[1]}, nil,
		s.program, "--port", s.address, "--quiet", "posix", "--sidecar", filepath.Join(s.dir, "meta"), filepath.Join(s.dir, "root"))
	if err != nil {
		return err
	}
	return s.process.until(func() error {
		c, err := net.Dial("tcp", s.address)
		if err != nil {
			return err
		}
		return c.Close()
	})
}

// Keys are the access key and the secret key.
func (s *S3) Keys() (access, secret string) { return s.keys[0], s.keys[1] }

// Kill ends the server at once.
func (s *S3) Kill() { s.process.kill() }

// Close ends the server and removes all that it had.
func (s *S3) Close() error {
	s.process.stop()
	return os.RemoveAll(s.dir)
}

// NewBucket makes an empty bucket and returns its address and its folder.
func (s *S3) NewBucket() (address, dir string, err error) {
	name := "t" + strings.ToLower(rand.Text())
	dir = filepath.Join(s.dir, "root", name)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", "", err
	}
	return "s3://" + name + "/held?" + url.Values{"endpoint": {"http://" + s.address}}.Encode(), dir, nil
}
