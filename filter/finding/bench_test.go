package finding

import (
	"testing"

	"sekisho/filter/claim"
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
