// Package weburl reads URLs the way browsers and mail clients do: what a click on
// them would open, and on which host.
//
// Browsers (WHATWG URL Standard) forgive far more than RFC 3986 allows: tabs and
// line ends inside, backslashes for slashes, any number of slashes after the
// scheme, percent-encoded and full-width host names, and IPv4 addresses as hex,
// octal or one number. Each of these hides a host from a filter that is
// stricter, so all are read here. Host names come back as A-labels (RFC 5891).
//
// Limits: MaxURL bytes of a URL are looked at, MaxHost of a host name; Find
// yields at most as many URLs as its caller asks for.
package weburl
