package rule

import "time"

const (
	maxExpression = 8 << 10 // bytes of an expression
	maxNodes      = 2000    // of its syntax tree
	maxNesting    = 32      // levels of brackets and calls
	maxListed     = 12      // words that a message lists
	maxProblems   = 10      // told of one expression
	maxPattern    = 2000    // instructions of a compiled pattern

	// maxCost is what one rule may cost for the largest facts, and when it runs. A
	// unit takes 5 to 100 ns (BenchmarkCostliest). On real mail a rule costs ten to a
	// thousand.
	maxCost = 1_000_000

	// maxCostOfAll is the same for all rules of a policy: at worst a second, for a
	// message made to cost as much as it can and rules that use the limit up.
	maxCostOfAll = 10_000_000

	// maxTime is for all rules of a policy and one message. It is long, because
	// hitting it depends on how busy the machine is: the limits of cost come first.
	maxTime = 3 * time.Second

	checkEvery = 100 // turns of a loop between two looks at the clock

	maxRules  = 500 // of a policy, with those of the layers below
	maxName   = 41  // bytes
	maxPoints = 100 // of a rule, as for findings
	maxWhy    = 200 // bytes
	maxFolded = 500 // texts that are remembered folded, of one message
)

// limits are those that tests make smaller.
type limits struct {
	cost, costOfAll uint64
	time            time.Duration
}

func defaultLimits() limits { return limits{cost: maxCost, costOfAll: maxCostOfAll, time: maxTime} }

// What a list or text holds at most where package fact states no limit: names of
// hosts and domains (RFC 1035, section 2.3.4), and words of a closed list.
const (
	maxDomain   = 255
	maxDigits   = 20 // of a number
	maxWord     = 40
	maxFindings = 100
	maxDetail   = 400 // a finding's why
)
