package finding

// Limits on what is looked at of one message.
const (
	maxLinks        = 500      // links looked at
	maxLureBytes    = 24 << 10 // visible text searched for pressing words
	maxLureLine     = 2 << 10  // of one passage
	maxNameReadings = 4        // readings of a display name searched for people
	maxMailboxes    = 16       // From and Reply-To mailboxes looked at
	maxNameBytes    = 512      // of a display name searched for an address
	maxLinkText     = 512      // of a link's visible text searched for a domain
	maxEvidence     = 3        // claims, hosts, names told of in one Why
	maxWhyBytes     = 400      // of one Why
	maxQuotedBytes  = 60       // of one quotation from the message in a Why
)

// Bounds of what a program makes up, and of telephone numbers.
const (
	minMade    = 5  // letters in a row that have to hold vowels
	minTurns   = 4  // turns between letters and digits in a domain's label
	minPhone   = 10 // digits of a telephone number
	maxPhone   = 13
	maxRelated = 50 // links in whose hosts a sender's name is looked for
	minRelated = 3  // letters of a name's word that is looked for there
)

// minJumble is the least number of letters in a row that can be told from a word.
const minJumble = 5

// manyRecipients is the number of recipients in one transaction from which mail
// in a brand's name looks like a broken-into account: brands address one customer
// at a time, such accounts are seen with dozens.
const manyRecipients = 10
