package mail

import (
	"net/netip"
	"time"
)

// Envelope is what the SMTP session said about a message, as the MTA handed it
// to us (RFC 5321). Zero values mean "not told".
type Envelope struct {
	QueueID    string     // the MTA's queue id, milter macro {i}
	Client     netip.Addr // SMTP client; invalid for a local submission or an unknown family
	ClientName string     // client name as the MTA resolved it, without brackets; "" or "unknown" when it could not
	Helo       string     // HELO or EHLO argument
	Sender     string     // MAIL FROM reverse-path without angle brackets; "" is the null path
	SenderArgs []string   // ESMTP parameters of MAIL, as written ("SMTPUTF8", "BODY=8BITMIME")
	Recipients []string   // RCPT TO forward-paths without angle brackets, in order, accepted by the MTA
	AuthUser   string     // SASL login, milter macro {auth_authen}
	TLSVersion string     // milter macro {tls_version}; "" without TLS
	TLSCipher  string     // milter macro {cipher}
	Received   time.Time  // when MAIL arrived here
}
