package s3

import "time"

const (
	maxTries    = 3                      // of one request
	retryPause  = 200 * time.Millisecond // before the second try, twice that before the third
	requestTime = time.Minute            // one try, with all bytes of an object
	maxAnswer   = 4 << 20                // bytes of an answer that is XML: a list of 1,000 keys has a tenth of that
	maxError    = 500                    // bytes of what a server says that are told
)
