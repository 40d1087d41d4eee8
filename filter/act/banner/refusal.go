package banner

// Refusal says why a message got no banner; "" is that it got one. The set is
// closed.
type Refusal string

const (
	NoBanner    Refusal = "no-banner"    // nothing was to be said
	NoText      Refusal = "no-text"      // no text is displayed
	Protected   Refusal = "protected"    // something in it is signed or encrypted
	Malformed   Refusal = "malformed"    // clients may differ in how they read it
	BadCharset  Refusal = "charset"      // a text does not fit its charset, or the banner fits neither it nor UTF-8
	BadEncoding Refusal = "encoding"     // an unknown or damaged transfer encoding
	TooLarge    Refusal = "too-large"    // past a limit
	Frames      Refusal = "frames"       // an HTML frame set has no place for text
	Unproved    Refusal = "not-verified" // the message reads differently afterwards, but for the banner
)

// Refusals lists them all.
func Refusals() []Refusal {
	return []Refusal{NoBanner, NoText, Protected, Malformed, BadCharset, BadEncoding, TooLarge, Frames, Unproved}
}
