package journal

import (
	"encoding/json"
	"time"

	"sekisho/filter/record"
)

// stageText writes the times of stages as the database has them.
func stageText(stages map[record.Stage]time.Duration) (string, error) {
	if len(stages) == 0 {
		return "", nil
	}
	us := make(map[record.Stage]int64, len(stages))
	for s, took := range stages {
		us[s] = took.Microseconds()
	}
	text, err := json.Marshal(us)
	return string(text), err
}

// stageTimes reads them; nil where none were kept.
func stageTimes(text string) (map[record.Stage]time.Duration, error) {
	if text == "" {
		return nil, nil
	}
	var us map[record.Stage]int64
	if err := json.Unmarshal([]byte(text), &us); err != nil {
		return nil, err
	}
	stages := make(map[record.Stage]time.Duration, len(us))
	for s, n := range us {
		stages[s] = time.Duration(n) * time.Microsecond
	}
	return stages, nil
}
