package campaign_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sekisho/filter/campaign"
	"sekisho/filter/finding"
)

// TestMany: the same claim from unrelated organisations within an hour.
func TestMany(t *testing.T) {
	t.Parallel()
	other := strings.NewReplacer("お客様のアカウントは、第三者による不正なログインが確認されたため停止されています。", "このたびポイントの有効期限が近づいています。",
		"24時間以内に下記より情報を確認してください。確認がない場合、アカウントは完全に停止されます。", "ご利用履歴を見て、期限までに交換の手続きをお願いします。対象の商品は数百点あります。")
	for name, tc := range map[string]struct {
		from  []string
		site  func(n int) string
		pause time.Duration
		text  *strings.Replacer // of the last one
		want  bool              // the last one is a copy
	}{
		"three, one site":              {[]string{"a@st.mgu.ac.jp", "b@shop-b.test", "c@c.example"}, func(int) string { return "evil.example" }, time.Minute, nil, true},
		"three, sites of their own":    {[]string{"a@st.mgu.ac.jp", "b@shop-b.test", "c@c.example"}, func(n int) string { return fmt.Sprintf("evil%d.example", n) }, time.Minute, nil, true},
		"two of one organisation":      {[]string{"a@st.mgu.ac.jp", "b@mail.mgu.ac.jp", "c@c.example"}, func(int) string { return "evil.example" }, time.Minute, nil, false},
		"two":                          {[]string{"a@st.mgu.ac.jp", "b@shop-b.test", "b@shop-b.test"}, func(int) string { return "evil.example" }, time.Minute, nil, false},
		"three in two hours":           {[]string{"a@st.mgu.ac.jp", "b@shop-b.test", "c@c.example"}, func(int) string { return "evil.example" }, time.Hour, nil, false},
		"another text to another site": {[]string{"a@st.mgu.ac.jp", "b@shop-b.test", "c@c.example"}, func(n int) string { return fmt.Sprintf("evil-%d.test", n) }, time.Minute, other, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, last := newTown(t, "", nil), false
			for n, from := range tc.from {
				raw := fake(from, tc.site(n), n)
				if tc.text != nil && n == len(tc.from)-1 {
					raw = []byte(tc.text.Replace(string(raw)))
				}
				d := s.deliver(raw, 1)
				if !finding.Has(d.Findings, finding.Impersonation) {
					t.Fatalf("%s claims nothing: %v", from, d.Findings)
				}
				if last = has(d); last && n < 2 {
					t.Errorf("message %d is a copy", n)
				}
				s.now = s.now.Add(tc.pause)
			}
			if last != tc.want {
				t.Errorf("the last is a copy: %v; %+v", last, s.Incidents())
			}
			if all := s.Incidents(); tc.want && (len(all) != 1 || all[0].Kind != campaign.Many || len(all[0].Orgs) != 3 || len(all[0].Traces) != 3) {
				t.Errorf("%+v", all)
			}
		})
	}
}

// TestUnprovedCopy: once a campaign is known, copies from nobody are its too; and
// it is over when none has come for hours.
func TestUnprovedCopy(t *testing.T) {
	t.Parallel()
	s := newTown(t, "", nil)
	for n, from := range []string{"a@st.mgu.ac.jp", "b@shop-b.test", "c@c.example"} {
		s.deliver(fake(from, "evil.example", n), 1)
	}
	nobody := fake("d@d.test", "evil.example", 9)
	nobody = nobody[bytes.IndexByte(nobody, '\n')+1:]
	s.now = s.now.Add(5 * time.Hour)
	if d := s.deliver(nobody, 1); !has(d) {
		t.Errorf("%v", d.Findings)
	}
	s.now = s.now.Add(7 * time.Hour)
	if d := s.deliver(nobody, 1); has(d) {
		t.Errorf("%v", d.Findings)
	}
}

// TestUsual: a sender that claims brands in the same measure day by day is not
// sudden once it is known; one that does much more is.
func TestUsual(t *testing.T) {
	t.Parallel()
	s := newTown(t, "", nil)
	for hour := range 30 {
		s.now = noon.Add(time.Duration(hour) * 2 * time.Hour)
		for n := range 8 {
			if d := s.deliver(fake(account, "site.example", hour*10+n), 12); has(d) {
				t.Fatalf("hour %d, message %d: %v", hour, n, s.Incidents())
			}
		}
	}
	s.now, s.got = s.now.Add(2*time.Hour), nil
	for n := range 60 {
		s.deliver(fake(account, "site.example", 1000+n), 12)
	}
	if !has(s.got) {
		t.Error("a burst of a sender that claims every day goes unseen")
	}
}

// TestMailboxProvider: customers of one provider have nothing to do with each
// other.
func TestMailboxProvider(t *testing.T) {
	t.Parallel()
	s := newTown(t, "", nil)
	for n := range 30 {
		if d := s.deliver(fake(fmt.Sprintf("user%d@gmail.com", n), fmt.Sprintf("s%d.example", n), n), 1); has(d) {
			t.Fatalf("message %d: %+v", n, s.Incidents())
		}
	}
	for n := range 3 {
		s.deliver(fake("user1@gmail.com", "s.example", n), 50)
	}
	if !has(s.got) {
		t.Error("one customer's burst goes unseen")
	}
}

// TestRestart: incidents go on after a restart, with the next number; and the file
// is for our eyes only.
func TestRestart(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), campaign.FileName)
	s := newTown(t, file, nil)
	s.now = time.Now()
	for n, from := range []string{"a@st.mgu.ac.jp", "b@shop-b.test", "c@c.example"} {
		s.deliver(fake(from, "evil.example", n), 1)
	}
	for n := range 3 {
		s.deliver(fake("x@burst.example", "other.example", n), 40)
	}
	save(s.Watch)
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	text, err := os.ReadFile(file)
	if err != nil || bytes.Contains(text, []byte("楽天会員")) || bytes.Contains(text, []byte("x@burst")) || bytes.Contains(text, []byte("evil.example")) {
		t.Errorf("%s, %v", text, err)
	}

	next := newTown(t, file, nil)
	next.now = s.now.Add(time.Hour)
	if d := next.deliver(fake("d@d.test", "evil.example", 9), 1); !has(d) {
		t.Error("the campaign is forgotten")
	}
	if d := next.deliver(fake("x@burst.example", "third.example", 9), 1); !has(d) {
		t.Error("the account is forgotten")
	}
	for n := range 3 {
		next.deliver(fake("y@new.example", "fourth.example", n), 40)
	}
	all := next.Incidents()
	if len(all) != 3 || all[0].ID != "a3" || all[0].Kind != campaign.Account {
		t.Errorf("%+v", all)
	}
	read, err := campaign.Read(file)
	if err != nil || len(read) != 2 || read[0].ID != "a2" {
		t.Errorf("%+v, %v", read, err)
	}
	for name, text := range map[string]string{"broken": "{", "empty": `{"incidents":[{}]}`} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := campaign.Open(campaign.Options{File: file}); err == nil || !strings.Contains(err.Error(), "incidents are forgotten") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestTold: what people read of an incident.
func TestTold(t *testing.T) {
	t.Parallel()
	s := newTown(t, "", nil)
	for n := range 5 {
		s.deliver(fake(account, "site.example", n), 40)
	}
	var out bytes.Buffer
	all := s.Incidents()
	if err := campaign.WriteTable(&out, all, noon); err != nil {
		t.Fatal(err)
	}
	err := all[0].Write(&out, noon.Add(24*time.Hour), func(trace string) (campaign.Became, error) {
		if trace == all[0].Traces[0] {
			return campaign.Became{Outcomes: []string{"tag 40"}}, nil
		}
		return campaign.Became{}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"a1  account   open", "incident  a1 (account), over", "5 messages to 200 recipients, 3 of them up to the alarm",
		all[0].Traces[0] + "  earlier  tag 40", all[0].Traces[4] + "  later    not recorded"} {
		if !strings.Contains(strings.ReplaceAll(out.String(), "account  open", "account   open"), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}
