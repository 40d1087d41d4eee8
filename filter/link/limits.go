package link

import "time"

const (
	maxKeys  = 100
	maxFile  = 1 << 14
	maxToken = 400 // bytes; ours have some 130

	keyBytes  = 32
	bindBytes = 16 // of the HMAC over the recipient

	// MinLife and MaxLife are how long a link may be good.
	MinLife = time.Hour
	MaxLife = 90 * 24 * time.Hour
)
