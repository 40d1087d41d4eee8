// Package quarantine keeps messages that were not delivered, and gives them back.
//
// A store is a folder: the original bytes of each message in a file named by
// their SHA-256 and compressed with zstd (RFC 8878), and an index in SQLite with
// one item per recipient. Put writes the file, syncs it, renames it to its
// place, syncs the folder, and commits the index row, all before it returns; so
// the MTA can be told that the message is taken. After a crash at any point a
// file without a row may be left, which is harmless; a row without its file
// never is. Several processes may open one store at a time.
//
// Several hosts may share one whose index is in PostgreSQL, and whose messages are
// in a folder that all of them mount or in a bucket of an S3-compatible server. All
// SQL is written once (index.go, query.go, erase.go, feedback.go); what sets the
// databases apart is behind the interface database, what sets files and objects
// apart behind the interface shelf, and one set of tests holds all of them to the
// same promises. No lock of a database reaches as far as a bucket: in a shared
// store each entry has a file of its own, under a name that is never given again.
//
// With a key file, messages and names are encrypted between the two (sealed.go); the
// rest of the package does not know.
//
// Release sends the original bytes with the original envelope (RFC 5321) to the
// one recipient of an item and changes nothing, so that DKIM signatures (RFC 6376)
// stay valid. A released message would be judged, and held, again: so it bears a
// stamp (package stamp) that our filter redeems here, once, and removes; or it goes
// to a port of the MTA that has no milter. Each attempt to send is written down
// with its stamp before it begins, and forgotten when its end is known. What was
// sent and not answered stays pending. It may be sent again when its stamp has
// expired without being used: nothing has passed by it then, and nothing will.
//
// Deliver sends, in the same way, copies that nobody holds: messages that were marked
// for some of their recipients, on their way.
//
// Who may release an item and how long it is kept is written down with it, as the
// policy says when it is held. Expire and Erase take the addresses out of the
// index first and then remove the file, once no other entry has the same message.
// The index tells of an erased item for ninety days. An item that is being
// released is not erased. Files are removed inside a transaction that writes, and
// Put looks for its file inside its own, so that a message which is stored while
// an equal one is erased is written again rather than lost.
//
// Tell sends a recipient a digest of what is held for them, once (tell.go): the items
// become the digest's before it is sent and are news again if it was not taken. Like
// a release it bears a stamp, and after a crash the stamp tells whether it has passed.
// Spend uses up the links in it, for all hosts that share a store.
//
// What people say about items, by releasing or marking them, is counted by
// finding and policy (Feedback). It outlives the items and holds no address.
//
// Limits are in limits.go: size of a message, recipients of one message, rows and
// files in one transaction, rows in one list, keys in a file, the time of one
// transaction, and the bytes read from a release target.
package quarantine
