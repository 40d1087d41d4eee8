package shipped

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Dashboard is what we use of Grafana's form of a dashboard. Unknown fields are
// kept out of it on purpose: a field that is not here is a mistake, or has to be
// added with its meaning.
type Dashboard struct {
	File          string      `json:"-"`
	UID           string      `json:"uid"`
	Title         string      `json:"title"`
	Description   string      `json:"description"`
	Tags          []string    `json:"tags"`
	SchemaVersion int         `json:"schemaVersion"`
	Version       int         `json:"version"`
	Editable      bool        `json:"editable"`
	GraphTooltip  int         `json:"graphTooltip"` // 1: crosshair in all panels
	Timezone      string      `json:"timezone"`
	Refresh       string      `json:"refresh"`
	Time          TimeRange   `json:"time"`
	Links         []Link      `json:"links"`
	Templating    Templating  `json:"templating"`
	Annotations   Annotations `json:"annotations"`
	Panels        []Panel     `json:"panels"`
}

// TimeRange is what a dashboard shows first.
type TimeRange struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// Link leads to other dashboards, or to a page.
type Link struct {
	Title       string   `json:"title"`
	Type        string   `json:"type"` // dashboards or link
	Tags        []string `json:"tags,omitempty"`
	URL         string   `json:"url,omitempty"`
	Icon        string   `json:"icon"`
	Tooltip     string   `json:"tooltip"`
	AsDropdown  bool     `json:"asDropdown,omitempty"`
	IncludeVars bool     `json:"includeVars,omitempty"`
	KeepTime    bool     `json:"keepTime,omitempty"`
	TargetBlank bool     `json:"targetBlank,omitempty"`
}

// Templating holds the variables of a dashboard.
type Templating struct {
	List []Variable `json:"list"`
}

// Annotations are marks on the time axis of every panel.
type Annotations struct {
	List []Annotation `json:"list"`
}

// Annotation is one query for marks.
type Annotation struct {
	Name        string     `json:"name"`
	Enable      bool       `json:"enable"`
	Datasource  Datasource `json:"datasource"`
	Expr        string     `json:"expr"`
	Step        string     `json:"step"`
	IconColor   string     `json:"iconColor"`
	TitleFormat string     `json:"titleFormat"`
	TextFormat  string     `json:"textFormat"`
}

// Variable is what the reader of a dashboard chooses.
type Variable struct {
	Name       string      `json:"name"`
	Label      string      `json:"label"`
	Type       string      `json:"type"`  // datasource, query or textbox
	Query      any         `json:"query"` // prometheus, or a VariableQuery
	Datasource *Datasource `json:"datasource,omitempty"`
	Refresh    int         `json:"refresh"` // 1: on load, 2: with the time range
	Sort       int         `json:"sort,omitempty"`
	Multi      bool        `json:"multi,omitempty"`
	IncludeAll bool        `json:"includeAll,omitempty"`
	AllValue   string      `json:"allValue,omitempty"`
	Current    any         `json:"current"`
	Hide       int         `json:"hide"`
}

// Datasource says which Prometheus is asked.
type Datasource struct {
	Type string `json:"type"`
	UID  string `json:"uid"`
}

// Panel is one picture.
type Panel struct {
	ID              int            `json:"id"`
	Type            string         `json:"type"` // row, stat, timeseries, bargauge, table, heatmap
	Title           string         `json:"title"`
	Description     string         `json:"description,omitempty"`
	Collapsed       bool           `json:"collapsed,omitempty"`
	Panels          []Panel        `json:"panels,omitempty"` // of a collapsed row
	GridPos         GridPos        `json:"gridPos"`
	Datasource      *Datasource    `json:"datasource,omitempty"`
	Targets         []Target       `json:"targets,omitempty"`
	FieldConfig     map[string]any `json:"fieldConfig,omitempty"`
	Options         map[string]any `json:"options,omitempty"`
	Transformations []any          `json:"transformations,omitempty"`
}

// GridPos is the place of a panel; a dashboard is 24 wide.
type GridPos struct {
	H int `json:"h"`
	W int `json:"w"`
	X int `json:"x"`
	Y int `json:"y"`
}

// Target is one query of a panel.
type Target struct {
	RefID        string     `json:"refId"`
	Expr         string     `json:"expr"`
	LegendFormat string     `json:"legendFormat,omitempty"`
	Format       string     `json:"format,omitempty"`
	Instant      bool       `json:"instant,omitempty"`
	Range        bool       `json:"range,omitempty"`
	Exemplar     bool       `json:"exemplar,omitempty"`
	Datasource   Datasource `json:"datasource"`
}

// Dashboards reads all dashboards strictly.
func Dashboards(tb testing.TB) []Dashboard {
	tb.Helper()
	var all []Dashboard
	for _, file := range files(tb, "grafana/dashboards/*.json") {
		d := Dashboard{File: filepath.Base(file)}
		dec := json.NewDecoder(strings.NewReader(string(Read(tb, file))))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&d); err != nil {
			tb.Fatalf("%s: %v", file, err)
		}
		all = append(all, d)
	}
	return all
}

// Asks returns the query of a variable, "label_values(metric, label)".
func (v Variable) Asks() string {
	switch q := v.Query.(type) {
	case string:
		return q
	case map[string]any:
		text, _ := q["query"].(string)
		return text
	}
	return ""
}

// Query is an expression and where it stands.
type Query struct{ Where, Expr string }

var labelValues = regexp.MustCompile(`^label_values\((\w+), (\w+)\)$`)

// Queries returns all expressions of a dashboard with its variables filled in:
// those of panels, of marks and of variables.
func (d Dashboard) Queries() []Query {
	var all []Query
	add := func(what, expr string) {
		all = append(all, Query{d.File + ": " + what, Fill(expr)})
	}
	for _, p := range d.Panels {
		for _, t := range p.Targets {
			add(p.Title+" "+t.RefID, t.Expr)
		}
	}
	for _, a := range d.Annotations.List {
		add(a.Name, a.Expr)
	}
	for _, v := range d.Templating.List {
		if found := labelValues.FindStringSubmatch(v.Asks()); found != nil {
			add("variable "+v.Name, "group by ("+found[2]+") ("+found[1]+")")
		}
	}
	return all
}
