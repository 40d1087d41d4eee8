// Package campaign watches for the same false claim coming again and again, and
// raises an incident when it sees one of two things:
//
//   - account: one authenticated organisation suddenly claims brands to many
//     recipients, as a broken-into account does;
//   - campaign: the same claim comes from three or more unrelated authenticated
//     organisations within an hour.
//
// Later copies carry the finding "campaign"; those that came before the incident
// are listed with it, by their traces. The finding is among the facts of its
// message, so that the decision reproduces from its record without this package.
//
// Only messages that claim a brand without proof are looked at. Two of them are
// the same claim when they name one brand, and either lead to one site that is
// nobody's and everybody's, or have bodies that read alike (a simhash over folded
// text, Charikar 2002) behind links of like shape. An organisation is who is
// authenticated in alignment with From: a forwarder or mail service is not the
// author. Under a provider of mailboxes, of sending or of pages each address is a
// sender of its own, since its customers have nothing to do with each other, and all
// of them together are one organisation.
//
// Nothing of a message is kept but its trace, its organisation, its brand and
// numbers under a secret key: a sketch of its body, hashes of sites and senders.
// Memory is bounded by the constants in limits.go, whatever comes; what has not
// been seen for a while goes first. Incidents outlive a restart in a file.
// Each gate watches what it sees itself.
package campaign
