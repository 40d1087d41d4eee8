package quarantine_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sekisho/filter/act"
	"sekisho/filter/cases"
	"sekisho/filter/quarantine"
	"sekisho/policy"
)

// kinds of policies: what a phish that claims a brand meets.
var kinds = []string{
	"thresholds: {tag: off, quarantine: off, reject: off}\n",
	"thresholds: {tag: 1, quarantine: off, reject: off}\ntag: {subject_prefix: \"[one]\"}\n",
	"thresholds: {tag: 1, quarantine: off, reject: off}\ntag: {subject_prefix: \"[two]\", banner: both}\n",
	"thresholds: {tag: 1, quarantine: off, reject: off}\n",
	"thresholds: {tag: 1, quarantine: 1, reject: off}\n",
	"thresholds: {tag: 1, quarantine: 1, reject: off}\nquarantine: {mode: hold}\n",
	"thresholds: {tag: 1, quarantine: 1, reject: 1}\n",
}

// prefixes are those of kinds.
var prefixes = map[string]string{kinds[1]: "[one]", kinds[2]: "[two]"}

func TestEveryRecipientHasOneFate(t *testing.T) { quarantine.OnEach(t, testEveryRecipientHasOneFate) }

// testEveryRecipientHasOneFate: whoever a message is for, whatever their policies
// say, wherever the disk is full, and whenever everybody dies: each recipient's
// message is delivered, held or refused, as their policy says; never two of these,
// and never none. It is there once, unless an answer was lost: then the sender sends
// again what it was not told of, and it is there at least once. What is held is
// released once, whatever happens on the way, and never told to be when it is not.
func testEveryRecipientHasOneFate(t *testing.T, kept *quarantine.Backend) {
	w, c := newWorld(t, kept), cases.Load(t, "story-a-")[0]
	number := 0
	counts := map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		if number++; number > 25 && !kept.Usual() {
			return // what differs there is tried by the tests of the contract
		}
		x := &fate{T: rt, w: w, c: c, counts: counts}
		files := map[string]string{}
		drawn := kinds
		if rapid.IntRange(0, 5).Draw(rt, "alike") == 0 {
			// Only where all agree is a message refused, or put on hold in the MTA.
			drawn = rapid.SampledFrom([][]string{kinds[5:6], kinds[6:]}).Draw(rt, "all")
		}
		for i := range 4 {
			domain := fmt.Sprintf("d%d.test", i)
			x.kinds[i] = rapid.SampledFrom(drawn).Draw(rt, domain)
			files[domain+".yaml"] = x.kinds[i]
		}
		x.split = rapid.Bool().Draw(rt, "split")
		w.judgeBy(files, x.split)
		for i, n := range rapid.SliceOfN(rapid.IntRange(0, 3), 1, 7).Draw(rt, "to") {
			x.to = append(x.to, fmt.Sprintf("n%d-%d@d%d.test", number, i, n))
			if rapid.IntRange(0, 5).Draw(rt, "twice") == 0 {
				x.to = append(x.to, x.to[len(x.to)-1])
			}
		}
		x.sendUntilAnswered()
		x.copiesGoOut()
		x.reconcile()
		x.releaseHeld()
	})
	t.Logf("%d messages: %v", number, counts)
	for _, name := range []string{"delivered", "copied", "held", "on hold", "refused", "disk full", "answer lost", "released", "pending"} {
		if counts[name] == 0 && kept.Usual() {
			t.Errorf("nothing was %s: the test is broken", name)
		}
	}
}

// fate follows one message.
type fate struct {
	*rapid.T
	w      *world
	c      cases.Case
	to     []string
	kinds  [4]string
	split  bool
	counts map[string]int

	plan   act.Plan // the last, that the sender was told of
	lost   bool     // some answer was lost
	copies bool     // of a copy
}

// sendUntilAnswered is a sender who keeps the message until there is an answer.
func (x *fate) sendUntilAnswered() {
	for try := 0; ; try++ {
		lost := try < 2 && rapid.IntRange(0, 4).Draw(x.T, "die") == 0
		if try < 2 {
			x.w.left.Store(rapid.SampledFrom([]int64{1 << 40, 1, 2, 3, 4, 5, 6, 9, 12}).Draw(x.T, "step")) // of the disk that fails
		}
		plan := x.w.receive(x.c, x.to, lost)
		if x.w.left.Load() <= 0 {
			x.counts["disk full"]++
		}
		x.w.left.Store(1 << 40)
		if lost {
			x.lost = true
			x.counts["answer lost"]++
			x.restart()
			continue
		}
		if x.plan = plan; plan.Reply != act.Tempfail {
			return
		}
		if try > 4 {
			x.Fatalf("put off again and again: %+v", plan)
		}
	}
}

// restart is what follows a death.
func (x *fate) restart() {
	if err := x.w.store.Close(); err != nil {
		x.Fatal(err)
	}
	x.w.open()
}

func (x *fate) options() quarantine.ReleaseOptions {
	return quarantine.ReleaseOptions{Addr: x.w.sink.Addr, Key: x.w.key, Timeout: time.Minute}
}

// sometimes draws what goes wrong with the next messages, the first n of them. The
// hook runs beside the test, so all is drawn before.
func (x *fate) sometimes(n int, of ...fault) func() fault {
	drawn := rapid.SliceOfN(rapid.SampledFrom(of), n, n).Draw(x.T, "faults")
	return func() fault {
		if len(drawn) == 0 {
			return none
		}
		f := drawn[0]
		drawn = drawn[1:]
		return f
	}
}

// copiesGoOut is the daemon that sends what waits.
func (x *fate) copiesGoOut() {
	x.w.fails(x.sometimes(2, none, none, refusedEarly, goneEarly, refusedLate, goneLate, answerLost))
	for try := 0; ; try++ {
		d, err := x.w.store.Deliver(x.Context(), x.options())
		x.counts["copied"] += d.Sent
		if err != nil {
			x.copies = true
		}
		if d.Waiting == 0 {
			return
		}
		if try > 8 {
			x.Fatalf("copies wait: %+v, %v", d, err)
		}
		x.w.later(5 * time.Minute)
	}
}

// verdict is what the policy of a recipient says.
func (x *fate) verdict(to string) policy.Verdict {
	env := x.c.Envelope
	env.Recipients = []string{to}
	return x.w.gate.Inspect(x.Context(), env, x.c.Header, x.c.Body).Verdict
}

// held are the items of a recipient that somebody holds.
func (x *fate) held(to string) []quarantine.Item {
	domain := to[strings.IndexByte(to, '@')+1:]
	items, err := x.w.store.List(x.Context(), quarantine.Filter{To: []string{domain}, Limit: quarantine.MaxList})
	if err != nil {
		x.Fatal(err)
	}
	return slices.DeleteFunc(items, func(it quarantine.Item) bool { return it.Recipient != to })
}

func (x *fate) reconcile() {
	for _, to := range slices.Compact(slices.Clone(x.to)) {
		arrived, held := x.w.arrived(to), x.held(to)
		refused, onHold := x.plan.Reply == act.Reject, x.plan.Hold != ""
		fates := 0
		for name, is := range map[string]bool{"delivered": len(arrived) > 0, "held": len(held) > 0, "refused": refused, "on hold": onHold} {
			if is {
				fates++
				x.counts[name]++
			}
		}
		v := x.verdict(to)
		wants := v == policy.Accept || v == policy.Tag
		if fates != 1 || wants != (len(arrived) > 0) || refused && v != policy.Reject {
			x.Fatalf("%s (%s): %d arrived, %d held, refused %v, on hold %v", to, v, len(arrived), len(held), refused, onHold)
		}
		if !x.lost && !x.copies && len(arrived)+len(held) > 1 {
			x.Fatalf("%s (%s): %d arrived, %d held", to, v, len(arrived), len(held))
		}
		x.tags(to, v, arrived)
	}
}

// tags checks that a recipient sees the tags of their own policy at most; all of
// them where each group reads a copy of its own.
func (x *fate) tags(to string, v policy.Verdict, arrived []string) {
	own := prefixes[x.kinds[to[strings.IndexByte(to, '@')+2]-'0']]
	for _, m := range arrived {
		for _, prefix := range prefixes {
			shown := strings.Contains(m, "Subject: "+prefix)
			if shown && prefix != own || !shown && prefix == own && x.split && v == policy.Tag {
				x.Fatalf("%s, whose prefix is %q:\n%s", to, own, m)
			}
		}
		for _, other := range x.to {
			if other != to && strings.Contains(m, other) || strings.Contains(m, "X-Sekisho-Release") {
				x.Fatalf("%s reads of %s:\n%s", to, other, m)
			}
		}
	}
}

// releaseHeld releases one of what is held, by people who click twice while things
// go wrong.
func (x *fate) releaseHeld() {
	var item quarantine.Item
	for _, to := range x.to {
		if held := x.held(to); len(held) > 0 {
			item = held[0]
		}
	}
	if item.ID == "" {
		return
	}
	x.w.fails(x.sometimes(3, none, refusedEarly, goneEarly, refusedLate, goneLate, answerLost))
	shown := false
	for range 5 {
		var clicks sync.WaitGroup
		var mu sync.Mutex
		for range rapid.IntRange(1, 2).Draw(x.T, "clicks") {
			clicks.Go(func() {
				items, err := x.w.store.Release(x.Context(), item.ID, x.options())
				mu.Lock()
				defer mu.Unlock()
				shown = shown || err == nil && items[0].State == quarantine.Released
				if errors.Is(err, quarantine.ErrUnproved) {
					x.Errorf("%v", err)
				}
			})
		}
		clicks.Wait()
		arrived := x.w.arrived(item.Recipient)
		if len(arrived) > 1 || shown && len(arrived) != 1 {
			x.Fatalf("%s: success was shown: %v; %d arrived", item.ID, shown, len(arrived))
		}
		if len(arrived) == 1 && arrived[0] != string(x.c.Raw) {
			x.Fatalf("released:\n%s", arrived[0])
		}
		if rapid.Bool().Draw(x.T, "time goes by") {
			x.w.later(5 * time.Minute)
		}
	}
	x.w.fails(nil)
	if shown {
		x.counts["released"]++
	} else {
		x.counts["pending"]++
	}
}
