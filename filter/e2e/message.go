package e2e

import (
	"fmt"
	"net/netip"
	"strings"

	"sekisho/filter/mail"
)

// The client and domain of mail that claims nothing: SPF passes.
const (
	friendZone = "tomodachi.test. TXT \"v=spf1 ip4:192.0.2.70 -all\"\n"
	friendAddr = "taro@tomodachi.test"
)

// letter is an honest message with an id of its own.
func letter(id, body string) []byte {
	text := fmt.Sprintf("From: <%s>\nTo: <hanako@kaisha.test>\nSubject: lunch %s\nDate: Tue, 10 Nov 2026 09:12:44 +0900\nMessage-ID: <%s@tomodachi.test>\n\n%s\n",
		friendAddr, id, id, body)
	return []byte(strings.ReplaceAll(text, "\n", "\r\n"))
}

// friend is the envelope of honest mail.
func friend(rcpts ...string) mail.Envelope {
	if len(rcpts) == 0 {
		rcpts = []string{"hanako@kaisha.test"}
	}
	return mail.Envelope{
		Client: netip.MustParseAddr("192.0.2.70"), ClientName: "smtp.tomodachi.test", Helo: "smtp.tomodachi.test",
		Sender: friendAddr, Recipients: rcpts,
	}
}
