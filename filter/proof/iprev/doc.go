// Package iprev checks that a client's address and name point at each other.
//
// RFC 8601, section 3: the names of the address (PTR) are looked up, then the
// addresses of each name; a name that leads back is confirmed.
//
// Limit: ten names of an address are followed, the others ignored, as RFC 7208,
// section 4.6.4, does it.
package iprev
