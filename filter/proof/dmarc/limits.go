package dmarc

const (
	maxQueries     = 8       // of one tree walk (RFC 9989, section 4.10)
	walkLabels     = 7       // labels a long name is cut to after the first query (RFC 9989, section 4.10, step 4)
	maxIdentifiers = 16      // domains of signatures that are looked at; the first ones
	maxTags        = 64      // tags read of one record; those after it are ignored
	maxRecord      = 4 << 10 // bytes; a longer text is no DMARC record
	maxReason      = 200     // bytes
)
