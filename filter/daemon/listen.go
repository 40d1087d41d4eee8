package daemon

import (
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"time"

	"github.com/coreos/go-systemd/v22/activation"

	"sekisho/filter/config"
)

// sockets are what the daemon listens on.
type sockets struct {
	milter []net.Listener
	admin  net.Listener // nil when switched off
}

func (s *sockets) close() {
	for _, l := range s.milter {
		l.Close()
	}
	if s.admin != nil {
		s.admin.Close()
	}
}

// listen opens the sockets of the settings. Sockets that the service manager
// hands over take their place: one named "admin" is for HTTP, all others are for
// milters.
func listen(cfg config.Config) (_ *sockets, err error) {
	s := &sockets{}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	given, err := activation.ListenersWithNames()
	if err != nil {
		return nil, fmt.Errorf("sockets from the service manager: %w", err)
	}
	for name, listeners := range given {
		for _, l := range listeners {
			switch {
			case l == nil: // a descriptor that is no stream socket
			case name == "admin" && s.admin == nil:
				s.admin = l
			default:
				s.milter = append(s.milter, l)
			}
		}
	}
	if len(s.milter) == 0 {
		for _, at := range cfg.Listen {
			l, err := open(at)
			if err != nil {
				return nil, err
			}
			s.milter = append(s.milter, l)
		}
	}
	if s.admin == nil && cfg.Admin.Listen != "" {
		if s.admin, err = net.Listen("tcp", cfg.Admin.Listen); err != nil {
			return nil, fmt.Errorf("admin: %w", err)
		}
	}
	return s, nil
}

func open(at config.Listen) (net.Listener, error) {
	if at.Network == "unix" {
		if err := removeStale(at.Address); err != nil {
			return nil, err
		}
	}
	l, err := net.Listen(at.Network, at.Address)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	if at.Network == "unix" {
		if err := os.Chmod(at.Address, at.Mode); err != nil {
			l.Close()
			return nil, fmt.Errorf("listen: %w", err)
		}
	}
	return l, nil
}

// removeStale removes a unix socket that nobody listens on any more, as a killed
// daemon leaves it. A socket that answers belongs to somebody else.
func removeStale(path string) error {
	info, err := os.Lstat(path)
	if err != nil || info.Mode()&os.ModeSocket == 0 {
		return nil // nothing there, or not ours to remove: net.Listen will tell
	}
	conn, err := net.DialTimeout("unix", path, time.Second)
	if err == nil {
		conn.Close()
		return fmt.Errorf("listen: %s is in use by another process", path)
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Errorf("listen: %w", err)
	}
	return os.Remove(path)
}
