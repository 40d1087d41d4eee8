package s3

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Client speaks to one bucket. Its methods may be called at the same time.
type Client struct {
	place Place
	http  *http.Client
}

// New makes a client; nothing is sent yet.
func New(p Place) *Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	return &Client{place: p, http: &http.Client{
		Transport: transport,
		// A signature holds for one host: whoever sends us elsewhere is not the
		// server that was meant.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Close lets go of idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Error is what a server answered that did not do what it was asked.
type Error struct {
	Status int    // of HTTP
	Text   string // what the server says about it, cut
}

func (e *Error) Error() string {
	return "object store answers " + strconv.Itoa(e.Status) + ": " + strconv.Quote(e.Text)
}

// Is tells of an object that is not there as fs.ErrNotExist. A bucket that is not
// there is a mistake of the settings, and never means that an object is gone.
func (e *Error) Is(target error) bool {
	return target == fs.ErrNotExist && e.Status == http.StatusNotFound && !bytes.Contains([]byte(e.Text), []byte("NoSuchBucket"))
}

// Put stores an object. The server has it when there is no error.
func (c *Client) Put(ctx context.Context, key string, content []byte) error {
	answer, err := c.do(ctx, http.MethodPut, key, nil, content)
	if err != nil {
		return fmt.Errorf("put %s: %w", key, err)
	}
	return answer.Body.Close()
}

// Get opens an object for reading.
func (c *Client) Get(ctx context.Context, key string) (io.ReadCloser, error) {
	answer, err := c.do(ctx, http.MethodGet, key, nil, nil)
	if err != nil {
		return nil, fmt.Errorf("get %s: %w", key, err)
	}
	return answer.Body, nil
}

// Has reports whether an object is there. It asks by a list of one, since the
// answer to HEAD has no text and can't tell a missing object from a missing bucket.
func (c *Client) Has(ctx context.Context, key string) (bool, error) {
	page, err := c.page(ctx, url.Values{"list-type": {"2"}, "max-keys": {"1"}, "prefix": {key}})
	return err == nil && len(page.Contents) > 0 && page.Contents[0].Key == key, err
}

// Delete removes an object for good. It is no error when there is none.
func (c *Client) Delete(ctx context.Context, key string) error {
	answer, err := c.do(ctx, http.MethodDelete, key, nil, nil)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("delete %s: %w", key, err)
	}
	return answer.Body.Close()
}

// Object is what a list tells of an object.
type Object struct {
	Key      string
	Modified time.Time `xml:"LastModified"`
	Size     int64
}

// page is one answer to a list.
type page struct {
	Contents    []Object
	IsTruncated bool
	Next        string `xml:"NextContinuationToken"`
}

// List calls each for the objects whose keys begin with prefix.
func (c *Client) List(ctx context.Context, prefix string, each func(Object) error) error {
	query := url.Values{"list-type": {"2"}, "prefix": {prefix}}
	for {
		p, err := c.page(ctx, query)
		if err != nil {
			return err
		}
		for _, o := range p.Contents {
			if err := each(o); err != nil {
				return err
			}
		}
		if !p.IsTruncated {
			return nil
		}
		if p.Next == "" || p.Next == query.Get("continuation-token") {
			return errors.New("list: the server does not say how it goes on")
		}
		query.Set("continuation-token", p.Next)
	}
}

func (c *Client) page(ctx context.Context, query url.Values) (p page, err error) {
	answer, err := c.do(ctx, http.MethodGet, "", query, nil)
	if err != nil {
		return p, fmt.Errorf("list: %w", err)
	}
	defer answer.Body.Close()
	if err := xml.NewDecoder(io.LimitReader(answer.Body, maxAnswer)).Decode(&p); err != nil {
		return p, fmt.Errorf("list: %w", err)
	}
	return p, nil
}

// do sends a request, again when it did not come through, and returns an answer
// that says yes.
func (c *Client) do(ctx context.Context, method, key string, query url.Values, content []byte) (*http.Response, error) {
	sum := sha256.Sum256(content)
	for try := 1; ; try++ {
		answer, err := c.try(ctx, method, key, query, content, hex.EncodeToString(sum[:]))
		var refused *Error
		switch {
		case err == nil:
			return answer, nil
		case try == maxTries || ctx.Err() != nil:
			return nil, err
		case errors.As(err, &refused) && refused.Status < 500 && refused.Status != http.StatusTooManyRequests:
			return nil, err
		}
		select {
		case <-time.After(retryPause << (try - 1)):
		case <-ctx.Done():
			return nil, err
		}
	}
}

func (c *Client) try(ctx context.Context, method, key string, query url.Values, content []byte, sum string) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTime)
	u := *c.place.Endpoint
	u.Path = "/" + c.place.Bucket
	if key != "" {
		u.Path += "/" + key
	}
	u.RawPath, u.RawQuery = escape(u.Path, true), canonicalQuery(query)
	r, err := http.NewRequestWithContext(ctx, method, u.String(), bytes.NewReader(content))
	if err != nil {
		cancel()
		return nil, err
	}
	c.place.sign(r, sum, time.Now())
	answer, err := c.http.Do(r)
	if err != nil {
		cancel()
		return nil, err
	}
	if answer.StatusCode/100 == 2 {
		answer.Body = &body{answer.Body, cancel}
		return answer, nil
	}
	defer cancel()
	defer answer.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(answer.Body, maxError)) // as much as there is
	return nil, &Error{answer.StatusCode, string(text)}
}

// body ends the time of its request when it is closed.
type body struct {
	io.ReadCloser
	cancel context.CancelFunc
}

func (b *body) Close() error {
	defer b.cancel()
	return b.ReadCloser.Close()
}
