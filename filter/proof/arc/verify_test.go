package arc

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestReport(t *testing.T) {
	s := newSealer(t)
	l := s.seal(t, newLetter(), hop{seal: "t=1700000000; ", results: "mx.s1.example 1;\r\n\tspf=fail smtp.mailfrom=a@author.example"})
	l = s.seal(t, l, hop{rsa: true, signer: "sign.example"})
	got := s.verify(t, l)
	want := Check{Result: Pass, Length: 2, Sets: []Set{
		{Instance: 1, Domain: "s1.example", Selector: "ed", Algorithm: "ed25519-sha256", KeyBits: 256, CV: None, Signer: "s1.example",
			Sealed: time.Unix(1700000000, 0).UTC(), Results: " mx.s1.example 1;\r\n\tspf=fail smtp.mailfrom=a@author.example\r\n"},
		{Instance: 2, Domain: "s2.example", Selector: "rsa", Algorithm: "rsa-sha256", KeyBits: 2048, CV: Pass, Signer: "sign.example",
			Results: " s2.example; dkim=pass header.d=author.example\r\n"},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	results, err := got.Sets[0].AuthResults()
	if err != nil || results.ID != "mx.s1.example" || len(results.Results) != 1 || results.Results[0].Value != "fail" {
		t.Errorf("%+v, %v", results, err)
	}
}

// TestStructure takes fields of a chain of three away, doubles and moves them.
func TestStructure(t *testing.T) {
	s := newSealer(t)
	good := s.chain(t, newLetter(), 3, hop{})
	without := func(prefixes ...string) letter {
		l := good
		for _, p := range prefixes {
			l = l.edit(p, "")
		}
		return l
	}
	add := func(field string) letter { return letter{append([]string{field}, good.fields...), good.body} }
	moved := letter{slices.Clone(good.fields), good.body}
	slices.Reverse(moved.fields)
	tests := []struct {
		name   string
		l      letter
		want   Result
		reason string
	}{
		{"nothing", newLetter(), None, ""},
		{"whole", good, Pass, ""},
		{"in another order", moved, Pass, ""},
		{"no results", without(nameResults + ": i=2"), Fail, "ARC-Authentication-Results i=2: is missing"},
		{"no signature", without(nameSignature + ": i=3"), Fail, "ARC-Message-Signature i=3: is missing"},
		{"no seal", without(nameSeal + ": i=1"), Fail, "ARC-Seal i=1: is missing"},
		{"only a seal", without(nameResults, nameResults, nameResults, nameSignature, nameSignature, nameSignature), Fail, "is missing"},
		{"gap", without(nameSeal+": i=2", nameSignature+": i=2", nameResults+": i=2"), Fail, "i=2: is missing"},
		{"no first set", without(nameSeal+": i=1", nameSignature+": i=1", nameResults+": i=1"), Fail, "i=1: is missing"},
		{"newest set taken away", without(nameSeal+": i=3", nameSignature+": i=3", nameResults+": i=3"), Pass, ""},
		{"two seals", add(good.fields[3]), Fail, "ARC-Seal i=2: occurs twice"},
		{"two signatures", add(good.fields[1]), Fail, "ARC-Message-Signature i=3: occurs twice"},
		{"two results", add(good.fields[8]), Fail, "ARC-Authentication-Results i=1: occurs twice"},
		{"seal without instance", add(nameSeal + ": a=rsa-sha256; b=AAAA"), Fail, "no instance"},
		{"tags that can't be read", add(nameSignature + ": i=4; i=4"), Fail, "twice"},
		{"instance 0", add(nameSignature + ": i=0"), Fail, "no instance"},
		{"highest instance", add(nameSignature + ": i=50"), Fail, "i=4: is missing"},
		{"one higher", add(nameSignature + ": i=51"), Fail, "no instance"},
		{"results of instance 51", add(nameResults + ": i=51; x"), Fail, "begin with an instance"},
		{"name in other case, white space before the colon", good.edit(nameSeal, "arc-SEAL :"+good.fields[0][len("ARC-Seal:"):]), Pass, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := s.verify(t, test.l)
			if got.Result != test.want || !strings.Contains(got.Reason, test.reason) {
				t.Errorf("%s (%s), want %s (%s)", got.Result, got.Reason, test.want, test.reason)
			}
		})
	}
}

// TestTags has the second of two sealers do something else.
func TestTags(t *testing.T) {
	s := newSealer(t)
	now := time.Now().Unix()
	first := s.seal(t, newLetter(), hop{})
	tests := []struct {
		name   string
		o      hop
		want   Result
		reason string
	}{
		{"nothing", hop{}, Pass, ""},
		{"RSA", hop{rsa: true}, Pass, ""},
		{"simple form", hop{form: "simple/simple"}, Pass, ""},
		{"unknown tags", hop{ams: "v=1; zz=; ", seal: "x=1; bh=AA; c=simple; q=http; "}, Pass, ""},
		{"time", hop{ams: fmt.Sprintf("t=%d; x=%d; ", now-10, now+60), seal: fmt.Sprintf("t=%d; ", now)}, Pass, ""},
		{"signature expired", hop{ams: fmt.Sprintf("x=%d; ", now-10)}, Fail, "Signature i=2: signature has expired"},
		{"signature of tomorrow", hop{ams: fmt.Sprintf("t=%d; ", now+90000)}, Fail, "Signature i=2: signature is dated in the future"},
		{"seal of tomorrow", hop{seal: fmt.Sprintf("t=%d; ", now+90000)}, Fail, "Seal i=2: signature is dated in the future"},
		{"length", hop{ams: "l=5; "}, Fail, "l="},
		{"query", hop{ams: "q=http; "}, Fail, "q="},
		{"seal with h=", hop{seal: "h=from; "}, Fail, "h= is not allowed"},
		{"seal signed", hop{names: "from:Arc-Seal"}, Fail, "ARC-Seal is signed"},
		{"results and signature signed", hop{names: "from:arc-message-signature:arc-authentication-results"}, Pass, ""},
		{"From not signed", hop{names: "to:subject"}, Fail, "From is not signed"},
		{"cv=none", hop{cv: "none"}, Fail, `cv= is not "pass"`},
		{"cv=fail", hop{cv: "fail"}, Fail, "says that the chain had failed"},
		{"cv=PASS", hop{cv: "PASS"}, Pass, ""},
		{"cv=passed", hop{cv: "passed"}, Fail, `cv= is not "pass"`},
		{"empty element", hop{seal: "; "}, Fail, "malformed"},
		{"tag twice", hop{ams: "d=s2.example; "}, Fail, "twice"},
		{"no domain", hop{domain: "..."}, Fail, "d= is no domain name"},
		{"results nobody can read", hop{results: "\"((("}, Pass, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := s.verify(t, s.seal(t, first, test.o))
			if got.Result != test.want || !strings.Contains(got.Reason, test.reason) {
				t.Errorf("%s (%s), want %s (%s)", got.Result, got.Reason, test.want, test.reason)
			}
		})
	}
	t.Run("first sealer says cv=pass", func(t *testing.T) {
		got := s.verify(t, s.seal(t, newLetter(), hop{cv: "pass"}))
		if got.Result != Fail || !strings.Contains(got.Reason, `cv= is not "none"`) {
			t.Errorf("%+v", got)
		}
	})
}

func TestInstance(t *testing.T) {
	tests := []struct {
		value   string
		want    int
		payload string
	}{
		{"i=1; a", 1, " a"}, {" i = 07 \t;a", 7, "a"}, {"\r\n\ti=50;", 50, ""},
		{"(a (b) \\) c) i (d)=(e) 3 (f) ;x", 3, "x"},
		{"i=0;", 0, ""}, {"i=51;", 0, ""}, {"i=001;", 0, ""}, {"i=-1;", 0, ""}, {"i=+1;", 0, ""}, {"i=;", 0, ""}, {"i=1", 0, ""}, {"i=1 a;", 0, ""},
		{"I=1;", 0, ""}, {"a; i=1;", 0, ""}, {"", 0, ""}, {"(i=1;", 0, ""}, {"i=1(;", 0, ""}, {"(\\", 0, ""}, {"i=1\\;", 0, ""},
	}
	for _, test := range tests {
		got, payload, ok := cutInstance([]byte(test.value))
		if ok != (test.want > 0) || ok && (got != test.want || string(payload) != test.payload) {
			t.Errorf("%q: %d, %q, %v", test.value, got, payload, ok)
		}
	}
}

// TestOldestPass changes a message on its way.
func TestOldestPass(t *testing.T) {
	s := newSealer(t)
	l := s.chain(t, newLetter(), 2, hop{})
	if got := s.verify(t, l); got.Result != Pass || got.OldestPass != 0 {
		t.Errorf("unchanged: %+v", got)
	}
	l.body += "-- \r\nfooter\r\n"
	if got := s.verify(t, l); got.Result != Fail || got.Reason != "ARC-Message-Signature i=2: the body was changed" {
		t.Errorf("changed behind the last: %+v", got)
	}
	l = s.seal(t, l, hop{})
	if got := s.verify(t, l); got.Result != Pass || got.OldestPass != 3 {
		t.Errorf("changed before the third: %+v", got)
	}
	l = s.seal(t, l, hop{form: "simple/simple"})
	if got := s.verify(t, l); got.Result != Pass || got.OldestPass != 3 {
		t.Errorf("changed before the third of four: %+v", got)
	}
}

func TestOldestTrusted(t *testing.T) {
	s := newSealer(t)
	pass := s.verify(t, s.chain(t, newLetter(), 4, hop{}))
	fail := pass
	fail.Result = Fail
	tests := []struct {
		name    string
		check   Check
		trusted string
		want    int // instance, 0 for none
	}{
		{"all", pass, "s1 s2 s3 s4", 1},
		{"newest only", pass, "s4", 4},
		{"gap", pass, "s1 s2 s4", 4},
		{"all but the newest", pass, "s1 s2 s3", 0},
		{"nobody", pass, "", 0},
		{"chain failed", fail, "s1 s2 s3 s4", 0},
		{"no chain", Check{Result: None}, "s1", 0},
		{"nobody looked", Check{}, "s1", 0},
	}
	for _, test := range tests {
		got, ok := test.check.OldestTrusted(func(d string) bool { return strings.Contains(test.trusted, strings.TrimSuffix(d, ".example")) })
		if got.Instance != test.want || ok != (test.want > 0) {
			t.Errorf("%s: %d, %v, want %d", test.name, got.Instance, ok, test.want)
		}
	}
}

// TestTemporary holds that a key which is not known for now is no failure, unless
// something else is wrong.
func TestTemporary(t *testing.T) {
	const ed = "ed._domainkey."
	tests := []struct {
		name   string
		damage func(s *sealer, l letter) letter
		want   Result
		oldest int
		reason string
	}{
		{"newest signature", func(s *sealer, l letter) letter { s.zone[ed+"m3.example"] = silence; return l }, TempError, 0, "Signature i=3: the key could not be fetched"},
		{"newest seal", func(s *sealer, l letter) letter { s.zone[ed+"s3.example"] = silence; return l }, TempError, 0, "Seal i=3"},
		{"older seal", func(s *sealer, l letter) letter { s.zone[ed+"s1.example"] = silence; return l }, TempError, 0, "Seal i=1"},
		{"older signature", func(s *sealer, l letter) letter { s.zone[ed+"m1.example"] = silence; return l }, Pass, 2, ""},
		{"no key for a seal", func(s *sealer, l letter) letter { delete(s.zone, ed+"s1.example"); return l }, Fail, 0, "Seal i=1: there is no key"},
		{"no key for an older signature", func(s *sealer, l letter) letter { delete(s.zone, ed+"m2.example"); return l }, Pass, 3, ""},
		{"newest signature, and the seal is wrong", func(s *sealer, l letter) letter {
			s.zone[ed+"m3.example"] = silence
			return l.edit(nameResults+": i=3", nameResults+": i=3; other")
		}, Fail, 0, "Seal i=3"},
		{"older seal, and a still older one has no key", func(s *sealer, l letter) letter {
			s.zone[ed+"s2.example"] = silence
			delete(s.zone, ed+"s1.example")
			return l
		}, Fail, 0, "Seal i=1"},
		{"newest signature, and the body was changed", func(s *sealer, l letter) letter {
			s.zone[ed+"m3.example"] = silence
			l.body += "more"
			return l
		}, Fail, 0, "body"},
		{"newest seal, and the header was changed", func(s *sealer, l letter) letter {
			s.zone[ed+"s3.example"] = silence
			return l.edit("Subject", "Subject: other")
		}, Fail, 0, "header"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newSealer(t)
			l := newLetter()
			for i := 1; i <= 3; i++ {
				l = s.seal(t, l, hop{signer: fmt.Sprintf("m%d.example", i)})
			}
			got := s.verify(t, test.damage(s, l))
			if got.Result != test.want || got.OldestPass != test.oldest || !strings.Contains(got.Reason, test.reason) {
				t.Errorf("%+v, want %s, %d, %q", got, test.want, test.oldest, test.reason)
			}
		})
	}
}

type slowResolver struct{}

func (slowResolver) LookupTXT(ctx context.Context, _ string) ([]string, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestSlowKeysAreTemporary(t *testing.T) {
	l := newSealer(t).chain(t, newLetter(), 3, hop{})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if got := (&Verifier{Resolver: slowResolver{}}).Verify(ctx, l.header(), []byte(l.body)); got.Result != TempError {
		t.Errorf("%+v, want a temporary error", got)
	}
}

// asked is a Resolver that notes what it was asked for.
type asked struct {
	zone
	mu    sync.Mutex
	names []string
}

func (a *asked) LookupTXT(ctx context.Context, name string) ([]string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.names = append(a.names, name)
	return a.zone.LookupTXT(ctx, name)
}

// TestLookUps holds that a broken chain costs at most the newest set's keys, that
// no key is fetched twice, and none in vain.
func TestLookUps(t *testing.T) {
	s := newSealer(t)
	l := s.chain(t, newLetter(), 3, hop{})
	l = s.chain(t, l, 2, hop{domain: "s3.example"})
	changed := l
	changed.body += "more"
	signers := s.seal(t, newLetter(), hop{signer: "m1.example"})
	signers.body += "more"
	for _, signer := range []string{"m2.example", "m3.example"} {
		signers = s.seal(t, signers, hop{signer: signer})
	}
	for _, test := range []struct {
		name string
		l    letter
		want string
	}{
		{"passes", l, "s1 s2 s3"},
		{"body changed", changed, ""},
		{"header changed", l.edit("Subject", "Subject: other"), "s3"},
		{"body changed on the way", signers, "m2 m3 s1 s2 s3"},
		{"not whole", l.edit(nameResults, ""), ""},
		{"no chain", newLetter(), ""},
	} {
		a := asked{zone: s.zone}
		(&Verifier{Resolver: &a}).Verify(t.Context(), test.l.header(), []byte(test.l.body))
		slices.Sort(a.names)
		got := strings.NewReplacer("ed._domainkey.", "", ".example", "").Replace(strings.Join(a.names, " "))
		if got != test.want {
			t.Errorf("%s: asked for %q, want %q", test.name, got, test.want)
		}
	}
}
