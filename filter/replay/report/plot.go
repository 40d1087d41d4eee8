package report

import (
	"fmt"
	"math"

	"sekisho/filter/replay"
	"sekisho/policy"
)

// slice is one piece of the bar of verdicts. Lengths of plots are in the units of
// their SVG view boxes.
type slice struct {
	Verdict policy.Verdict
	Count   int
	Share   float64
	X, W    float64
}

// barWidth is the width of the bar of verdicts.
const barWidth = 1000

// slices lays the verdicts side by side, those that did not occur left out.
func slices(s *replay.Summary) []slice {
	var all []slice
	x := 0.0
	for _, v := range policy.Verdicts() {
		n := s.Verdicts[v]
		if n == 0 {
			continue
		}
		share := float64(n) / float64(s.Judged)
		all = append(all, slice{Verdict: v, Count: n, Share: share, X: x, W: share * barWidth})
		x += share * barWidth
	}
	return all
}

// histogram is the plot of points.
type histogram struct {
	Columns  []column
	Lines    []gridLine
	Labelled bool
	Plain    bool
}

// column is the messages of one number of points: rectangles upon each other.
type column struct {
	X, Middle float64
	Label     string
	Tip       string
	Pieces    []piece
}

// piece is the part of a column of one kind.
type piece struct {
	Class string
	Y, H  float64
}

// gridLine is a horizontal line with its count.
type gridLine struct {
	Y     float64
	Label int
}

// Measures of the histogram.
const (
	plotHeight  = 220.0
	columnWidth = 30.0
	columnStep  = 31.0
	lineStep    = 16.0 // no lines closer to the ground than a letter is high
)

// newHistogram draws the points. The column of nought is often many times higher
// than all others, so heights follow the square root: small columns stay to be
// seen, and the lines tell what a height means.
func newHistogram(s *replay.Summary) histogram {
	h := histogram{}
	top := 1
	for _, b := range s.Points {
		top = max(top, b.All())
		h.Labelled = h.Labelled || b.Poses+b.Others > 0
		h.Plain = h.Plain || b.Plain > 0
	}
	height := func(n int) float64 { return plotHeight * math.Sqrt(float64(n)/float64(top)) }
	for _, n := range ticks(top) {
		if height(n) < lineStep {
			continue
		}
		h.Lines = append(h.Lines, gridLine{Y: plotHeight - height(n), Label: n})
	}
	for points, b := range s.Points {
		c := column{X: float64(points) * columnStep, Label: fmt.Sprint(points)}
		if points == replay.MaxPoints {
			c.Label += "+"
		}
		c.Middle = c.X + columnWidth/2
		c.Tip = fmt.Sprintf("%s points: %d messages", c.Label, b.All())
		if h.Labelled {
			c.Tip += fmt.Sprintf(", %d of them impersonations", b.Poses)
		}
		below := 0
		for _, p := range [...]struct {
			class string
			n     int
		}{{"poses", b.Poses}, {"others", b.Others}, {"plain", b.Plain}} {
			if p.n == 0 {
				continue
			}
			low, high := height(below), height(below+p.n)
			c.Pieces = append(c.Pieces, piece{Class: p.class, Y: plotHeight - high, H: high - low})
			below += p.n
		}
		h.Columns = append(h.Columns, c)
	}
	return h
}

// ticks are round counts up to top: 1, 10, 100, and top itself.
func ticks(top int) []int {
	var all []int
	for n := 1; n <= top/2; n *= 10 {
		all = append(all, n)
	}
	return append(all, top)
}

// rate is one line of the plot of shares.
type rate struct {
	Name, About  string
	Value        replay.Rate
	Y            float64
	X, Low, High float64 // along the axis
	Good         bool    // much is good
}

// Measures of the plot of shares.
const (
	axisWidth = 600.0
	rateStep  = 56.0
)

func rates(s *replay.Summary) []rate {
	var all []rate
	for _, r := range [...]rate{
		{Name: "Recall, tagged or worse", About: "of all impersonations", Value: s.Tagged, Good: true},
		{Name: "Recall, held", About: "of all impersonations", Value: s.Recall, Good: true},
		{Name: "Precision, held", About: "of all that was held for a claim", Value: s.Precision, Good: true},
		{Name: "False alarms", About: "of all honest mail", Value: s.FalseAlarm},
	} {
		if !r.Value.Known() {
			continue
		}
		low, high := r.Value.Interval()
		r.Y = rateStep * float64(len(all))
		r.X, r.Low, r.High = r.Value.Share()*axisWidth, low*axisWidth, high*axisWidth
		all = append(all, r)
	}
	return all
}

// Width is the length of the interval.
func (r rate) Width() float64 { return max(r.High-r.Low, 2) }

// RatesHeight is the height of the plot of shares.
func (v view) RatesHeight() float64 { return rateStep*float64(len(v.Rates)) + 30 }
