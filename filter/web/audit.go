package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"time"
)

// event is one line of the audit log. The field names are an interface.
type event struct {
	Time    time.Time `json:"time"`
	User    string    `json:"user"`
	Role    string    `json:"role,omitempty"`
	Via     string    `json:"via"`  // "web", or "token:" and the token's id
	From    string    `json:"from"` // address of the client
	Action  string    `json:"action"`
	Item    string    `json:"item,omitempty"`
	Outcome string    `json:"outcome"` // "begun", then "done" or "failed"
	Note    string    `json:"note,omitempty"`
}

// errNoFolder says that nobody was ever added, so that there is no folder to write in.
var errNoFolder = errors.New("no folder for the audit log")

// audit is a file that only grows. It is opened for each line, so that whoever
// rotates it needs to tell nobody.
type audit struct {
	path string
	now  func() time.Time
	mu   sync.Mutex
}

// write appends a line and syncs it.
func (a *audit) write(e event) (err error) {
	e.Time = a.now().UTC()
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	f, err := os.OpenFile(a.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if errors.Is(err, os.ErrNotExist) {
		return errNoFolder
	}
	if err != nil {
		return fmt.Errorf("audit log: %w", err)
	}
	_, err = f.Write(append(line, '\n'))
	return errors.Join(err, f.Sync(), f.Close())
}

// last returns the newest events, newest first.
func (a *audit) last() ([]event, error) {
	f, err := os.Open(a.path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	from := max(0, info.Size()-maxAuditRead)
	text, err := io.ReadAll(io.NewSectionReader(f, from, maxAuditRead))
	if err != nil {
		return nil, err
	}
	lines := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	if from > 0 {
		lines = lines[1:] // begins in the middle
	}
	var events []event
	for _, line := range slices.Backward(lines) {
		var e event
		if len(events) == maxShownAudit {
			break
		}
		if json.Unmarshal(line, &e) == nil {
			events = append(events, e)
		}
	}
	return events, nil
}
