package daemon

import (
	"context"
	"crypto/tls"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"sekisho/filter/config"
	"sekisho/filter/link"
	"sekisho/filter/quarantine"
	"sekisho/filter/web"
)

// webTime is how long the end waits for requests of people. A release that is cut
// short leaves an item of which nobody knows whether it was sent.
const webTime = 10 * time.Second

// newWeb is the server of the pages and the API; nil when it is switched off.
func (d *Daemon) newWeb(cfg config.Config) (*web.Server, error) {
	if cfg.Web.Listen == "" {
		return nil, nil
	}
	o := web.Options{
		Store: d.store, Dir: WebDir(cfg), Set: d.set, Log: d.log.Named("web"), Registerer: d.registry,
		Campaigns: d.claims,
		Release:   func() quarantine.ReleaseOptions { return *d.release.Load() },
		Reports:   d.reports,
	}
	var err error
	if o.Links, err = link.Open(cfg.LinkKey()); err != nil {
		return nil, err
	}
	if cfg.Journal.Keep > 0 {
		o.Journal = cfg.Journal.Dir
	}
	if p := cfg.Web.OIDC; p.Issuer != "" {
		o.Provider = &web.Provider{Issuer: p.Issuer, ClientID: p.ClientID, URL: p.URL}
		if p.SecretFile != "" {
			secret, err := os.ReadFile(p.SecretFile)
			if err != nil {
				return nil, fmt.Errorf("web.oidc.secret_file: %w", err)
			}
			o.Provider.Secret = strings.TrimSpace(string(secret))
		}
	}
	if cfg.Web.Certificate != "" {
		pair := &certificate{cert: cfg.Web.Certificate, key: cfg.Web.Key}
		if _, err := pair.current(nil); err != nil {
			return nil, fmt.Errorf("web.certificate: %w", err)
		}
		o.TLS = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: pair.current}
	}
	return web.New(o)
}

// WebDir is the folder of users and of the audit log.
func WebDir(cfg config.Config) string { return filepath.Join(cfg.StateDir, "web") }

// closeWeb lets requests under way be answered, if they end soon.
func (d *Daemon) closeWeb() {
	if d.web == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), webTime)
	defer cancel()
	d.web.Close(ctx)
}

// certificate is read again when its file changes, as renewals do. One that cannot
// be read leaves the one before in use.
type certificate struct {
	cert, key string

	mu     sync.Mutex
	loaded *tls.Certificate
	stamp  time.Time // of the file
}

func (c *certificate) current(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	info, err := os.Stat(c.cert)
	if err == nil && (c.loaded == nil || !info.ModTime().Equal(c.stamp)) {
		var pair tls.Certificate
		if pair, err = tls.LoadX509KeyPair(c.cert, c.key); err == nil {
			c.loaded, c.stamp = &pair, info.ModTime()
		}
	}
	if c.loaded == nil {
		return nil, err
	}
	return c.loaded, nil
}
