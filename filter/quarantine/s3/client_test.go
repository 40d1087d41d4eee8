package s3

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"sekisho/filter/freeport"
	"sekisho/filter/quarantine/servers"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestSignature is the example "GET Object" of the Amazon S3 API Reference,
// without its Range field; the signature was made from its text with openssl.
func TestSignature(t *testing.T) {
	t.Parallel()
	r, err := http.NewRequest(http.MethodGet, "https://examplebucket.s3.amazonaws.com/test.txt", nil)
	if err != nil {
		t.Fatal(err)
	}
	p := Place{Region: "us-east-1", AccessKey: "AKIAIOSFODNN7EXAMPLE", SecretKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}
	p.sign(r, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", time.Date(2013, 5, 24, 0, 0, 0, 0, time.UTC))
	const want = "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, " +
		"SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=df548e2ce037944d03f3e68682813b093763996d597cf890ca3d9037fd231eb4"
	if got := r.Header.Get("Authorization"); got != want {
		t.Error(got)
	}
}

func TestEscape(t *testing.T) {
	t.Parallel()
	if got := escape("/a b/楽~-._+*?", true); got != "/a%20b/%E6%A5%BD~-._%2B%2A%3F" {
		t.Error(got)
	}
	if got := canonicalQuery(url.Values{"prefix": {"a/b c"}, "list-type": {"2"}}); got != "list-type=2&prefix=a%2Fb%20c" {
		t.Error(got)
	}
}

func TestParsePlace(t *testing.T) {
	t.Parallel()
	p, prefix, err := ParsePlace("s3://bucket/a/b/?endpoint=http://127.0.0.1:9000&region=ap-northeast-1")
	if err != nil || p.Bucket != "bucket" || prefix != "a/b" || p.Region != "ap-northeast-1" || p.Endpoint.Host != "127.0.0.1:9000" {
		t.Errorf("%+v, %q, %v", p, prefix, err)
	}
	if p, _, err := ParsePlace("s3://bucket"); err != nil || p.Endpoint.String() != "https://s3.us-east-1.amazonaws.com" {
		t.Errorf("%+v, %v", p, err)
	}
	for _, wrong := range []string{
		"", "http://bucket/", "s3:///prefix", "s3://key:secret@bucket/", "s3://bucket/?secret=x", "s3://bucket/?endpoint=127.0.0.1:9000",
		"s3://bucket/?endpoint=http://host/path", "s3://bucket/?endpoint=http://k:s@host", "s3://bucket/?endpoint=ftp://host", "s3://buck%zzet",
	} {
		if _, _, err := ParsePlace(wrong); err == nil {
			t.Errorf("%q was taken", wrong)
		}
	}
}

// faked is a client of a server that a test makes up.
func faked(t *testing.T, serve http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(serve)
	t.Cleanup(server.Close)
	endpoint, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	c := New(Place{Endpoint: endpoint, Region: "x", Bucket: "b", AccessKey: "a", SecretKey: "s"})
	t.Cleanup(c.Close)
	return c
}

// TestTrouble: what a server may answer, and how often it is asked.
func TestTrouble(t *testing.T) {
	t.Parallel()
	status := func(code int, text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(code)
			io.WriteString(w, text)
		}
	}
	for name, tc := range map[string]struct {
		serve  http.HandlerFunc
		asked  int64
		absent bool
		text   string
	}{
		"busy":     {status(503, "<Code>SlowDown</Code>"), maxTries, false, "503"},
		"full":     {status(507, "no space"), maxTries, false, "no space"},
		"too many": {status(429, ""), maxTries, false, "429"},
		"refused":  {status(403, "<Code>SignatureDoesNotMatch</Code>"), 1, false, "SignatureDoesNotMatch"},
		"sent away": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusTemporaryRedirect)
		}, 1, false, "307"},
		"no bucket":     {status(404, "<Code>NoSuchBucket</Code>"), 1, false, "NoSuchBucket"},
		"no object":     {status(404, "<Code>NoSuchKey</Code>"), 1, true, "404"},
		"long text":     {status(400, strings.Repeat("x", maxError+1)), 1, false, strings.Repeat("x", maxError) + `"`},
		"hangs up":      {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, maxTries, false, "EOF"},
		"text for line": {status(500, "a\r\nb\x1b"), maxTries, false, `a\r\nb\x1b`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int64
			c := faked(t, func(w http.ResponseWriter, r *http.Request) {
				asked.Add(1)
				tc.serve(w, r)
			})
			err := c.Put(t.Context(), "k", []byte("x"))
			if err == nil || !strings.Contains(err.Error(), tc.text) || errors.Is(err, fs.ErrNotExist) != tc.absent {
				t.Error(err)
			}
			if got := asked.Load(); got != tc.asked {
				t.Errorf("asked %d times, want %d", got, tc.asked)
			}
		})
	}
}

func TestSecondTry(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	c := faked(t, func(w http.ResponseWriter, r *http.Request) {
		content, err := io.ReadAll(r.Body)
		if err != nil || string(content) != "content" {
			t.Errorf("%q, %v", content, err)
		}
		if asked.Add(1) == 1 {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	if err := c.Put(t.Context(), "k", []byte("content")); err != nil || asked.Load() != 2 {
		t.Errorf("%v after %d", err, asked.Load())
	}
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	c := faked(t, func(http.ResponseWriter, *http.Request) { cancel(); <-done })
	if err := c.Put(ctx, "k", nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	close(done)
}

// TestListTrouble: answers that are no list, or one that never ends.
func TestListTrouble(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{
		"no XML":        "nonsense",
		"cut":           "<ListBucketResult><Contents><Key>a",
		"not further":   "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
		"in circles":    "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>x</NextContinuationToken></ListBucketResult>",
		"past maxSize":  "<ListBucketResult>" + strings.Repeat(" ", maxAnswer) + "</ListBucketResult>",
		"no time at it": "<ListBucketResult><Contents><Key>a</Key><LastModified>soon</LastModified></Contents></ListBucketResult>",
	} {
		c := faked(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, answer) })
		if err := c.List(t.Context(), "", func(Object) error { return nil }); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	c := faked(t, func(w http.ResponseWriter, _ *http.Request) {
		const end = "</ListBucketResult>"
		io.WriteString(w, "<ListBucketResult>"+strings.Repeat(" ", maxAnswer-len("<ListBucketResult>"+end))+end)
	})
	if err := c.List(t.Context(), "", func(Object) error { return nil }); err != nil {
		t.Errorf("at the limit: %v", err)
	}
}

// TestRealServer: all requests, against a server that checks signatures.
func TestRealServer(t *testing.T) {
	t.Parallel()
	s, err := servers.StartS3(freeport.Take(t))
	if errors.Is(err, servers.ErrAbsent) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	address, _, err := s.NewBucket()
	if err != nil {
		t.Fatal(err)
	}
	place, _, err := ParsePlace(address)
	if err != nil {
		t.Fatal(err)
	}
	place.AccessKey, place.SecretKey = s.Keys()
	c := New(place)
	defer c.Close()

	content := bytes.Repeat([]byte("content\x00"), 1<<17)
	odd := "a b/楽天+~*.zst"
	for range 2 { // the second time changes nothing
		if err := c.Put(t.Context(), odd, content); err != nil {
			t.Fatal(err)
		}
	}
	r, err := c.Get(t.Context(), odd)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	if err = errors.Join(err, r.Close()); err != nil || !bytes.Equal(got, content) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	for key, want := range map[string]bool{odd: true, "a b/楽天": false, "nothing": false} {
		if has, err := c.Has(t.Context(), key); err != nil || has != want {
			t.Errorf("has %q: %v, %v", key, has, err)
		}
	}
	if _, err := c.Get(t.Context(), "nothing"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	const many = 1003 // more than a page
	for i := range many {
		if err := c.Put(t.Context(), fmt.Sprintf("many/%04d", i), nil); err != nil {
			t.Fatal(err)
		}
	}
	n := 0
	err = c.List(t.Context(), "many/", func(o Object) error {
		if want := fmt.Sprintf("many/%04d", n); o.Key != want || time.Since(o.Modified) > time.Hour {
			t.Errorf("%+v, want %s", o, want)
		}
		n++
		return nil
	})
	if err != nil || n != many {
		t.Errorf("%d listed, %v", n, err)
	}
	for range 2 {
		if err := c.Delete(t.Context(), odd); err != nil {
			t.Error(err)
		}
	}
	if has, err := c.Has(t.Context(), odd); err != nil || has {
		t.Errorf("deleted: %v, %v", has, err)
	}

	wrong := place
	wrong.SecretKey += "x"
	c2 := New(wrong)
	defer c2.Close()
	if err := c2.Put(t.Context(), "k", nil); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("wrong key: %v", err)
	}
	wrong = place
	wrong.Bucket += "x"
	c3 := New(wrong)
	defer c3.Close()
	if _, err := c3.Get(t.Context(), "k"); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("wrong bucket: %v", err)
	}
}
