package daemon

import (
	"fmt"

	"go.uber.org/zap"

	"sekisho/policy/listed"
)

// tellRefused counts the entries of lists, and warns of those that were left out:
// somebody wrote, by mistake or on purpose, a line that would stop honest mail.
func (d *Daemon) tellRefused(lists *listed.Lists) {
	first, all := lists.Refused()
	d.metrics.listed.WithLabelValues("in force").Set(float64(lists.Len()))
	d.metrics.listed.WithLabelValues("refused").Set(float64(all))
	if all == 0 {
		return
	}
	const show = 20
	told := make([]string, 0, show+1)
	for i, r := range first {
		if i == show {
			break
		}
		told = append(told, r.Where+": "+r.Value+": "+r.Why)
	}
	if all > len(told) {
		told = append(told, fmt.Sprintf("and %d more", all-len(told)))
	}
	d.log.Warn("entries of lists are refused", zap.Int("refused", all), zap.Strings("entries", told))
}
