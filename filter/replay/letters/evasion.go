package letters

import (
	"fmt"
	"html"
	"math/rand/v2"
	"slices"
	"strings"
)

// layer says what an evasion works on. Those of different layers can be at work
// together.
type layer int

const (
	ofName  layer = iota // how the name is spelled
	ofWords              // how header text is written
	ofShape              // how the letter is built
	layers
)

// Evasion is one way to hide a brand's name from programs and not from people.
type Evasion struct {
	Name  string
	About string
	layer layer
	apply func(r *rand.Rand, d *draft) bool // false: it can do nothing here
}

// Layer names what the evasion works on.
func (e Evasion) Layer() string { return [...]string{"name", "header text", "shape"}[e.layer] }

// Evasions is the closed list.
func Evasions() []Evasion { return slices.Concat(nameEvasions(), wordEvasions(), shapeEvasions()) }

func nameEvasions() []Evasion {
	return []Evasion{
		named("invisible", "characters without a shape between the letters", invisibly),
		named("spaced", "blanks, dots or hyphens between the letters", apart),
		named("full-width", "Latin letters as wide as kanji", wide),
		named("half-width", "katakana in half width", narrow),
		named("other-kana", "katakana as hiragana, or hiragana as katakana", otherKana),
		named("han-variants", "kanji in old, Chinese or compatibility forms", oldKanji),
		named("mixed-scripts", "Latin letters replaced by Greek and Cyrillic twins", foreign),
		named("digits", "letters replaced by digits that look like them", digits),
		named("styled", "Latin letters from the mathematical alphabets", styled),
		named("circled", "Latin letters in circles", circled),
		named("accented", "marks over and under Latin letters", accented),
		named("mixed-case", "small and capital letters in turn", otherCase),
		named("backwards", "written from its end under a sign that reverses it", backwards),
		named("dashes", "the long vowel mark replaced by a dash or the kanji for one", dashes),
	}
}

// named makes an evasion of a disguise. It looks for a name of the brand that the
// disguise changes.
func named(name, about string, disguise func(*rand.Rand, string) string) Evasion {
	return Evasion{Name: name, About: about, layer: ofName, apply: func(r *rand.Rand, d *draft) bool {
		for _, n := range append([]string{d.name}, d.brand.names...) {
			if changed := disguise(r, n); changed != n {
				d.name = changed
				return true
			}
		}
		return false
	}}
}

func wordEvasions() []Evasion {
	always := func(name, about string, set func(*rand.Rand, *draft)) Evasion {
		return Evasion{Name: name, About: about, layer: ofWords, apply: func(r *rand.Rand, d *draft) bool {
			if d.charset == Raw || isASCII(d.title()) {
				return false
			}
			set(r, d)
			return true
		}}
	}
	return []Evasion{
		always("split-character", "a character's bytes lie in two encoded words", func(_ *rand.Rand, d *draft) { d.words.cut = withinCharacter }),
		always("split-quantum", "a group of four base64 letters lies in two encoded words", func(_ *rand.Rand, d *draft) { d.words.cut = withinQuantum }),
		always("one-by-one", "an encoded word for each character", func(_ *rand.Rand, d *draft) { d.words.perWord = 1 }),
		always("language-tag", "a language behind the charset (RFC 2231, section 5)", func(_ *rand.Rand, d *draft) { d.words.label = string(d.charset) + "*ja" }),
		always("other-label", "a vendor's name for the charset", func(r *rand.Rand, d *draft) { d.words.label = pick(r, d.charset.otherLabels()...) }),
		always("raw-header", "bytes in the header without encoded words", func(_ *rand.Rand, d *draft) { d.words.raw = true }),
		always("raw-quoted", "bytes in the header within quotation marks", func(_ *rand.Rand, d *draft) { d.words.raw, d.words.quoted = true, true }),
		always("quoted-words", "encoded words within quotation marks", func(_ *rand.Rand, d *draft) { d.words.quoted = true }),
		always("no-gap", "encoded words without a blank between them", func(_ *rand.Rand, d *draft) { d.words.tight = true }),
		always("no-padding", "base64 without its padding", func(_ *rand.Rand, d *draft) { d.words.bare = true }),
		always("q-words", "every byte as a number in Q", func(_ *rand.Rand, d *draft) { d.words.q = true }),
		always("twice", "encoded words within an encoded word", func(_ *rand.Rand, d *draft) { d.words.twice = true }),
	}
}

func shapeEvasions() []Evasion {
	always := func(name, about string, set func(*rand.Rand, *draft)) Evasion {
		return Evasion{Name: name, About: about, layer: ofShape, apply: func(r *rand.Rand, d *draft) bool { set(r, d); return true }}
	}
	hyper := func(name, about string, set func(*rand.Rand, *draft)) Evasion {
		return always(name, about, func(r *rand.Rand, d *draft) { d.html = true; set(r, d) })
	}
	// posing shows an address of the brand; there is no use in it where From itself
	// is one.
	posing := func(name, about string, field func(d *draft, name string) string) Evasion {
		return Evasion{Name: name, About: about, layer: ofShape, apply: func(_ *rand.Rand, d *draft) bool {
			if strings.HasSuffix(d.address, "@"+d.brand.domain) {
				return false
			}
			d.field = field
			return true
		}}
	}
	return append([]Evasion{
		always("brackets", "other brackets around the name in the subject", func(r *rand.Rand, d *draft) {
			b := pick(r, "[]", "［］", "〔〕", "≪≫", "《》", "「」", "『』", "〖〗", "<>", "()")
			open := []rune(b)
			d.bracket(string(open[0]), string(open[1]))
		}),
		always("no-brackets", "the subject begins with the name and a colon, or a word", func(r *rand.Rand, d *draft) {
			d.bracket("", "")
			d.subject = pick(r, "{b}：", "{b}より", "{b} ", "{b}からの") + d.subject
		}),
		always("second-bracket", "another bracket before the one with the name", func(r *rand.Rand, d *draft) {
			if d.bracket("【重要】【", "】"); r.IntN(2) == 0 {
				d.bracket("[緊急] [", "]")
			}
		}),
		always("reply", "the subject of an answer", func(_ *rand.Rand, d *draft) { d.reply = true }),
		always("no-name", "no display name; subject and body name the brand", func(_ *rand.Rand, d *draft) { d.from = ""; d.bracket("【", "】") }),
		always("body-only", "only the body names the brand", func(r *rand.Rand, d *draft) {
			d.from = pick(r, "カスタマーセンター", "お客様サポート", "重要なお知らせ", "")
			d.bracket("", "")
			d.lines[2] = pick(r, "{b}をご利用いただき、ありがとうございます。", "いつも{b}をご利用いただき、誠にありがとうございます。")
		}),
		always("name-only", "only the display name names the brand", func(_ *rand.Rand, d *draft) {
			if d.from == "" || !strings.Contains(d.from, "{b}") {
				d.from = "{b}"
			}
			d.bracket("", "")
			for i := range d.lines {
				d.lines[i] = strings.ReplaceAll(d.lines[i], "{b}", "弊社")
			}
			d.sign, d.shown = []string{"カスタマーセンター"}, "お手続きページへ"
		}),
		posing("brand-address-bare", "an address of the brand before the true one, not quoted", func(d *draft, _ string) string {
			return "info@" + d.brand.domain + " <" + d.address + ">"
		}),
		posing("brand-address-quoted", "an address of the brand in the display name", func(d *draft, name string) string {
			return `"` + name + ` <info@` + d.brand.domain + `>" <` + d.address + ">"
		}),
		always("comment-name", "the display name as a comment behind the address", func(_ *rand.Rand, d *draft) {
			d.field = func(d *draft, name string) string { return d.address + " (" + name + ")" }
		}),
		posing("two-authors", "the brand as a second author", func(d *draft, name string) string {
			return name + " <" + d.address + ">, <noreply@" + d.brand.domain + ">"
		}),
		always("brand-subdomain", "the brand's domain as the left part of the link's host", func(r *rand.Rand, d *draft) {
			d.link = "https://www." + d.brand.domain + "." + label(r) + ".example/"
		}),
		always("no-label", "body without a word about its charset", func(_ *rand.Rand, d *draft) { d.noLabel = true }),
		always("damaged-qp", "quoted-printable that breaks its rules", func(_ *rand.Rand, d *draft) { d.damaged = true }),
	}, hypertextEvasions(hyper)...)
}

// hypertextEvasions are those of HTML.
func hypertextEvasions(hyper func(string, string, func(*rand.Rand, *draft)) Evasion) []Evasion {
	letterwise := func(s, gap string) string {
		letters := strings.Split(s, "")
		for i := range letters {
			letters[i] = html.EscapeString(letters[i])
		}
		return strings.Join(letters, gap)
	}
	return []Evasion{
		hyper("hidden-letters", "letters that are not shown within the name", func(r *rand.Rand, d *draft) {
			style := pick(r, "display:none", "font-size:0", "visibility:hidden", "position:absolute;left:-9999px", "font-size:1px;color:#ffffff", "opacity:0")
			gap := fmt.Sprintf(`<span style="%s">%s</span>`, style, label(r)[:2])
			d.markup = func(s string) string { return letterwise(s, gap) }
		}),
		hyper("comments", "comments within the name", func(r *rand.Rand, d *draft) {
			gap := "<!-- " + label(r) + " -->"
			d.markup = func(s string) string { return letterwise(s, gap) }
		}),
		hyper("spans", "an element for each letter of the name", func(_ *rand.Rand, d *draft) {
			d.markup = func(s string) string { return "<span>" + letterwise(s, "</span><span>") + "</span>" }
		}),
		hyper("soft-breaks", "places where the line may break within the name", func(_ *rand.Rand, d *draft) {
			d.markup = func(s string) string { return letterwise(s, "<wbr>") }
		}),
		hyper("entities", "every letter as its number", func(_ *rand.Rand, d *draft) { d.entities = true }),
		hyper("logo", "HTML names the brand only as the text of a picture", func(_ *rand.Rand, d *draft) { d.logo = true }),
		hyper("hidden-salad", "honest text above that is not shown", func(r *rand.Rand, d *draft) {
			d.more = fmt.Sprintf("<div style=\"%s\">%s</div>\r\n", pick(r, "display:none", "font-size:0;line-height:0", "color:#fff;background:#fff", "max-height:0;overflow:hidden"),
				strings.Repeat("先日の打ち合わせの議事録を共有します。ご意見は金曜日までにお願いします。", 6))
		}),
		hyper("decoy-text", "text/plain tells something else than HTML", func(_ *rand.Rand, d *draft) { d.decoy = true }),
		hyper("link-text", "the link shows the brand's address and leads elsewhere", func(_ *rand.Rand, d *draft) { d.shown = "https://www." + d.brand.domain + "/login" }),
		hyper("base", "the link is relative to a base elsewhere", func(_ *rand.Rand, d *draft) {
			d.more += "<base href=\"" + d.link + "\">\r\n"
			d.link = "signin?lang=ja"
		}),
	}
}
