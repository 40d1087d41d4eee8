// Package htmltext reads HTML the way a reader sees it: blocks of visible text in
// order, what is there but not shown, and everything that leads out.
//
// It walks over tokens (WHATWG HTML, section 13.2.5) and builds no tree: a stack of
// open elements carries what hides text, by attributes, style attributes and style
// sheets (see package css): what is not displayed, has no size, lies off the screen,
// or is written in the colour of its background.
// Scripts and style sheets are no text. Comments are hidden text, but those that old
// Outlook reads as markup are read as markup.
//
// A QR code drawn with block characters or coloured cells is read in a second walk,
// which only documents pay for that may hold one.
//
// Limits, each reported when hit: MaxText, MaxHidden, MaxDepth, MaxPassages,
// MaxLinks, MaxForms, and those of package css. Time and memory are linear in the
// input.
package htmltext

const (
	// MaxText is the number of bytes of visible text that are kept; the rest is
	// read for links only.
	MaxText = 2 << 20

	// MaxHidden is the number of bytes of hidden text that are kept.
	MaxHidden = 128 << 10

	// MaxDepth is the number of open elements that are followed. Elements below
	// are read, but nothing that they say about visibility is honoured.
	MaxDepth = 512

	// MaxStyle is the number of bytes of a style attribute that are honoured, and of
	// other attributes that are text.
	MaxStyle = 16 << 10

	// MaxPassages is the number of passages that are kept.
	MaxPassages = 20_000

	// MaxLinks is the number of links and images that are kept.
	MaxLinks = 5_000

	// MaxForms is the number of forms that are kept.
	MaxForms = 100

	// MaxPictures is the number of pictures inside the document that are kept, and
	// MaxPicture the bytes of one in base64; larger ones are not.
	MaxPictures = 4
	MaxPicture  = 3 << 20

	// MaxScriptLinks is the number of addresses that Scripts returns.
	MaxScriptLinks = 50

	// MaxLinkText is the number of bytes kept of the text of a link that runs over
	// several blocks.
	MaxLinkText = 4 << 10
)
