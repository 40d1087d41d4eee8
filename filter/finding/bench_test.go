package finding

import (
	"testing"

	"sekisho/filter/claim"
	"sekisho/filter/proof/dmarc"
)

func BenchmarkRelate(b *testing.B) {
	c := catalogue(b)
	r := claim.NewReader(c)
	for _, bc := range []struct {
		name   string
		letter letter
		domain string
	}{
		{"genuine", genuine, "rakuten.co.jp"},
		{"fake", stopped, "st.mgu.ac.jp"},
	} {
		m := bc.letter.message()
		in := Input{Message: m, Proof: passes(bc.domain), Claims: r.Read(m), Catalogue: c}
		b.Run(bc.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Relate(in)
			}
		})
	}
}

// BenchmarkOverride measures what a trusted path costs, for a message that failed.
func BenchmarkOverride(b *testing.B) {
	for _, kind := range ForwarderKinds() {
		b.Run(string(kind), func(b *testing.B) {
			l := letter{name: "Taro Yamada", address: "taro@univ.example", subject: "Minutes", lines: []string{"Dear all,"}}
			in := detour(b, l, sealed("univ.example", dmarc.PolicyReject, true), "List-Id: <a.lists.example>")
			found := Relate(in)
			b.ReportAllocs()
			for b.Loop() {
				way := in.Detour(found)
				if _, ok := way.Override(found, Forwarder{Kind: kind, Domain: way.Seals[0].Domain}); !ok {
					b.Fatal("not overridden")
				}
			}
		})
	}
}
