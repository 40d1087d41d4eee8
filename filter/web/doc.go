// Package web is the quarantine in a browser, and as JSON for programs.
//
// People log in with a name and a password (package account), see the items that
// their role lets them see, what a message claims to be and what it is proved to
// be, why it is held and what to do about it, and release, erase or mark it. A
// page is HTML made on the server; the one script adds keys and a chart that
// renews itself, and nothing needs it.
//
// Recipients need no account: a digest has a link for each message (package link),
// which is the authority to act on that one, for that recipient, once and until a
// time. It opens a page, and what the page offers is a POST that brings back a value
// from the page. The page with advice is for anybody.
//
// What a message holds is hostile. It goes through html/template, as text; links
// are written so that they lead nowhere. Its HTML part is shown only on demand, in
// a frame of its own: rewritten to a closed list of elements and attributes of
// which none names another place, under a Content-Security-Policy (level 3) of
// sandbox and default-src 'none', so that no script runs and nothing is loaded. The
// policy of the pages themselves allows our own style sheet and script, none
// inline, and frames of our own alone.
//
// A GET, and a HEAD, changes nothing: link scanners follow each. (The one that comes
// back from a provider of OpenID Connect logs in who has just left from the same
// browser: the protocol wants it so.) What changes
// something is a POST, or in the API a DELETE, that a page of another origin cannot
// make (Sec-Fetch-Site or Origin, and the cookie's SameSite). Sessions are kept in
// memory under the hash of their id; the id changes at log-in and every quarter of
// an hour. The API takes bearer tokens (RFC 6750) and no cookies.
//
// Each log-in and each action is a line in audit.jsonl, synced before the action
// begins, and one more that tells how it ended. Where the line cannot be written
// the action is refused.
//
// Policies are files that operators keep under review: the pages suggest an
// exception to copy there, and write nothing into the policy directory.
//
// Limits are in limits.go: sizes of requests, of what is shown of a message, of
// pages and searches; sessions and their lives; attempts to log in.
package web
