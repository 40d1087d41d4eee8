package s3

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// Place is a bucket, and who asks for it.
type Place struct {
	Endpoint  *url.URL // scheme and host of the server
	Region    string
	Bucket    string
	AccessKey string
	SecretKey string
}

// ParsePlace reads s3://BUCKET/PREFIX?endpoint=URL&region=NAME. Without a region
// it is us-east-1, without an endpoint Amazon's in that region.
func ParsePlace(address string) (_ Place, prefix string, err error) {
	u, err := url.Parse(address)
	if err != nil {
		return Place{}, "", err
	}
	q := u.Query()
	p := Place{Bucket: u.Host, Region: q.Get("region")}
	switch {
	case u.Scheme != "s3" || u.Host == "" || u.Port() != "":
		return Place{}, "", errors.New("not of the form s3://BUCKET/PREFIX?endpoint=URL&region=NAME")
	case u.User != nil:
		return Place{}, "", errors.New("keys belong in a file, not in the address of the bucket")
	}
	for name := range q {
		if name != "endpoint" && name != "region" {
			return Place{}, "", fmt.Errorf("unknown parameter %q of the bucket: endpoint and region are known", name)
		}
	}
	if p.Region == "" {
		p.Region = "us-east-1"
	}
	endpoint := q.Get("endpoint")
	if endpoint == "" {
		endpoint = "https://s3." + p.Region + ".amazonaws.com"
	}
	p.Endpoint, err = url.Parse(endpoint)
	if err != nil {
		return Place{}, "", err
	}
	e := p.Endpoint
	if e.Scheme != "http" && e.Scheme != "https" || e.Host == "" || strings.Trim(e.Path, "/") != "" || e.RawQuery != "" || e.User != nil {
		return Place{}, "", fmt.Errorf("endpoint %q is not of the form https://HOST:PORT", endpoint)
	}
	return p, strings.Trim(u.Path, "/"), nil
}
