package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"sekisho/filter/freeport"
	"sekisho/filter/shipped"
	"sekisho/filter/suite"
)

// prometheus is a private instance with the scrape configuration and the rules that
// are shipped, sixty times as fast: what is a minute in a rule is a second here, and
// an hour, which only has to be long, twenty.
type prometheus struct {
	tb   testing.TB
	addr string
}

var (
	window = regexp.MustCompile(`\[(\w+)(:\w+)?\]`)
	wait   = regexp.MustCompile(`\b(?:for:|offset) (\w+)`)
	span   = regexp.MustCompile(`(\d+)([mhd])`)
	target = regexp.MustCompile(`targets: \[.*\]`)
	every  = regexp.MustCompile(`scrape_interval: \w+`)
)

// faster makes seconds of the minutes in the windows and waits of rules.
func faster(rules string) string {
	shorten := func(text string) string {
		return span.ReplaceAllStringFunc(text, func(s string) string {
			parts := span.FindStringSubmatch(s)
			n, _ := strconv.Atoi(parts[1])
			return strconv.Itoa(n*map[string]int{"m": 1, "h": 20, "d": 480}[parts[2]]) + "s"
		})
	}
	return wait.ReplaceAllStringFunc(window.ReplaceAllStringFunc(rules, shorten), shorten)
}

// startPrometheus starts an instance that scrapes the admin addresses; it ends with
// the test. Where Prometheus is not installed the test skips.
func startPrometheus(tb testing.TB, admins ...string) *prometheus {
	tb.Helper()
	return startPrometheusWith(tb, "exemplar-storage", admins...)
}

// startPrometheusWith does so with a feature that has to be asked for.
func startPrometheusWith(tb testing.TB, feature string, admins ...string) *prometheus {
	tb.Helper()
	program, err := exec.LookPath("prometheus")
	if err != nil {
		tb.Skip("Prometheus is not installed: make test installs it")
	}
	dir := tb.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			tb.Fatal(err)
		}
	}
	for _, file := range shipped.RuleFiles(tb) {
		write(filepath.Base(file), faster(string(shipped.Read(tb, file))))
	}
	scrape := string(shipped.Read(tb, filepath.Join(suite.Root(tb), "deploy", "prometheus", "scrape.yml")))
	scrape = target.ReplaceAllLiteralString(scrape, fmt.Sprintf(`targets: ["%s"]`, strings.Join(admins, `", "`)))
	scrape = every.ReplaceAllLiteralString(scrape, "scrape_interval: 1s")
	write("prometheus.yml", "global: {scrape_timeout: 1s, evaluation_interval: 1s}\nrule_files: [\"*.rules.yml\"]\n"+scrape)

	p := &prometheus{tb: tb, addr: freeport.Take(tb)}
	cmd := exec.Command(program, "--config.file="+filepath.Join(dir, "prometheus.yml"), "--storage.tsdb.path="+filepath.Join(dir, "data"),
		"--web.listen-address="+p.addr, "--log.level=warn", "--enable-feature="+feature)
	var log strings.Builder
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if tb.Failed() {
			tb.Logf("prometheus:\n%s", log.String())
		}
	})
	waitFor(tb, "Prometheus on "+p.addr, func() bool {
		resp, err := http.Get("http://" + p.addr + "/-/ready")
		if err != nil {
			return false
		}
		resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
	return p
}

// sample is one element of a result.
type sample struct {
	Metric map[string]string `json:"metric"`
	Value  [2]any            `json:"value"` // time, and the value as text
}

// query asks for the present value of an expression.
func (p *prometheus) query(expr string) ([]sample, error) {
	var answer struct {
		Status, Error string
		Data          struct{ Result json.RawMessage }
	}
	if err := p.get("/api/v1/query?query="+url.QueryEscape(expr), &answer); err != nil {
		return nil, err
	}
	if answer.Status != "success" {
		return nil, fmt.Errorf("%s: %s", answer.Status, answer.Error)
	}
	var result []sample
	err := json.Unmarshal(answer.Data.Result, &result)
	return result, err
}

func (p *prometheus) get(path string, into any) error {
	resp, err := http.Get("http://" + p.addr + path)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return json.NewDecoder(resp.Body).Decode(into)
}

// firing returns the alerts that fire, by instance.
func (p *prometheus) firing() map[string][]string {
	p.tb.Helper()
	result, err := p.query(`ALERTS{alertstate="firing"}`)
	if err != nil {
		p.tb.Fatal(err)
	}
	alerts := map[string][]string{}
	for _, s := range result {
		at := s.Metric["instance"]
		alerts[at] = append(alerts[at], s.Metric["alertname"])
		slices.Sort(alerts[at])
		alerts[at] = slices.Compact(alerts[at])
	}
	return alerts
}

// unhealthy returns the rules that cannot be evaluated, and how many there are.
func (p *prometheus) unhealthy() (broken []string, all int) {
	p.tb.Helper()
	var answer struct {
		Data struct {
			Groups []struct {
				Rules []struct{ Name, Health, LastError string }
			}
		}
	}
	if err := p.get("/api/v1/rules", &answer); err != nil {
		p.tb.Fatal(err)
	}
	for _, g := range answer.Data.Groups {
		for _, r := range g.Rules {
			all++
			if r.Health != "ok" {
				broken = append(broken, r.Name+" is "+r.Health+": "+r.LastError)
			}
		}
	}
	return broken, all
}
