package daemon

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"syscall"
	"time"

	"github.com/coreos/go-systemd/v22/activation"
	"golang.org/x/sys/unix"

	"sekisho/filter/config"
)

// adminName is the FileDescriptorName= of sockets that are for HTTP.
const adminName = "admin"

// controlMode keeps everybody but the daemon's user and root from commanding it.
const controlMode = 0o600

// sockets are what the daemon listens on.
type sockets struct {
	milter  []net.Listener
	admin   []net.Listener // none when switched off
	control net.Listener   // nil when switched off
	web     net.Listener   // nil when switched off
}

func (s *sockets) close() {
	for _, l := range s.milter {
		l.Close()
	}
	for _, l := range s.admin {
		l.Close()
	}
	if s.control != nil {
		s.control.Close()
	}
	if s.web != nil {
		s.web.Close()
	}
}

// listen opens the sockets of the settings. Sockets that the service manager
// hands over take their place: those named "admin" are for HTTP, all others for
// milters.
func listen(cfg config.Config) (_ *sockets, err error) {
	s := &sockets{}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if err := s.adopt(activation.Files(true)); err != nil {
		return nil, err
	}
	if len(s.milter) == 0 {
		for _, at := range cfg.Listen {
			l, err := open(at)
			if err != nil {
				return nil, cannot("listen", at.String(), err)
			}
			s.milter = append(s.milter, l)
		}
	}
	if len(s.admin) == 0 && cfg.Admin.Listen != "" {
		l, err := net.Listen("tcp", cfg.Admin.Listen)
		if err != nil {
			return nil, cannot("admin.listen", "tcp:"+cfg.Admin.Listen, err)
		}
		s.admin = append(s.admin, l)
	}
	if cfg.Control != config.ControlOff {
		if s.control, err = openUnix(cfg.Control, controlMode); err != nil {
			return nil, cannot("control", "unix:"+cfg.Control, err)
		}
	}
	if cfg.Web.Listen != "" {
		if s.web, err = net.Listen("tcp", cfg.Web.Listen); err != nil {
			return nil, cannot("web.listen", "tcp:"+cfg.Web.Listen, err)
		}
	}
	return s, nil
}

// adopt takes over open sockets; it closes files in any case, since a listener
// has a descriptor of its own.
func (s *sockets) adopt(files []*os.File) error {
	var errs []error
	for _, f := range files {
		l, err := net.FileListener(f)
		f.Close()
		if err == nil && l.Addr().Network() != "tcp" && l.Addr().Network() != "unix" {
			err = errors.Join(syscall.EPROTOTYPE, l.Close()) // datagrams: net takes them for a listener
		}
		switch {
		case err != nil:
			errs = append(errs, fmt.Errorf("socket %q of the service manager: %w", f.Name(), err))
		case f.Name() == adminName:
			s.admin = append(s.admin, l)
		default:
			s.milter = append(s.milter, l)
		}
	}
	return errors.Join(errs...)
}

// cannot says which setting asks for the socket; what the net package adds to
// the cause would only say it again.
func cannot(setting, socket string, err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	return fmt.Errorf("cannot listen on %s (setting %s): %w", socket, setting, err)
}

func open(at config.Listen) (net.Listener, error) {
	if at.Network == "unix" {
		return openUnix(at.Address, at.Mode)
	}
	return net.Listen(at.Network, at.Address)
}

// openUnix makes the socket with no more permissions than mode from its first
// moment on: bind(2) gives it those of the descriptor, less the umask.
func openUnix(path string, mode fs.FileMode) (net.Listener, error) {
	if err := removeStale(path); err != nil {
		return nil, err
	}
	var lc net.ListenConfig
	lc.Control = func(_, _ string, c syscall.RawConn) error {
		var chmod error
		err := c.Control(func(fd uintptr) { chmod = unix.Fchmod(int(fd), uint32(mode.Perm())) })
		return errors.Join(err, chmod)
	}
	l, err := lc.Listen(context.Background(), "unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, mode); err != nil { // what the umask took away
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// removeStale removes a unix socket that nobody listens on any more, as a killed
// daemon leaves it. A socket that answers belongs to somebody else.
func removeStale(path string) error {
	info, err := os.Lstat(path)
	if err != nil || info.Mode()&os.ModeSocket == 0 {
		return nil // nothing there, or not ours to remove: to listen will tell
	}
	conn, err := net.DialTimeout("unix", path, time.Second)
	if err == nil {
		conn.Close()
		return errors.New("another process listens there")
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return err
	}
	return os.Remove(path)
}
