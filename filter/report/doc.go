// Package report tells those who can do something about a phishing message: the brand
// whose name it misuses, at the address that the brand publishes, and the abuse desk
// of who is proved to have sent it (RFC 2142, section 4), which is whose account was
// broken into more often than not.
//
// A report is what RFC 5965 describes, with feedback type fraud: a text for people, the
// fields for machines, and the message. The message goes with the addresses of its
// recipients hidden (package redact, RFC 6590); where that cannot be done, its header
// alone. Nothing is kept of it: it is read from the quarantine again when it is sent.
//
// Nobody is told without a person: somebody asks for a report, and by default somebody
// else, or they, look at what would leave and approve of it; what is sent is what was
// looked at, or it is a draft again. Reports that say the same to the same address
// within a week are one. How many leave in a day is limited, for each address and in
// all. A stranger gets nothing twice: where the answer of a server is lost, the report
// counts as sent.
//
// Whom a message is proved to be from is not told where that is the phisher: a domain
// that its links lead to, that bears the brand's name, or is listed; nor the brand
// itself. Who is not proved is not told either: anybody may have written that name.
//
// National desks take mail from people, so they get none from us: Draft writes a
// message that a person opens in their mail program, and sends.
//
// Limits are in limits.go.
package report
