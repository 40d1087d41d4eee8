package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"sekisho/filter/quarantine"
	"sekisho/filter/report"
)

// TestReports: a recipient asks, an admin of their domain looks at what would leave and
// lets it, and nobody else has a say.
func TestReports(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	ids := l.put(fake, "hanako@kaisha.test", "taro@gakko.test")
	hanako, jiro, admin := l.client("hanako"), l.client("jiro"), l.client("admin")
	status, text := l.post(hanako, "/items/"+ids[0]+"/report", nil)
	for _, want := range []string{"abuse@mgu.ac.jp", "draft", "no address for reports", "Thank you"} {
		if !strings.Contains(text, want) {
			t.Errorf("asked (%d): no %q", status, want)
		}
	}
	if strings.Contains(text, "/reports/") || strings.Contains(text, "/draft/") {
		t.Error("a recipient is led to what is not theirs")
	}
	if status, _ = l.post(hanako, "/items/"+ids[1]+"/report", nil); status != http.StatusNotFound {
		t.Errorf("of another's message: %d", status)
	}
	all, err := l.store.Reports(t.Context(), quarantine.ReportFilter{})
	if err != nil || len(all) != 1 || all[0].Asked != "hanako" || all[0].Domain != "kaisha.test" {
		t.Fatalf("%+v %v", all, err)
	}
	page := "/reports/" + all[0].ID
	for _, path := range []string{"/reports", page, page + "/message", "/items/" + ids[0] + "/draft/apwg"} {
		if status, _ = l.get(hanako, path); status != http.StatusForbidden {
			t.Errorf("%s for a recipient: %d", path, status)
		}
	}
	if status, _ = l.post(hanako, page+"/approve", url.Values{"seen": {"x"}}); status != http.StatusForbidden {
		t.Errorf("a recipient approves: %d", status)
	}
	if status, text = l.get(jiro, "/reports"); status != http.StatusOK || !strings.Contains(text, page) {
		t.Errorf("list: %d", status)
	}
	status, text = l.get(jiro, page)
	for _, want := range []string{"FW: 【楽天】アカウントは停止されています", "Feedback-Type: fraud", "redacted-", "hxxp://rakuten[.]account-check[.]example", "Send it to abuse@mgu.ac.jp"} {
		if !strings.Contains(text, want) {
			t.Errorf("page (%d): no %q", status, want)
		}
	}
	if _, text := l.get(jiro, "/items/"+ids[0]); !strings.Contains(text, page) {
		t.Error("the page of the message does not lead to its report")
	}
	_, after, _ := strings.Cut(text, `name="seen" value="`)
	seen, _, _ := strings.Cut(after, `"`)
	for _, wrong := range []string{"", "x"} {
		if status, _ = l.post(jiro, page+"/approve", url.Values{"seen": {wrong}}); status != http.StatusConflict {
			t.Errorf("approved %q: %d", wrong, status)
		}
	}
	if status, _ = l.post(jiro, page+"/approve", url.Values{"seen": {seen}}); status != http.StatusSeeOther {
		t.Errorf("approved: %d", status)
	}
	if status, _ = l.post(jiro, page+"/approve", url.Values{"seen": {seen}}); status != http.StatusConflict {
		t.Errorf("approved twice: %d", status)
	}
	if now, err := l.store.ReportOf(t.Context(), all[0].ID); err != nil || now.State != quarantine.Approved || now.Approved != "jiro" {
		t.Errorf("%+v %v", now, err)
	}
	if status, _ = l.post(admin, page+"/drop", nil); status != http.StatusSeeOther {
		t.Errorf("dropped: %d", status)
	}

	// Of a message to another domain's recipient.
	if status, _ = l.post(admin, "/items/"+ids[1]+"/report", nil); status != http.StatusOK {
		t.Errorf("asked: %d", status)
	}
	all, err = l.store.Reports(t.Context(), quarantine.ReportFilter{State: quarantine.Draft})
	if err != nil || len(all) != 1 || all[0].Domain != "gakko.test" {
		t.Fatalf("%+v %v", all, err)
	}
	for _, path := range []string{"", "/message"} {
		if status, _ = l.get(jiro, "/reports/"+all[0].ID+path); status != http.StatusNotFound {
			t.Errorf("another domain's: %d", status)
		}
	}
	for _, what := range []string{"/approve", "/drop"} {
		if status, _ = l.post(jiro, "/reports/"+all[0].ID+what, url.Values{"seen": {"x"}}); status != http.StatusNotFound {
			t.Errorf("another domain's%s: %d", what, status)
		}
	}
	if _, text := l.get(jiro, "/reports"); strings.Contains(text, all[0].ID) {
		t.Error("another domain's is in the list")
	}
	if status, text = l.get(admin, "/items/"+ids[1]+"/draft/antiphishing"); status != http.StatusOK || !strings.Contains(text, "X-Unsent: 1") || strings.Contains(text, "taro@") {
		t.Errorf("draft: %d %s", status, text)
	}
	if status, _ = l.get(admin, "/items/"+ids[1]+"/draft/nobody"); status != http.StatusNotFound {
		t.Errorf("draft for nobody: %d", status)
	}
	log, err := os.ReadFile(l.server.audit.path)
	if err != nil || !strings.Contains(string(log), `"action":"approve-report `) || !strings.Contains(string(log), `"action":"report"`) {
		t.Errorf("audit: %v %s", err, log)
	}

	// Where its message is erased there is nothing to approve of.
	if _, err := l.store.Erase(t.Context(), ids[1]); err != nil {
		t.Fatal(err)
	}
	if status, text = l.get(admin, "/reports/"+all[0].ID); status != http.StatusOK || strings.Contains(text, `name="seen"`) || !strings.Contains(text, "erased") {
		t.Errorf("erased: %d", status)
	}
	l.reporting.From.Address = ""
	if status, text = l.post(admin, "/items/"+ids[0]+"/report", nil); status != http.StatusConflict || !strings.Contains(text, "report.from") {
		t.Errorf("switched off: %d", status)
	}
}

// TestReportAPI: the same by tokens.
func TestReportAPI(t *testing.T) {
	t.Parallel()
	l, o := newLab(t), readOpenAPI(t)
	l.reporting.Abuse = map[string]string{"mgu.ac.jp": "cert@mgu.ac.jp"}
	ids := l.put(fake, "hanako@kaisha.test", "taro@gakko.test")
	token := map[string]string{}
	for _, name := range []string{"admin", "jiro", "hanako"} {
		var err error
		if token[name], _, err = l.server.users.AddToken(name, "test", time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	ask := func(who, method, path, body string, want int, schema string) string {
		t.Helper()
		status, text := l.api(token[who], method, path, body)
		if status != want {
			t.Errorf("%s %s %s: %d, want %d: %s", who, method, path, status, want, text)
		}
		if schema != "" {
			o.holds(schema, text)
		}
		return text
	}
	var asked struct{ Reports []report.Asked }
	if err := json.Unmarshal([]byte(ask("hanako", "POST", "/api/v1/items/"+ids[0]+"/report", "", 200, "Asked")), &asked); err != nil || len(asked.Reports) != 2 || asked.Reports[1].Report == nil {
		t.Fatalf("%+v %v", asked, err)
	}
	if a := asked.Reports[1]; a.Report.Target != "cert@mgu.ac.jp" || !a.Fresh || asked.Reports[0].Reason != report.NoAddress {
		t.Errorf("%+v", asked)
	}
	path := "/api/v1/reports/" + asked.Reports[1].Report.ID
	ask("hanako", "GET", "/api/v1/reports", "", 403, "Error")
	ask("hanako", "GET", path, "", 403, "Error")
	ask("hanako", "POST", path+"/approve", `{"sum":"x"}`, 403, "Error")
	ask("jiro", "GET", "/api/v1/reports?state=draft", "", 200, "Reports")
	if text := ask("jiro", "GET", "/api/v1/reports?state=sent", "", 200, "Reports"); strings.TrimSpace(text) != `{"reports":[]}` {
		t.Error(text)
	}
	var shown struct{ Sum string }
	if err := json.Unmarshal([]byte(ask("jiro", "GET", path, "", 200, "ReportShown")), &shown); err != nil || len(shown.Sum) != 64 {
		t.Fatal(shown, err)
	}
	if text := ask("jiro", "GET", path+"/message", "", 200, ""); !strings.Contains(text, "report-type=feedback-report") {
		t.Error(text)
	}
	ask("jiro", "GET", "/api/v1/reports/nosuch", "", 404, "Error")
	ask("jiro", "POST", path+"/approve", `{}`, 409, "Error")
	ask("jiro", "POST", path+"/approve", `{"sum":"x"}`, 409, "Error")
	ask("jiro", "POST", path+"/approve", `{"sum":"`+shown.Sum+`"}`, 200, "ReportShown")
	if text := ask("jiro", "DELETE", path, "", 200, "ReportShown"); !strings.Contains(text, `"state":"dropped"`) {
		t.Error(text)
	}
	ask("jiro", "DELETE", path, "", 409, "Error")
	ask("admin", "GET", "/api/v1/items/"+ids[1]+"/draft/dekyo", "", 200, "")
	ask("jiro", "GET", "/api/v1/items/"+ids[1]+"/draft/dekyo", "", 404, "Error")
}

// TestReportOfOthers: who asks for what was reported already does not learn from whose
// message, nor who asked.
func TestReportOfOthers(t *testing.T) {
	t.Parallel()
	l, o := newLab(t), readOpenAPI(t)
	ids := l.put(fake, "hanako@kaisha.test", "taro@gakko.test")
	if status, text := l.post(l.client("admin"), "/items/"+ids[1]+"/report", nil); status != http.StatusOK || !strings.Contains(text, "/reports/") {
		t.Fatalf("asked: %d", status)
	}
	for _, name := range []string{"hanako", "jiro"} {
		if status, text := l.post(l.client(name), "/items/"+ids[0]+"/report", nil); status != http.StatusOK || !strings.Contains(text, "stands for 2 messages") || strings.Contains(text, "/reports/") {
			t.Errorf("%s: %d %s", name, status, text)
		}
		token, _, err := l.server.users.AddToken(name, "test", time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		status, text := l.api(token, "POST", "/api/v1/items/"+ids[0]+"/report", "")
		o.holds("Asked", text)
		for _, secret := range []string{ids[1], "gakko.test", `"admin"`} {
			if strings.Contains(text, secret) {
				t.Errorf("%s learns %s (%d): %s", name, secret, status, text)
			}
		}
	}
}
