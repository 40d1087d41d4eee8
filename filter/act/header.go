package act

import (
	"slices"
	"strconv"
	"strings"

	"sekisho/filter/mail"
	"sekisho/policy"
)

// Fields that only we write. An incoming field whose name begins with
// FieldPrefix is removed, whatever its case and whatever follows.
const (
	FieldPrefix  = "X-Sekisho-"
	VerdictField = FieldPrefix + "Verdict" // "verdict=tag points=7 claims=rakuten findings=impersonation policy=example.jp generation=3"
	TraceField   = FieldPrefix + "Trace"

	authResults = "Authentication-Results"
)

// removals are the edits that take off every field that only we may write: all
// of FieldPrefix, and the Authentication-Results fields at the places in own
// (RFC 8601, section 5). False: there are more than MaxRemovals.
//
// The MTA finds a field by its name without regard to case and its place among
// fields of that name, and renumbers after each removal. So spellings of one
// name count together, and the last is removed first.
func removals(h mail.Header, own []int) ([]Edit, bool) {
	var edits []Edit
	counts := map[string]int{}
	for _, f := range h {
		name := fieldName(f)
		if !hasPrefixFold(name, FieldPrefix) {
			continue
		}
		if len(edits) == MaxRemovals {
			return nil, false
		}
		key := strings.ToLower(name)
		counts[key]++
		edits = append(edits, Edit{Op: Delete, Index: counts[key], Name: name})
	}
	if len(edits)+len(own) > MaxRemovals {
		return nil, false
	}
	slices.Reverse(edits)
	places := slices.Clone(own)
	slices.Sort(places)
	for _, index := range slices.Backward(slices.Compact(places)) {
		edits = append(edits, Edit{Op: Delete, Index: index, Name: authResults})
	}
	return edits, true
}

// fieldName is the name without the blanks that old senders leave before the
// colon (RFC 5322, section 4.5); the MTA compares names without them too.
func fieldName(f mail.Field) string { return strings.TrimRight(f.Name, " \t") }

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// verdictValue is the body of VerdictField for the recipients rs. All of them
// read the same copy: it says the worst of their verdicts, and names points and
// policy only when these are the same for all, so that nobody learns of others.
// The generation is one for all: a message is judged by one set.
func verdictValue(in Input, rs []Recipient) string {
	first := rs[0]
	worst, samePoints, samePolicy := first.Verdict, true, true
	for _, r := range rs[1:] {
		if r.Verdict == policy.Tag && worst == policy.Accept {
			worst = r.Verdict
		}
		samePoints = samePoints && r.Points == first.Points
		samePolicy = samePolicy && r.Policy == first.Policy
	}
	var b strings.Builder
	b.WriteString("verdict=" + string(worst))
	if samePoints && samePolicy {
		b.WriteString(" points=" + strconv.Itoa(first.Points))
	}
	writeList(&b, " claims=", in.Claims)
	writeList(&b, " shed=", in.Shed)
	writeList(&b, " findings=", in.Findings)
	if samePolicy && first.Policy != "" {
		b.WriteString(" policy=" + token(first.Policy))
	}
	if in.Generation > 0 {
		b.WriteString(" generation=" + strconv.FormatUint(in.Generation, 10))
	}
	return b.String()
}

// writeList writes label and up to MaxListed different values, comma separated;
// nothing at all when there are none. A comma is followed by no blank, so that
// a reader can split the field at blanks; the line is folded between values.
func writeList[S ~string](b *strings.Builder, label string, values []S) {
	listed := make([]S, 0, min(len(values), MaxListed))
	for _, v := range values {
		if len(listed) == MaxListed {
			break
		}
		if v != "" && !slices.Contains(listed, v) {
			listed = append(listed, v)
		}
	}
	for i, v := range listed {
		if i == 0 {
			b.WriteString(label)
		} else {
			b.WriteByte(',')
		}
		b.WriteString(token(string(v)))
	}
}
