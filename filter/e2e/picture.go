package e2e

import (
	"cmp"
	"fmt"
	"html"
	"maps"
	"math"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sekisho/filter/shipped"
)

// What a picture of a dashboard is made of: a cell of Grafana's grid, 24 to a row.
const (
	cellWidth  = 60
	cellHeight = 30
	pictured   = 20 * time.Second // of the past
)

var colours = []string{"#3274d9", "#e02f44", "#37872d", "#ff9830", "#8f3bb8", "#00a3a3", "#b8860b", "#555"}

// line is one series of a range.
type line struct {
	Metric map[string]string `json:"metric"`
	Values [][2]any          `json:"values"`
}

// queryRange asks for the values of an expression over the last while.
func (p *prometheus) queryRange(expr string) ([]line, error) {
	var answer struct {
		Status, Error string
		Data          struct{ Result []line }
	}
	now := time.Now()
	v := url.Values{"query": {expr}, "start": {fmt.Sprint(now.Add(-pictured).Unix())}, "end": {fmt.Sprint(now.Unix())}, "step": {"1"}}
	if err := p.get("/api/v1/query_range?"+v.Encode(), &answer); err != nil {
		return nil, err
	}
	if answer.Status != "success" {
		return nil, fmt.Errorf("%s: %s", answer.Status, answer.Error)
	}
	return answer.Data.Result, nil
}

// draw writes a picture of each dashboard into a folder, from the answers to its own
// queries: what a reader would see is looked at after a change, not asserted.
func draw(t *testing.T, p *prometheus, dir string) {
	t.Helper()
	for _, d := range shipped.Dashboards(t) {
		var b strings.Builder
		high := 0
		for _, panel := range d.Panels {
			g := panel.GridPos
			high = max(high, (g.Y+g.H)*cellHeight)
			fmt.Fprintf(&b, `<div style="left:%dpx;top:%dpx;width:%dpx;height:%dpx" class="%s"><b>%s</b>`, g.X*cellWidth, g.Y*cellHeight, g.W*cellWidth-8, g.H*cellHeight-8, panel.Type, html.EscapeString(panel.Title))
			var err error
			switch panel.Type {
			case "row":
			case "timeseries", "heatmap":
				err = p.lines(&b, &panel)
			default:
				err = p.values(&b, &panel)
			}
			if err != nil {
				t.Errorf("%s: %s: %v", d.File, panel.Title, err)
			}
			b.WriteString("</div>\n")
		}
		page := filepath.Join(dir, d.UID+".html")
		text := `<!DOCTYPE html><meta charset="utf-8"><style>body{margin:0;font:12px sans-serif}div{position:absolute;border:1px solid #ccc;overflow:hidden;padding:2px;box-sizing:border-box}` +
			`.row{border:0;font-size:14px}.stat p{font-size:26px;margin:6px}td{padding:0 8px}svg{display:block}</style>` + b.String()
		if err := os.WriteFile(page, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if program, err := exec.LookPath("chromium-headless-shell"); err == nil {
			shot := exec.Command(program, "--no-sandbox", "--disable-gpu", "--hide-scrollbars", fmt.Sprintf("--window-size=%d,%d", 24*cellWidth, high),
				"--screenshot="+filepath.Join(dir, d.UID+".png"), "file://"+page)
			if out, err := shot.CombinedOutput(); err != nil {
				t.Logf("no picture of %s: %v\n%s", d.UID, err, out)
			}
		}
	}
}

// lines draws a panel over time.
func (p *prometheus) lines(b *strings.Builder, panel *shipped.Panel) error {
	var all []line
	for _, q := range panel.Targets {
		result, err := p.queryRange(shipped.Fill(q.Expr))
		if err != nil {
			return err
		}
		for _, l := range result {
			l.Metric["\x00"] = q.LegendFormat
			all = append(all, l)
		}
	}
	most, first := 0.0, float64(time.Now().Add(-pictured).Unix())
	for _, l := range all {
		for _, v := range l.Values {
			most = max(most, number(v[1]))
		}
	}
	wide, tall := panel.GridPos.W*cellWidth-16, panel.GridPos.H*cellHeight-70
	fmt.Fprintf(b, `<span style="float:right">max %s</span><svg width="%d" height="%d">`, short(most), wide, tall)
	var legends []string
	for i, l := range all {
		colour := colours[i%len(colours)]
		var points []string
		for _, v := range l.Values {
			at, _ := v[0].(float64)
			y := float64(tall)
			if most > 0 {
				y -= number(v[1]) / most * float64(tall-4)
			}
			points = append(points, fmt.Sprintf("%.1f,%.1f", (at-first)/pictured.Seconds()*float64(wide), y-1))
		}
		fmt.Fprintf(b, `<polyline fill="none" stroke="%s" points="%s"/>`, colour, strings.Join(points, " "))
		legends = append(legends, fmt.Sprintf(`<span style="color:%s">%s</span>`, colour, html.EscapeString(named(l.Metric))))
	}
	b.WriteString("</svg>" + strings.Join(legends, " · "))
	if len(all) == 0 {
		b.WriteString("<i>no data</i>")
	}
	return nil
}

// values writes a panel of the present.
func (p *prometheus) values(b *strings.Builder, panel *shipped.Panel) error {
	for _, q := range panel.Targets {
		result, err := p.query(shipped.Fill(q.Expr))
		if err != nil {
			return err
		}
		if len(result) == 0 {
			b.WriteString("<p><i>no data</i></p>")
		}
		if panel.Type == "stat" {
			for _, s := range result {
				fmt.Fprintf(b, "<p>%s</p>", short(number(s.Value[1])))
			}
			continue
		}
		slices.SortStableFunc(result, func(x, y sample) int { return cmp.Compare(number(y.Value[1]), number(x.Value[1])) })
		b.WriteString("<table>")
		most := 1.0
		for _, s := range result {
			most = max(most, number(s.Value[1]))
		}
		for _, s := range result {
			v := number(s.Value[1])
			s.Metric["\x00"] = q.LegendFormat
			fmt.Fprintf(b, `<tr><td>%s<td>%s<td><svg width="160" height="10"><rect width="%.0f" height="10" fill="%s"/></svg>`, html.EscapeString(named(s.Metric)), short(v), v/most*160, colours[0])
		}
		b.WriteString("</table>")
	}
	return nil
}

// named is a series as a legend has it; its format stands under "\x00".
func named(metric map[string]string) string {
	text := metric["\x00"]
	var labels []string
	for _, k := range slices.Sorted(maps.Keys(metric)) {
		if k != "\x00" {
			text = strings.ReplaceAll(text, "{{"+k+"}}", metric[k])
			labels = append(labels, metric[k])
		}
	}
	if text == "" {
		return strings.Join(labels, " ")
	}
	return text
}

// number reads a value as Prometheus writes it, with what is none as 0.
func number(v any) float64 {
	text, _ := v.(string)
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return 0
	}
	return f
}

func short(f float64) string { return strconv.FormatFloat(f, 'g', 4, 64) }
