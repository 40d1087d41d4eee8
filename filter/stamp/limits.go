package stamp

const (
	maxStamps = 4   // looked at in one message, from the top; ours is the first
	maxValue  = 512 // bytes of a field body; ours has about 260
	maxAdded  = 4   // fields that an MTA may have added at the end of the header

	keyBytes = 32 // RFC 2104, section 3: as long as the hash, at least
)
