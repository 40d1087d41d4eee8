package claim

// Limits on what an attacker's message can make us do.
const (
	maxClaims       = 64       // claims kept for one message; later ones are dropped
	maxReadings     = 4        // readings looked at of one header text
	maxMailboxes    = 16       // From mailboxes looked at
	maxGroups       = 4        // names of groups in From looked at
	maxHeaderBytes  = 1 << 10  // bytes looked at of one display name or subject
	maxBrackets     = 16       // brackets looked at that open a subject
	maxReplyMark    = 16       // bytes before the colon of a subject that can be "Re" or its like
	maxHeadBytes    = 96 << 10 // visible text looked at from the top of the body
	maxTailBytes    = 8 << 10  // and from its end
	maxPassages     = 2000     // visible passages looked at, from the top
	maxLineBytes    = 4 << 10  // bytes looked at of one passage
	maxLinks        = 500      // links looked at for their host
	maxHosts        = 64       // different hosts looked at
	maxHostLabels   = 10       // labels of a From domain that can be the left end of another name
	maxHostBytes    = 253      // RFC 1035, section 2.3.4
	maxSeenBytes    = 200      // evidence kept of one claim
	maxPhraseBytes  = 240      // folded bytes of a line that can be nothing but a name and service words
	maxServiceWords = 24       // and its service words
	maxForeignWords = 3        // other words from which on a line is a sentence
	maxWordRunes    = 12       // longest service word of scripts without spaces, in runes
	minOfficeWord   = 4        // bytes of a word that makes a display name an office's
	maxOwnWords     = 6        // words of a sender's own name kept
	maxGluedWords   = 8        // words of a display name that may be glued ones
	maxGlued        = 64       // bytes of one
	minGlued        = 8        // and at least
	minBeside       = 4        // letters on each side where one is taken apart
	maxSenderWords  = 2        // words of the person before "from Brand"
)

// Where greetings and signatures are looked for, in visible lines.
const (
	headingLines   = 10
	signatureLines = 16
)
