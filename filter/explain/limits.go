package explain

const (
	maxGroups  = 20 // different outcomes of one message that are told
	maxNamed   = 10 // addresses that are named for one outcome
	maxDomains = 5  // domains of a brand that are named
	maxLinks   = 20 // links in the text; all of them are in the JSON
	maxClaims  = 20 // claims in the text
)
