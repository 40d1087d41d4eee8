package dns

import (
	"errors"
	"net"
)

// The two ways of not being found. A *net.DNSError whose IsNotFound is set wraps
// one of them when the answer came from a server.
var (
	// ErrNoName means that neither the name nor any name below it exists
	// (NXDOMAIN, RFC 8020).
	ErrNoName = errors.New("no such name")
	// ErrNoData means that the name exists but has no records of the type.
	ErrNoData = errors.New("no records of this type")
)

// outcome is how one question ended. The words are metric labels.
type outcome uint8

const (
	found outcome = iota
	noName
	noData
	badName   // not asked: no server could answer
	aliasLoop // too many CNAME records
	servfail
	refused
	badAnswer // the answer could not be read, or bore an unknown response code
	timeout
	network  // no server could be reached
	budget   // not asked: the message has used up its questions
	busy     // not asked: too many questions under way
	gaveUp   // the asker's context ended first
	panicked // a bug; contained
	outcomes // how many there are
)

var outcomeNames = [outcomes]string{
	"found", "nxdomain", "nodata", "bad_name", "alias_loop", "servfail", "refused",
	"bad_answer", "timeout", "network", "budget", "busy", "gave_up", "panic",
}

func (o outcome) String() string { return outcomeNames[o] }

var outcomeTexts = [outcomes]string{
	"", "no such host", "no such record", "not a name that can be looked up", "too many aliases",
	"server failure", "server refused", "unusable answer", "timed out", "server unreachable",
	"look-up budget used up", "too many look-ups under way", "given up", "internal error",
}

// err returns the error for an outcome other than found.
func (o outcome) err(name, server string) *net.DNSError {
	e := &net.DNSError{Err: outcomeTexts[o], Name: name, Server: server}
	switch o {
	case noName:
		e.IsNotFound, e.UnwrapErr = true, ErrNoName
	case noData:
		e.IsNotFound, e.UnwrapErr = true, ErrNoData
	case badName, aliasLoop:
		// Asking again gives the same: nothing is to be found there.
		e.IsNotFound = true
	case timeout, gaveUp:
		e.IsTimeout, e.IsTemporary = true, true
	default:
		e.IsTemporary = true
	}
	return e
}
