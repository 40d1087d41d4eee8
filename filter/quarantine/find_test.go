package quarantine

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// recipients of items, in their order.
func recipients(items []Item) (all []string) {
	for _, it := range items {
		all = append(all, it.Recipient)
	}
	return all
}

// TestFind: what a search finds, by each of its fields and by several.
func TestFind(t *testing.T) { onEach(t, testFind) }

func testFind(t *testing.T, b *backend) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	begin := now
	s := b.open(t, Options{Now: func() time.Time { return now }})
	put := func(change func(*Entry), to ...string) string {
		t.Helper()
		now = now.Add(time.Hour)
		e := entry(now.String(), to...)
		change(&e)
		return stored(t, s, e)
	}
	first := put(func(e *Entry) { e.Subject = "【楽天】アカウント" }, "one@a.example", "Two@B.example")
	put(func(e *Entry) { e.Subject, e.Brand, e.Why = "Ihre Lieferung", "dhl", "claims DHL, 100%_sure" }, "one@a.example", "three@例え.test")
	put(func(e *Entry) { e.Envelope.Sender, e.Brand = "ODD\\'\"\x00@sender.example", "" }, "one@c.example")
	put(func(e *Entry) { e.Recipients[0].Cause = "lure" }, "gone@a.example")
	if _, err := s.Erase(t.Context(), first+"-2"); err != nil {
		t.Fatal(err)
	}
	gone, err := s.List(t.Context(), Filter{To: []string{"gone@a.example"}})
	if err != nil || len(gone) != 1 {
		t.Fatalf("%v, %v", gone, err)
	}
	if _, err := s.Erase(t.Context(), gone[0].ID); err != nil {
		t.Fatal(err)
	}
	subjects := []string{"one@a.example"}
	if b.options.KeyFile != "" {
		subjects = nil // a subject is of the message
	}
	for name, tc := range map[string]struct {
		f    Filter
		want []string
	}{
		"all":              {Filter{}, []string{"one@c.example", "three@例え.test", "one@a.example", "one@a.example"}},
		"mailbox":          {Filter{To: []string{"ONE@A.example"}}, []string{"one@a.example", "one@a.example"}},
		"mailbox, domain":  {Filter{To: []string{"one@a.example", "A.example", "c.example"}}, []string{"one@c.example", "one@a.example", "one@a.example"}},
		"two mailboxes":    {Filter{To: []string{"one@a.example", "one@c.example", "one@c.example"}}, []string{"one@c.example", "one@a.example", "one@a.example"}},
		"A-label":          {Filter{To: []string{"xn--r8jz45g.test"}}, []string{"three@例え.test"}},
		"U-label":          {Filter{To: []string{"three@例え.test"}}, []string{"three@例え.test"}},
		"brand":            {Filter{Brand: "dhl"}, []string{"three@例え.test", "one@a.example"}},
		"brand, mailbox":   {Filter{Brand: "dhl", To: []string{"one@a.example"}}, []string{"one@a.example"}},
		"since":            {Filter{Since: begin.Add(3 * time.Hour)}, []string{"one@c.example"}},
		"before":           {Filter{Before: begin.Add(2 * time.Hour)}, []string{"one@a.example"}},
		"between":          {Filter{Since: begin.Add(2 * time.Hour), Before: begin.Add(3 * time.Hour)}, []string{"three@例え.test", "one@a.example"}},
		"subject":          {Filter{Text: "楽天"}, subjects},
		"width and case":   {Filter{Text: "ｱｶｳﾝﾄ ＲＡＫＵＴＥＮ"}, subjects},
		"sender":           {Filter{Text: `odd\'"`}, []string{"one@c.example"}},
		"no pattern":       {Filter{Text: "100%_"}, []string{"three@例え.test", "one@a.example"}},
		"not a pattern":    {Filter{Text: "1%_"}, nil},
		"recipient":        {Filter{Text: "THREE@"}, []string{"three@例え.test"}},
		"no other's":       {Filter{Text: "three@", To: []string{"one@a.example"}}, nil},
		"both words":       {Filter{Text: "dhl one@"}, []string{"one@a.example"}},
		"one word of two":  {Filter{Text: "dhl nowhere"}, nil},
		"id of item":       {Filter{Text: first + "-1"}, []string{"one@a.example"}},
		"id of entry":      {Filter{Text: first}, []string{"one@a.example"}},
		"client":           {Filter{Text: "192.0.2.1", Limit: 1}, []string{"one@c.example"}},
		"cause":            {Filter{Text: "impersonation c.example"}, []string{"one@c.example"}},
		"held":             {Filter{State: Held, To: []string{"a.example"}}, []string{"one@a.example", "one@a.example"}},
		"erased":           {Filter{State: Erased}, []string{"", ""}},
		"erased of domain": {Filter{State: Erased, To: []string{"b.example"}}, []string{""}},
		"erased address":   {Filter{State: Erased, Text: "two"}, nil},
		"erased words":     {Filter{State: Erased, Text: "example.com", To: []string{"a.example"}}, nil},
		"SQL":              {Filter{Text: "' OR 1=1 --", Brand: "'", To: []string{"' OR 1=1 --"}}, nil},
		"beyond words":     {Filter{Text: strings.Repeat("e ", maxWords) + "nowhere", Limit: 1}, []string{"one@c.example"}},
		"as many words":    {Filter{Text: strings.Repeat("e ", maxWords-1) + "nowhere", Limit: 1}, nil},
	} {
		p, err := s.Find(t.Context(), tc.f)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(tc.want, recipients(p.Items)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	for _, odd := range []string{"x", ".", "zz", "-!.a", "1." + strings.Repeat("a", maxID+1)} {
		if _, err := s.Find(t.Context(), Filter{After: odd}); !errors.Is(err, ErrPlace) {
			t.Errorf("after %q: %v", odd, err)
		}
	}
}

// TestFindPages: page after page has each item once and in order, whatever is
// chosen and however far one look goes, while more is stored.
func TestFindPages(t *testing.T) { onEach(t, testFindPages) }

func testFindPages(t *testing.T, b *backend) {
	now := time.Now()
	s := b.open(t, Options{Now: func() time.Time { return now }})
	s.index.looked = 7
	for i := range 30 {
		if i%3 == 0 {
			now = now.Add(time.Second) // entries of one time, too
		}
		e := entry(fmt.Sprint(i), fmt.Sprintf("u%d@a.example", i%4), "v@b.example", "w@c.example")
		if i%10 == 0 {
			e.Brand = "rare"
		}
		stored(t, s, e)
	}
	for name, f := range map[string]Filter{
		"all": {}, "domain": {To: []string{"a.example"}}, "scopes": {To: []string{"a.example", "v@b.example"}},
		"rare": {Brand: "rare"}, "rare in scopes": {Brand: "rare", To: []string{"a.example", "c.example"}},
		"words": {Text: "u2@"}, "nothing": {Text: "nowhere"}, "held": {State: Held, To: []string{"u1@a.example", "b.example"}},
	} {
		f.Limit = MaxList
		want, err := s.List(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		if empty := name == "nothing"; empty != (len(want) == 0) {
			t.Errorf("%s: %d items", name, len(want))
		}
		var got []Item
		pages := 0
		for f.Limit = 4; ; pages++ {
			p, err := s.Find(t.Context(), f)
			if err != nil {
				t.Fatal(err)
			}
			if got = append(got, p.Items...); p.Next == "" {
				break
			}
			if len(p.Items) > f.Limit || p.Next == f.After || pages > 100 {
				t.Fatalf("%s: page %d has %d items, then %q after %q", name, pages, len(p.Items), p.Next, f.After)
			}
			f.After = p.Next
			if pages == 1 { // newer than what is to come
				now = now.Add(time.Second)
				stored(t, s, entry("late "+name, "late@z.example"))
			}
		}
		if diff := cmp.Diff(recipients(want), recipients(got)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if !slices.IsSortedFunc(got, func(a, b Item) int { return newer(placeOf(a), placeOf(b)) }) {
			t.Errorf("%s: not in order", name)
		}
	}
}
