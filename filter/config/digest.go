package config

import (
	"net/url"
	"strings"
	"time"
	_ "time/tzdata" // the image has no files of time zones
)

// checkDigest wants all that a digest needs, once somebody is to get one.
func (c Config) checkDigest(f *Faults) {
	d := c.Digest
	if c.Web.URL != "" {
		at, err := url.Parse(c.Web.URL)
		if err != nil || at.Scheme != "https" || at.Host == "" || strings.Trim(at.Path, "/") != "" || at.RawQuery != "" || at.Fragment != "" || at.User != nil || strings.ContainsAny(c.Web.URL, " <>\"'%") || len(c.Web.URL) > maxURL {
			f.add("web.url", "wants an https address without a path, such as https://mx.example.jp:8443, has %q", c.Web.URL)
		}
	}
	if len(d.Domains) > maxDigestDomains {
		f.add("digest.domains", "has more than %d domains", maxDigestDomains)
		return
	}
	first := map[string]int{}
	for i, one := range d.Domains {
		switch before := first[one.Domain]; {
		case one.Domain == "": // could not be read, which is told already
		case !validHost(one.Domain):
			f.item("digest.domains", i+1, "is not a domain in ASCII letters: %q", one.Domain)
		case before > 0:
			f.item("digest.domains", i+1, "is the same domain as number %d", before)
		default:
			first[one.Domain] = i + 1
		}
	}
	if _, err := time.LoadLocation(d.TimeZone); err != nil {
		f.add("digest.time_zone", "is not a time zone such as Asia/Tokyo: %q", d.TimeZone)
	}
	between(f, "digest.link_life", d.LinkLife, minLinkLife, maxLinkLife)
	if len(d.At) > maxDigestTimes {
		f.add("digest.at", "has more than %d times", maxDigestTimes)
	}
	if d.From != "" {
		if !validSender(d.From) {
			f.add("digest.from", "wants an address, or a name and an address in angle brackets, has %q", d.From)
		}
	}
	if len(d.Domains) == 0 {
		return
	}
	if d.From == "" {
		f.add("digest.from", "is needed for digest.domains")
	}
	if len(d.At) == 0 {
		f.add("digest.at", "is needed for digest.domains")
	}
	if c.Quarantine.ReleaseTo == "" {
		f.add("digest.domains", "needs quarantine.release_to: that is where digests go")
	}
}
