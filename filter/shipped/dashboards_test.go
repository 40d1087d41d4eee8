package shipped

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"sekisho/filter/suite"
)

// What Grafana knows and we use: of any other word it makes an empty panel.
var (
	panelTypes      = []string{"row", "stat", "timeseries", "bargauge", "table", "heatmap"}
	units           = []string{"short", "s", "bytes", "Bps", "percentunit"}
	transformations = []string{"groupingToMatrix", "organize"}
	legend          = regexp.MustCompile(`\{\{(\w+)\}\}`)
	variable        = regexp.MustCompile(`\$\{?([a-zA-Z_]+)`)
	builtIn         = []string{"__rate_interval", "__interval", "__range", "__all", "__field", "__data"}
)

// TestDashboards: each dashboard is one that Grafana shows as it is meant.
func TestDashboards(t *testing.T) {
	uids := map[string]bool{}
	for _, d := range Dashboards(t) {
		if d.UID+".json" != d.File || uids[d.UID] || d.Title == "" || d.Description == "" {
			t.Errorf("%s: uid %q, title %q", d.File, d.UID, d.Title)
		}
		uids[d.UID] = true
		if d.SchemaVersion != 39 || !slices.Contains(d.Tags, "sekisho") {
			t.Errorf("%s: schema %d, tags %v", d.File, d.SchemaVersion, d.Tags)
		}
		declared := map[string]bool{}
		for _, v := range d.Templating.List {
			declared[v.Name] = true
			switch {
			case v.Type == "datasource" && v.Query == "prometheus":
			case v.Type == "textbox" && v.Name == "web":
			case v.Type == "query" && labelValues.MatchString(v.Asks()) && v.Datasource.UID == "${datasource}":
			default:
				t.Errorf("%s: variable %s is a %s that asks for %v", d.File, v.Name, v.Type, v.Query)
			}
		}
		text, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		used := map[string]bool{}
		for _, found := range variable.FindAllStringSubmatch(string(text), -1) {
			used[found[1]] = true
			if !declared[found[1]] && !slices.Contains(builtIn, found[1]) {
				t.Errorf("%s: variable %s is not declared", d.File, found[1])
			}
		}
		for name := range declared {
			if !used[name] {
				t.Errorf("%s: variable %s is used nowhere", d.File, name)
			}
		}
		layout(t, d)
		for _, p := range d.Panels {
			panel(t, d.File+": "+p.Title, p)
		}
	}
}

// layout: panels lie on a grid 24 wide and do not cover each other.
func layout(t *testing.T, d Dashboard) {
	t.Helper()
	taken := map[[2]int]string{}
	ids := map[int]bool{}
	for _, p := range d.Panels {
		if ids[p.ID] || p.ID < 1 {
			t.Errorf("%s: panel id %d twice", d.File, p.ID)
		}
		ids[p.ID] = true
		g := p.GridPos
		if g.X < 0 || g.W < 1 || g.X+g.W > 24 || g.H < 1 {
			t.Errorf("%s: %s lies at %+v", d.File, p.Title, g)
		}
		for x := g.X; x < g.X+g.W; x++ {
			for y := g.Y; y < g.Y+g.H; y++ {
				if other := taken[[2]int{x, y}]; other != "" {
					t.Fatalf("%s: %s lies on %s", d.File, p.Title, other)
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
	}
}

func panel(t *testing.T, where string, p Panel) {
	t.Helper()
	if !slices.Contains(panelTypes, p.Type) || p.Title == "" {
		t.Errorf("%s: panel of type %q", where, p.Type)
	}
	if p.Type == "row" {
		return
	}
	if p.Description == "" || len(p.Targets) == 0 || p.Datasource == nil || p.Datasource.UID != "${datasource}" {
		t.Errorf("%s: no description, no query, or another data source", where)
	}
	defaults, _ := p.FieldConfig["defaults"].(map[string]any)
	if unit, _ := defaults["unit"].(string); !slices.Contains(units, unit) {
		t.Errorf("%s: unit %v", where, defaults["unit"])
	}
	refs := map[string]bool{}
	for _, q := range p.Targets {
		if q.RefID == "" || refs[q.RefID] || q.Instant == q.Range || q.Datasource.UID != "${datasource}" {
			t.Errorf("%s: query %q", where, q.RefID)
		}
		refs[q.RefID] = true
		e, err := Parse(Fill(q.Expr))
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range legend.FindAllStringSubmatch(q.LegendFormat, -1) {
			// What is not grouped has the label that every series has.
			if !slices.Contains(e.Labels, found[1]) && (len(e.Labels) > 0 || found[1] != "instance") {
				t.Errorf("%s: the legend names %s, the result has %v", where, found[1], e.Labels)
			}
		}
	}
	for _, each := range p.Transformations {
		change, _ := each.(map[string]any)
		if id, _ := change["id"].(string); !slices.Contains(transformations, id) {
			t.Errorf("%s: transformation %v", where, each)
		}
	}
}

// TestLinks: panels lead to web pages that there are, under the address that the
// reader of the dashboard chose.
func TestLinks(t *testing.T) {
	page := regexp.MustCompile(`^\$\{web:raw\}(/explain|/campaigns|/policy|/\?(?:state|brand|q)=(?:held|\$\{__(?:field\.labels\.\w+|data\.fields\[0\])\}))$`)
	for _, d := range Dashboards(t) {
		led := 0
		for _, l := range d.Links {
			if l.Type != "dashboards" && (l.Type != "link" || !strings.HasPrefix(l.URL, "${web:raw}/")) {
				t.Errorf("%s: link %+v", d.File, l)
			}
		}
		for _, p := range d.Panels {
			defaults, _ := p.FieldConfig["defaults"].(map[string]any)
			links, _ := defaults["links"].([]any)
			for _, each := range links {
				led++
				l, _ := each.(map[string]any)
				url, _ := l["url"].(string)
				if title, _ := l["title"].(string); title == "" || !page.MatchString(url) {
					t.Errorf("%s: %s: link %v", d.File, p.Title, l)
				}
				of, ok := strings.CutPrefix(url, url[:strings.Index(url, "}")+1]+"/?")
				if _, label, found := strings.Cut(of, "field.labels."); ok && found {
					label = strings.TrimSuffix(label, "}")
					for _, q := range p.Targets {
						if e, err := Parse(Fill(q.Expr)); err != nil || !slices.Contains(e.Labels, label) {
							t.Errorf("%s: %s: the link names %s, the result has %v", d.File, p.Title, label, e.Labels)
						}
					}
				}
			}
		}
		if led == 0 {
			t.Errorf("%s: no panel leads anywhere", d.File)
		}
	}
}

// TestProvisioning: Grafana finds the dashboards where compose puts them, and the
// data source is of the kind that they ask.
func TestProvisioning(t *testing.T) {
	dir := filepath.Join(suite.Root(t), "deploy", "grafana", "provisioning")
	var sources struct {
		Datasources []struct {
			Type, URL string
			JSONData  struct {
				Exemplars []struct{ Name, URL string } `yaml:"exemplarTraceIdDestinations"`
			} `yaml:"jsonData"`
		} `yaml:"datasources"`
	}
	var providers struct {
		Providers []struct {
			Type    string
			Options struct{ Path string }
		} `yaml:"providers"`
	}
	for file, into := range map[string]any{"datasources/prometheus.yml": &sources, "dashboards/sekisho.yml": &providers} {
		if err := yaml.Unmarshal(Read(t, filepath.Join(dir, file)), into); err != nil {
			t.Fatal(err)
		}
	}
	if len(sources.Datasources) != 1 || sources.Datasources[0].Type != "prometheus" || !strings.HasPrefix(sources.Datasources[0].URL, "http://prometheus:") {
		t.Errorf("%+v", sources)
	}
	// Two dollars are how provisioning writes the one that Grafana is to see.
	if to := sources.Datasources[0].JSONData.Exemplars; len(to) != 1 || to[0].Name != "trace_id" || to[0].URL != "${SEKISHO_WEB_URL}/explain/$${__value.raw}" {
		t.Errorf("%+v", to)
	}
	if len(providers.Providers) != 1 || providers.Providers[0].Type != "file" || providers.Providers[0].Options.Path != "/var/lib/grafana/dashboards" {
		t.Errorf("%+v", providers)
	}
}
