// Package rule runs the rules that operators write themselves, in CEL
// (github.com/google/cel-spec), over the facts of a message.
//
// A rule is an expression that is true or false, such as
//
//	claim.brands.exists(b, b == "apple") && message.subject.contains("ギフト")
//
// Its vocabulary is package fact: the variables message, envelope, proof, claim,
// links and cut are the fields of fact.Facts, and finding holds what the policy
// decides on. Names are the JSON names of package fact. They are checked when the
// expression is compiled, so that a slip is told at its line and column and not by
// a rule that never matches; so are the words that a field with a closed list of
// words is compared with.
//
// Of CEL's own functions a rule has those that work on texts, numbers, booleans
// and lists. There is no clock, no conversion to a dynamic type and no way to make
// an object; patterns, networks and the like have to be written out, so that they
// are checked and compiled once.
//
// A rule can't hold up a message. At load, an estimate of its cost for the largest
// facts there can be is held against maxCost; at run time the same limit, one for
// all rules of a policy and a time limit interrupt it. The cost limits depend on
// the facts alone, so that a decision can be made again with the same outcome; the
// time limit is for what the estimate does not see. A rule that fails does not
// match: the failure is told by name, and the message goes on without the rule.
//
// [Env] is for any number of goroutines, [Activation] for one.
package rule
