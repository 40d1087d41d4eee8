package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
)

// ErrUnreachable says that nobody listens on the socket, or that it may not be
// opened: nothing was asked. Start the daemon, or run as its user or root.
var ErrUnreachable = errors.New("the daemon cannot be reached")

// Ask puts one question to the daemon that listens on the socket. The error is a
// *Failure when the daemon answered that it did not do it, ErrUnreachable when it
// was not asked, and with any other one it is not known what the daemon did.
func Ask[Q, A any](ctx context.Context, socket string, r Request[Q, A], question Q) (answer A, err error) {
	body, err := json.Marshal(question)
	if err != nil {
		return answer, fmt.Errorf("control request: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, maxTime)
	defer cancel()
	// The host is not looked up: every connection goes to the socket.
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://sekisho"+string(r), bytes.NewReader(body))
	if err != nil {
		return answer, fmt.Errorf("control request: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	client := http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			c, err := d.DialContext(ctx, "unix", socket)
			if err != nil {
				return nil, unreachable(socket, err)
			}
			return c, nil
		},
	}}
	resp, err := client.Do(req)
	if err != nil {
		if errors.Is(err, ErrUnreachable) {
			return answer, errors.Unwrap(err) // less the method and address that http puts before it
		}
		return answer, fmt.Errorf("no answer on %s: %w", socket, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return answer, fmt.Errorf("answer on %s: %w", socket, err)
	case len(text) > maxAnswer:
		return answer, fmt.Errorf("answer on %s: more than %d bytes", socket, maxAnswer)
	case resp.StatusCode != http.StatusOK:
		return answer, failure(resp, text)
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return answer, fmt.Errorf("answer on %s: %w", socket, err)
	}
	return answer, nil
}

// unreachable keeps of the net package's error what the socket's path does not
// say already.
func unreachable(socket string, err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	return fmt.Errorf("%w on %s: %v", ErrUnreachable, socket, err)
}

// failure reads an answer that is none. A request that an older daemon does not
// know is answered by the HTTP library, as text.
func failure(resp *http.Response, text []byte) *Failure {
	f := &Failure{Status: resp.StatusCode}
	switch {
	case resp.StatusCode == http.StatusNotFound:
		f.Message = "the daemon that runs does not know this request; is it of another version?"
	case json.Unmarshal(text, f) != nil || f.Message == "":
		f.Message = fmt.Sprintf("the daemon answered %s", resp.Status)
	}
	return f
}
