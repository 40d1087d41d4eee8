package web

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"sekisho/filter/gate"
	"sekisho/filter/link"
	"sekisho/filter/quarantine"
	"sekisho/filter/web/account"
)

// Store is what the pages need of a quarantine. It is a part of quarantine.Store.
type Store interface {
	Find(ctx context.Context, f quarantine.Filter) (quarantine.Page, error)
	Show(ctx context.Context, id string) ([]quarantine.Item, error)
	Message(ctx context.Context, id string) ([]byte, error)
	Release(ctx context.Context, id string, o quarantine.ReleaseOptions) ([]quarantine.Item, error)
	Mark(ctx context.Context, id string, k quarantine.Kind, by string) ([]quarantine.Item, error)
	Erase(ctx context.Context, id string) (quarantine.Erasure, error)

	ReportOf(ctx context.Context, id string) (quarantine.Report, error)
	Reports(ctx context.Context, f quarantine.ReportFilter) ([]quarantine.Report, error)
	DropReport(ctx context.Context, id, by string) (quarantine.Report, error)

	IsSpent(ctx context.Context, link string) (bool, error)
	Spend(ctx context.Context, link, action string, expires time.Time) (quarantine.Use, error)
	Spent(ctx context.Context, link, action string, expires time.Time) error
	Unspend(ctx context.Context, link string) error
}

// Options are what a Server is made of.
type Options struct {
	Store      Store
	Dir        string                           // of users.json and audit.jsonl
	Journal    string                           // folder of the journal; "" where nothing is recorded
	Set        func() *gate.Set                 // policies and brands of the moment
	Release    func() quarantine.ReleaseOptions // where released messages go at the moment; without Addr nowhere
	Log        *zap.Logger
	Registerer prometheus.Registerer // nil keeps the metrics to ourselves
	TLS        *tls.Config           // nil: something in front of us speaks TLS
	Now        func() time.Time      // nil is time.Now
	Provider   *Provider             // nil: who logs in has a password
	Campaigns  Campaigns             // nil: nobody watches for them
	Reports    Reports               // nil: none are made
	Links      *link.Keys            // of links in mail to recipients; nil: none are followed
}

// Server serves the pages and the API.
type Server struct {
	opt      Options
	users    *account.Book
	sessions *sessions
	tries    *tries
	audit    *audit
	journal  *lazyJournal
	charts   *charts
	pages    *pages
	reading  chan struct{} // holds a token for each message that is being read
	metrics  *metrics
	provider *provider // nil for none
	refused  refusals  // links
	http     http.Server
}

// New makes a server. It listens nowhere until Serve.
func New(o Options) (*Server, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = zap.NewNop()
	}
	s := &Server{
		opt: o, users: account.Open(o.Dir, o.Now), sessions: newSessions(o.Now), tries: newTries(o.Now),
		audit: &audit{path: filepath.Join(o.Dir, "audit.jsonl"), now: o.Now}, journal: &lazyJournal{dir: o.Journal}, charts: newCharts(o.Now),
	}
	s.reading = make(chan struct{}, maxReading)
	if o.Provider != nil {
		s.provider = newProvider(*o.Provider, o.Now)
	}
	var err error
	if o.Links != nil {
		// What is done by a link is written down, also where nobody has an account.
		if err = os.MkdirAll(o.Dir, 0o700); err != nil {
			return nil, fmt.Errorf("audit log: %w", err)
		}
	}
	if s.pages, err = newPages(); err != nil {
		return nil, fmt.Errorf("web pages: %w", err)
	}
	if s.metrics, err = newMetrics(o.Registerer); err != nil {
		return nil, err
	}
	s.http = http.Server{
		Handler:           s.Handler(),
		TLSConfig:         o.TLS,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      10 * time.Minute, // a release waits for the server that takes it
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    maxHeaders,
		ErrorLog:          zap.NewStdLog(o.Log),
	}
	return s, nil
}

// Serve answers on l until Close.
func (s *Server) Serve(l net.Listener) error {
	if s.opt.TLS != nil {
		return s.http.ServeTLS(l, "", "")
	}
	return s.http.Serve(l)
}

// Close lets requests under way finish until ctx ends: a release that is cut short
// leaves an item of which nobody knows whether it was sent.
func (s *Server) Close(ctx context.Context) {
	if s.http.Shutdown(ctx) != nil {
		_ = s.http.Close()
	}
	s.journal.close()
}
