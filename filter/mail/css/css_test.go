package css_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sekisho/filter/mail/css"
)

func TestStyle(t *testing.T) {
	tests := []struct {
		in   string
		p    css.Property
		want string
	}{
		{"display:none", css.Display, "none"},
		{" DISPLAY : None ;", css.Display, "None"},
		{"display:none;display:block", css.Display, "block"},
		{"display:none!important;display:block", css.Display, "none"},
		{"display:none ! IMPORTANT;display:block !important", css.Display, "block"},
		{"font:bold 12px/14px Arial", css.FontSize, "12px"},
		{"font:700 0/0 a", css.FontSize, "0"},
		{"font:inherit", css.FontSize, ""},
		{"background:url('a;b');opacity:0", css.Opacity, "0"},
		{"background:url(a;b);opacity:0", css.Opacity, "0"},
		{"background-image:url(x;opacity:0)", css.Opacity, ""},
		{"max-height:0;height:5px", css.Height, "5px"},
		{`\64 isplay:none`, css.Display, "none"},
		{"dis/**/play:none;a:/*", css.Display, "none"},
		{"/*display:none*/", css.Display, ""},
		{"display", css.Display, ""},
		{"-x:y;;:;display:none", css.Display, "none"},
		{"text-indent:-9999px", css.TextIndent, "-9999px"},
	}
	for _, tt := range tests {
		var s css.Style
		s.Add([]byte(tt.in))
		if got := string(s.Value(tt.p)); got != tt.want || s.Has(tt.p) != (tt.want != "") {
			t.Errorf("%s: %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestColor(t *testing.T) {
	white, red := css.RGB(255, 255, 255), css.RGB(255, 0, 0)
	for in, want := range map[string]css.Color{
		"#fff": white, "#FFFF": white, "#ffffff": white, "#ffffffff": white, "ffffff": white, "White": white, "rgb(255,255,255)": white,
		"rgba(255, 255, 255, 1)": white, "RGB(100% 100% 100% / 1)": white, "rgb(300,-1,0)": red, "red": red, "#f00": red,
		"rgba(0,0,0,0)": css.Transparent, "#fff0": css.Transparent, "#ffffff00": css.Transparent, "transparent": css.Transparent,
		"rgba(0,0,0,.5)": css.Unknown, "#fff8": css.Unknown, "hsl(0,0%,0%)": css.Unknown, "#ff": css.Unknown, "papayawhip-and-longer": css.Unknown,
		"rgb(1,2)": css.Unknown, "rgb(1,2,3,1,5)": css.Unknown, "rgb(a,b,c)": css.Unknown, ")": css.Unknown,
		"inherit": css.Unset, "": css.Unset,
	} {
		if got := css.ParseColor([]byte(in)); got != want {
			t.Errorf("%q: %x, want %x", in, got, want)
		}
	}
	for in, want := range map[string]css.Color{
		"#fff": white, "#fff none": white, "no-repeat red": red, "url(a.png) #fff": css.Unknown, "linear-gradient(red,red)": css.Unknown,
		"none": css.Transparent, "rgb(255, 255, 255)": white, "": css.Unset, "var(--x)": css.Unknown,
	} {
		if got := css.Backdrop([]byte(in)); got != want {
			t.Errorf("backdrop %q: %x, want %x", in, got, want)
		}
	}
	if !white.Like(css.RGB(250, 250, 247)) || white.Like(css.RGB(240, 255, 255)) || css.Unknown.Like(css.Unknown) || white.Dark() || !css.RGB(0, 0, 200).Dark() {
		t.Error("Like or Dark")
	}
}

func TestLengths(t *testing.T) {
	for in, want := range map[string]float64{"0": 0, "-9999px": -9999, "1.5em": 24, "3pt": 4, "1in": 96, "-.5px": -.5, "+2px": 2} {
		if got, ok := css.Pixels([]byte(in)); !ok || got != want {
			t.Errorf("%s: %v, %v", in, got, ok)
		}
	}
	for _, in := range []string{"", "auto", "50%", "-", "px", "1.2.3px"} {
		if got, ok := css.Pixels([]byte(in)); ok {
			t.Errorf("%s: %v", in, got)
		}
	}
	for in, want := range map[string]bool{
		"rect(0 0 0 0)": true, "rect(1px, 1px, 1px, 1px)": true, "inset(50%)": true, "inset(100%)": true, "circle(0)": true,
		"rect(0, 10px, 10px, 0)": false, "rect(0,0)": false, "auto": false, "inset(0)": false, "inset(x)": false, "rect(": false,
	} {
		if got := css.Clipped([]byte(in)); got != want {
			t.Errorf("%s: %v", in, got)
		}
	}
}

// hidden reports whether a sheet takes an element away, with anchors of ancestors
// given from the outside in.
func hidden(s *css.Sheet, path ...css.Element) bool {
	var above, parent css.Set
	var style css.Style
	for _, e := range path {
		style = css.Style{}
		parent = s.Match(&style, e, above, parent)
		above |= parent
	}
	return css.Is(style.Value(css.Display), "none")
}

// element reads "td#id.a.b".
func element(text string) css.Element {
	head, classes, _ := strings.Cut(text, ".")
	tag, id, _ := strings.Cut(head, "#")
	return css.Element{Tag: []byte(tag), ID: []byte(id), Class: []byte(strings.ReplaceAll(classes, ".", " "))}
}

func TestSheet(t *testing.T) {
	tests := []struct {
		sheet, path string
		want        bool
	}{
		{".a{display:none}", "p.a", true},
		{".a{display:none}", "p.b", false},
		{".a{display:none}", "p.A", false},
		{"p.a{display:none}", "p.b.a", true},
		{"p.a{display:none}", "td.a", false},
		{"P{display:none}", "p", true},
		{"*{display:none}", "p", true},
		{"#x{display:none}", "p#x", true},
		{".a.b{display:none}", "p.a", false},
		{".a.b{display:none}", "p.b.c.a", true},
		{".x,.a{display:none}", "p.a", true},
		{`.\61{display:none}`, "p.a", true},
		{".c:link{display:none}", "a.c", true},
		{".a:hover{display:none}", "p.a", false},
		{".a::before{display:none}", "p.a", false},
		{".a[href]{display:none}", "p.a", false},
		{".a + .b{display:none}", "p.b", false},
		{".a .b{display:none}", "div.a/p/i.b", true},
		{".a .b{display:none}", "p.b", false},
		{".a>.b{display:none}", "div.a/p.b", true},
		{".a > .b{display:none}", "div.a/p/i.b", false},
		{"div .a > .b{display:none}", "div/p.a/i.b", true},
		{"div .a > .b{display:none}", "p.a/i.b", false},
		{".a{display:none}.a{display:block}", "p.a", false},
		{"p.a{display:none}.a{display:block}", "p.a", true},
		{"#x{display:none}.a.b.c{display:block}", "p#x.a.b.c", true},
		{".a{display:none!important}#x{display:block}", "p#x.a", true},
		{"@media screen{.a{display:none}}", "p.a", true},
		{"@media screen{.x{}.a{display:none}}", "p.a", true},
		{"@media only screen and (max-width:600px){.a{display:none}}", "p.a", false},
		{"@media print{.a{display:none}}", "p.a", false},
		{"@media (max-width:1px){.b{x:y}} .a{display:none}", "p.a", true},
		{"@import url(x);.a{display:none}", "p.a", true},
		{"@charset \"x\";@import 'y'; .a{display:none}", "p.a", true},
		{"@supports (a:b){.a{display:none}}", "p.a", false},
		{"<!-- .a{display:none} -->", "p.a", true},
		{"/* .b{ */.a{display:none}", "p.a", true},
		{".a{display:none", "p.a", true},
		{".a{content:'}';display:none}", "p.a", true},
		{"}.a{display:none}", "p.a", false},
		{",{display:none}", "p", false},
		{".{display:none}", "p", false},
	}
	for _, tt := range tests {
		var s css.Sheet
		s.Add([]byte(tt.sheet))
		var path []css.Element
		for part := range strings.SplitSeq(tt.path, "/") {
			path = append(path, element(part))
		}
		if got := hidden(&s, path...); got != tt.want || s.Cut {
			t.Errorf("%s on %s: %v, cut %v", tt.sheet, tt.path, got, s.Cut)
		}
	}
}

func TestUnsure(t *testing.T) {
	for sheet, want := range map[string]bool{
		".a + .b{background:red}": true, "[x]{background-color:red}": true, ".a:not(.b){background-image:url(x)}": true,
		".a + .b{color:red}": false, "a:hover{background:red}": false, ".a{background:red}": false, "@media (x){.a+.b{background:red}}": false,
	} {
		var s css.Sheet
		if s.Add([]byte(sheet)); s.Unsure != want {
			t.Errorf("%s: %v", sheet, s.Unsure)
		}
	}
}

func TestLimits(t *testing.T) {
	names := func(n int, format, rest string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String() + rest
	}
	pad := func(n int) string { return strings.Repeat(" ", n-len(".a{display:none}")) + ".a{display:none}" }
	tests := map[string][2]string{
		"sheet":     {pad(css.MaxSheet), pad(css.MaxSheet + 1)},
		"rules":     {names(css.MaxRules, ".b%d{opacity:0}", ""), names(css.MaxRules+1, ".b%d{opacity:0}", "")},
		"selector":  {strings.Repeat(".a ", css.MaxSelector) + "{opacity:0}", strings.Repeat(".a ", css.MaxSelector+1) + "{opacity:0}"},
		"ancestors": {names(css.MaxAncestors, ".b%d p{opacity:0}", ""), names(css.MaxAncestors+1, ".b%d p{opacity:0}", "")},
	}
	for name, tt := range tests {
		var at, past css.Sheet
		if at.Add([]byte(tt[0])); at.Cut {
			t.Errorf("%s: cut at the limit", name)
		}
		if past.Add([]byte(tt[1])); !past.Cut {
			t.Errorf("%s: not cut past the limit", name)
		}
	}
	for past := range 2 {
		var s css.Sheet
		s.Add([]byte(".a{display:none}"))
		class := []byte(strings.Repeat("b ", css.MaxClasses-1+past) + "a")
		if got := hidden(&s, css.Element{Tag: []byte("p"), Class: class}); got != (past == 0) {
			t.Errorf("%d past the classes: %v", past, got)
		}
	}
	var s css.Sheet
	s.Add([]byte(".a{display:none}"))
	for range css.MaxMatches {
		hidden(&s, element("p.a"))
	}
	if s.Cut {
		t.Error("matches: cut at the limit")
	}
	if hidden(&s, element("p.a")); !s.Cut {
		t.Error("matches: not cut past the limit")
	}
	if s.Restart(); !hidden(&s, element("p.a")) {
		t.Error("not restarted")
	}
}

func TestBombs(t *testing.T) {
	const n = css.MaxSheet
	for name, sheet := range map[string]string{
		"at rules":       strings.Repeat("@a;", n/3),
		"semicolons":     strings.Repeat(" ", n/2) + strings.Repeat(";", n/2),
		"open braces":    strings.Repeat("{", n),
		"nested media":   strings.Repeat("@media all{", n/11),
		"commas":         strings.Repeat(",", n-20) + "{display:none}",
		"selectors":      strings.Repeat("a,", n/2-10) + "{display:none}",
		"open comments":  strings.Repeat("/*", n/2),
		"escapes":        strings.Repeat("\\", n),
		"html comments":  strings.Repeat("<!-->", n/5),
		"backslash rule": ".a{" + strings.Repeat("\\;", n/2-10) + "}",
	} {
		start := time.Now()
		var s css.Sheet
		s.Add([]byte(sheet))
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%s took %v", name, took)
		}
	}
}

func FuzzSheet(f *testing.F) {
	f.Add(".a>b#c:link,d::before{color:rgb(1 2 3/.5);font:1px/2 a;clip:rect(0,0,0,0)}@media all{*{display:none!important}}", "p.a b", "left:-9px")
	f.Fuzz(func(t *testing.T, sheet, class, style string) {
		var s css.Sheet
		s.Add([]byte(sheet))
		var d css.Style
		own := s.Match(&d, css.Element{Tag: []byte("p"), Class: []byte(class)}, 0, 0)
		s.Match(&d, css.Element{Tag: []byte("b"), ID: []byte("c"), Class: []byte(class)}, own, own)
		d.Add([]byte(style))
		for p := css.Display; p <= css.Clip; p++ {
			v := d.Value(p)
			if d.Has(p) != (len(v) > 0) {
				t.Errorf("property %d: %q", p, v)
			}
			css.ParseColor(v)
			css.Backdrop(v)
			css.Pixels(v)
			css.Clipped(v)
		}
	})
}
