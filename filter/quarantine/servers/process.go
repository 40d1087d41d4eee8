package servers

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// ErrAbsent says that a program is not installed.
var ErrAbsent = errors.New("not installed")

const patience = 30 * time.Second // for a server to come up or to go

// process is a server. It ends when we do, however we end: a shell beside it
// waits for the end of a pipe that we hold.
type process struct {
	cmd   *exec.Cmd
	leash io.Closer
	ended chan struct{}
	log   string // file of what it says
}

// run starts a program; credential is whom it runs as, nil for ourselves, and stop
// the signal that ends it in good order.
func run(log, stop string, env []string, credential *syscall.Credential, program string, args ...string) (*process, error) {
	const script = `log=$1; stop=$2; shift 2; "$@" >>"$log" 2>&1 </dev/null & p=$!; cat >/dev/null; kill -$stop $p 2>/dev/null; wait $p`
	cmd := exec.Command("/bin/sh", append([]string{"-c", script, "sh", log, stop, program}, args...)...)
	cmd.Dir, cmd.Env = filepath.Dir(log), append(os.Environ(), env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: credential, Setpgid: true}
	leash, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, leash: leash, ended: make(chan struct{}), log: log}
	go func() {
		_ = cmd.Wait() // how it ended is in its log
		close(p.ended)
	}()
	return p, nil
}

// until waits for a server to answer.
func (p *process) until(ready func() error) error {
	begin := time.Now()
	for {
		err := ready()
		if err == nil {
			return nil
		}
		select {
		case <-p.ended:
		case <-time.After(20 * time.Millisecond):
			if time.Since(begin) < patience {
				continue
			}
		}
		text, _ := os.ReadFile(p.log)
		return fmt.Errorf("%s does not come up: %w\n%s", p.cmd.Args[6], err, text)
	}
}

func (p *process) stop() {
	p.leash.Close()
	select {
	case <-p.ended:
	case <-time.After(patience):
		_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) // our own group
		<-p.ended
	}
}

// kill ends the whole group at once, as a power cut would, but for the disk.
func (p *process) kill() {
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	<-p.ended
	p.leash.Close()
}
