package spf

const (
	maxLookups = 10 // terms that cause DNS queries (RFC 7208, section 4.6.4)
	maxVoid    = 2  // queries without an answer (RFC 7208, section 4.6.4)
	maxNames   = 10 // names of a client that %{p} may validate (RFC 7208, section 4.6.4)

	maxDomain = 253      // bytes (RFC 1035, section 3.1)
	maxLabel  = 63       // bytes (RFC 1035, section 3.1)
	maxLocal  = 256      // bytes of a local part that macros may use; four times what RFC 5321, section 4.5.3.1.1, allows
	maxRecord = 16 << 10 // bytes, also with each %{p} expanded; a longer record is a syntax error
	maxTerms  = 1000     // terms of one record that are read; more is a syntax error
	maxReason = 200      // bytes
)
