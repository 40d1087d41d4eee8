package web

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"sekisho/filter/web/account"
	"sekisho/policy"
)

// hour is one column of the chart.
type hour struct {
	At     time.Time              `json:"at"`
	Counts map[policy.Verdict]int `json:"verdicts"`
}

// charts keeps counts for some seconds: a page that renews itself on many screens
// makes the journal be read once.
type charts struct {
	now func() time.Time

	mu   sync.Mutex
	kept map[string]keptChart
}

type keptChart struct {
	at    time.Time
	hours []hour
}

func newCharts(now func() time.Time) *charts { return &charts{now: now, kept: map[string]keptChart{}} }

// hours counts the verdicts of the last day for the recipients that a user sees.
func (s *Server) hours(ctx context.Context, u *account.User) ([]hour, error) {
	domains, _ := u.Reach()
	key := strings.Join(domains, " ")
	c := s.charts
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	if k, ok := c.kept[key]; ok && now.Sub(k.at) < chartAge {
		return k.hours, nil
	}
	first := now.UTC().Truncate(time.Hour).Add(-(chartHours - 1) * time.Hour)
	counts, err := s.journal.verdicts(ctx, first, time.Hour, domains)
	if err != nil {
		return nil, err
	}
	hours := make([]hour, chartHours)
	for i := range hours {
		hours[i] = hour{At: first.Add(time.Duration(i) * time.Hour), Counts: map[policy.Verdict]int{}}
	}
	for _, n := range counts {
		if i := int(n.At.Sub(first) / time.Hour); i >= 0 && i < chartHours {
			hours[i].Counts[n.Verdict] += n.Recipients
		}
	}
	if len(c.kept) >= maxCharts {
		clear(c.kept)
	}
	c.kept[key] = keptChart{now, hours}
	return hours, nil
}

// chartData is the chart and its numbers.
type chartData struct {
	Recorded bool // there is a journal
	Totals   []chartTotal
	Hours    []chartHour
}

type chartTotal struct {
	Verdict policy.Verdict
	Count   int
}

// verdictOrder is from the bottom of a column to its top.
func verdictOrder() []policy.Verdict {
	return []policy.Verdict{policy.Accept, policy.Tag, policy.Quarantine, policy.Reject}
}

func (s *Server) chartOf(r *http.Request, who *caller) (chartData, error) {
	hours, err := s.hours(r.Context(), &who.User)
	if err != nil {
		return chartData{}, err
	}
	d := chartData{Recorded: s.opt.Journal != ""}
	for _, v := range verdictOrder() {
		t := chartTotal{Verdict: v}
		for _, h := range hours {
			t.Count += h.Counts[v]
		}
		d.Totals = append(d.Totals, t)
	}
	d.Hours = columns(hours)
	return d, nil
}

// The chart's measures, in units of its own that style sheets scale.
const (
	chartHeight = 180
	chartTop    = 10
	columnWidth = 24
	columnGap   = 6
)

// chartHour is a column as it is drawn.
type chartHour struct {
	At     time.Time
	X      int
	Total  int
	Blocks []chartBlock
}

type chartBlock struct {
	Verdict          policy.Verdict
	Count, Y, Height int
}

// columns lays out hours as columns.
func columns(hours []hour) []chartHour {
	most := 1
	for _, h := range hours {
		total := 0
		for _, n := range h.Counts {
			total += n
		}
		most = max(most, total)
	}
	var out []chartHour
	for i, h := range hours {
		c := chartHour{At: h.At, X: i*(columnWidth+columnGap) + columnGap}
		y := chartHeight
		for _, v := range verdictOrder() {
			n := h.Counts[v]
			if n == 0 {
				continue
			}
			tall := max(2, n*(chartHeight-chartTop)/most)
			y -= tall
			c.Total += n
			c.Blocks = append(c.Blocks, chartBlock{Verdict: v, Count: n, Y: y, Height: tall})
		}
		out = append(out, c)
	}
	return out
}

func (s *Server) verdicts(w http.ResponseWriter, r *http.Request, who *caller) {
	d, err := s.chartOf(r, who)
	if err != nil {
		s.fail(w, r, http.StatusInternalServerError, "error.internal", err)
		return
	}
	s.render(w, r, http.StatusOK, "verdicts", page{Title: "verdicts.title", Room: "verdicts", User: &who.User, Data: d})
}

// chart is the part of the page that renews itself.
func (s *Server) chart(w http.ResponseWriter, r *http.Request, who *caller) {
	d, err := s.chartOf(r, who)
	if err != nil {
		s.fail(w, r, http.StatusInternalServerError, "error.internal", err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := s.pages.templates[s.pages.language(r)]["chart"].ExecuteTemplate(w, "figure", d); err != nil {
		panic(err)
	}
}
