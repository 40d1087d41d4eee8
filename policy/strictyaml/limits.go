package strictyaml

const (
	// MaxBytes is the largest document read; a larger one is a problem.
	MaxBytes = 4 << 20

	// MaxDepth is how deep lists and mappings may nest.
	MaxDepth = 32

	// MaxProblems is how many problems of one document are kept; the rest are
	// counted.
	MaxProblems = 100

	maxQuote  = 60      // characters of the document's text that a message repeats
	maxWord   = 128     // bytes of an unknown key for which a near one is searched
	maxListed = 12      // known keys that a message lists when none is near
	maxSource = 100     // characters of the source line shown above the caret
	maxSearch = 1 << 20 // bytes of a broken document in which the first fault is searched for
)
