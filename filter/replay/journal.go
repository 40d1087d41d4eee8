package replay

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"time"
)

// journalVersion is the form of the state files that this program writes.
const journalVersion = 1

// ErrOtherSettings means that a state file was made with other settings, policies
// or brands, so that its outcomes and new ones could not stand side by side. The
// caller names another file, or removes this one.
var ErrOtherSettings = errors.New("the state file is of a run with other settings")

// journalHead is the first line of a state file.
type journalHead struct {
	Version  int    `json:"sekisho_replay"`
	Settings string `json:"settings"`
}

// journal keeps outcomes in a state file, one line each.
type journal struct {
	file *os.File
}

// openJournal opens or begins a state file. Each outcome in it goes to resumed. A
// last line that a killed run left unfinished is cut off.
func openJournal(path, settings string, resumed func(Outcome) error) (*journal, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("state: %w", err)
	}
	j := &journal{file: f}
	if err := j.restore(settings, resumed); err != nil {
		return nil, errors.Join(fmt.Errorf("state: %s: %w", path, err), f.Close())
	}
	return j, nil
}

func (j *journal) restore(settings string, resumed func(Outcome) error) error {
	r := bufio.NewReaderSize(j.file, 1<<20)
	whole := int64(0)
	for number := 1; ; number++ {
		line, err := wholeLine(r)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
		if number == 1 {
			err = checkHead(line, settings)
		} else {
			err = restoreLine(line, resumed)
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
		whole += int64(len(line))
	}
	if err := j.file.Truncate(whole); err != nil {
		return err
	}
	if _, err := j.file.Seek(whole, io.SeekStart); err != nil {
		return err
	}
	if whole > 0 {
		return nil
	}
	head, err := json.Marshal(journalHead{Version: journalVersion, Settings: settings})
	if err != nil {
		return err
	}
	_, err = j.file.Write(append(head, '\n'))
	return err
}

// wholeLine reads a line with its end; io.EOF is the end of the file or of a line
// without one.
func wholeLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		piece, err := r.ReadSlice('\n')
		if line = append(line, piece...); len(line) > MaxStateLine {
			return nil, fmt.Errorf("is longer than %d bytes", MaxStateLine)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}

func checkHead(line []byte, settings string) error {
	var head journalHead
	if err := json.Unmarshal(line, &head); err != nil || head.Version != journalVersion {
		return fmt.Errorf("this is no state file of version %d", journalVersion)
	}
	if head.Settings != settings {
		return ErrOtherSettings
	}
	return nil
}

func restoreLine(line []byte, resumed func(Outcome) error) error {
	var o Outcome
	if err := json.Unmarshal(line, &o); err != nil {
		return err
	}
	return resumed(o)
}

// add writes an outcome. It is with the kernel when add returns, so that a killed
// run loses none that was told.
func (j *journal) add(o *Outcome) error {
	var line bytes.Buffer
	if err := writeLine(&line, o); err != nil {
		return err
	}
	if _, err := j.file.Write(line.Bytes()); err != nil {
		return fmt.Errorf("state: %w", err)
	}
	return nil
}

func (j *journal) close() error { return errors.Join(j.file.Sync(), j.file.Close()) }

// settings is a digest of all that an outcome depends on, but for the mail:
// program, policies, brands and source of proof.
func settings(opt *Options, j *judge) string {
	h := sha256.New()
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" || s.Key == "vcs.modified" {
				fmt.Fprintln(h, s.Key, s.Value)
			}
		}
	}
	fmt.Fprintln(h, opt.Source, opt.Recipient, opt.Against != "")
	// A digest takes every byte: Explain can't fail. Which forwarders have expired
	// meanwhile is left out: a run over midnight goes on.
	_ = j.gate.Set().Policies.For(opt.Recipient).Explain(h, time.Time{})
	if j.against != nil {
		_ = j.against.For(opt.Recipient).Explain(h, time.Time{})
	}
	for b := range j.gate.Set().Brands.All() {
		fmt.Fprintf(h, "%+v\n", *b)
	}
	return hex.EncodeToString(h.Sum(nil))
}
