package e2e

import (
	"bytes"
	"net"
	"sekisho/filter/freeport"
	"testing"
)

// TestE2EWithoutDNS: with a name server that never answers, and with none at
// all, mail that claims nothing goes on with temporary results in its header;
// mail that would be held waits at the sender until it can be judged.
func TestE2EWithoutDNS(t *testing.T) {
	t.Parallel()
	servers := map[string]func(*testing.T) string{
		"silent": func(t *testing.T) string {
			// A bound socket that nobody reads: questions vanish.
			c, err := net.ListenPacket("udp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { c.Close() })
			return c.LocalAddr().String()
		},
		"dead": func(t *testing.T) string { return freeport.Take(t) },
	}
	for name, server := range servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lab := newLab(t, labOptions{dns: server(t)})
			raw := letter("no-dns", "hello")
			expect(t, dial(t, lab.Postfix.Addr, friend()).send(friend(), raw, ""), "250 ")
			got := lab.delivered(t, "no-dns")
			if !bytes.HasSuffix(got, raw) || !bytes.Contains(got, []byte("spf=temperror")) {
				t.Errorf("delivered:\n%s", got)
			}
			for _, kind := range []string{"story-a-", "story-f-genuine-rakuten"} {
				k := find(t, kind)
				expect(t, dial(t, lab.Postfix.Addr, k.Envelope).send(k.Envelope, k.Raw, ""), "451 4.")
			}
			lab.nothingElse(t, 1)
		})
	}
}
