package mail

import (
	"sekisho/filter/mail/charset"
	"sekisho/filter/mail/htmltext"
	"sekisho/filter/mail/word"
)

// The names of deviations. The set is closed: metrics may use them as labels.
const (
	// The header.
	DeviationNoColon      = "header-line-without-colon" // a line in the header that is no field
	DeviationNameBlank    = "field-name-blank"          // blanks between a field's name and its colon
	DeviationDuplicate    = "field-duplicate"           // a field that may stand once (RFC 5322, section 3.6) stands twice
	DeviationNoFrom       = "from-missing"
	DeviationNUL          = "nul" // a NUL in header or text
	DeviationAddress      = "address-malformed"
	DeviationGroup        = "address-group" // group syntax in From or Sender (RFC 6854)
	DeviationTextControl  = string(word.Control)
	DeviationTextRaw      = string(word.Raw8Bit)
	DeviationWordSplit    = string(word.Split)
	DeviationWordBroken   = string(word.Broken)
	DeviationWordTwice    = string(word.Twice)
	DeviationNestedHeader = "part-header-unended" // the empty line after a part's header is missing

	// Charsets, in the header and in parts.
	DeviationCharsetNone    = string(charset.Unlabelled)
	DeviationCharsetUnknown = string(charset.Unknown)
	DeviationCharsetWrong   = string(charset.Wrong)
	DeviationCharsetDamaged = string(charset.Damaged)
	DeviationCharsetUTF7    = string(charset.Abused)

	// MIME.
	DeviationMediaType       = "media-type-malformed"
	DeviationParameter       = "parameter-duplicate"
	DeviationEncodingUnknown = "transfer-encoding-unknown"
	DeviationEncodingOuter   = "transfer-encoding-composite" // base64 or quoted-printable over a multipart or message (RFC 2045, section 6.4)
	DeviationBase64          = "base64-damaged"
	DeviationQuoted          = "quoted-printable-damaged"
	DeviationNoBoundary      = "boundary-missing"  // a multipart without a boundary parameter
	DeviationNoParts         = "boundary-unused"   // no delimiter line of the boundary
	DeviationUnclosed        = "boundary-unclosed" // no end boundary
	DeviationDisguisedHTML   = "html-disguised"    // an HTML file under another media type
	DeviationHTMLAttachment  = "html-attachment"   // HTML to be opened outside of the mail client

	DeviationPDFEncrypted = "pdf-encrypted" // a PDF document whose addresses nobody can read without its key

	// Limits, see limits.go, and those of sub-packages.
	DeviationLimitFields      = "limit-fields"
	DeviationLimitAddresses   = "limit-addresses"
	DeviationLimitDepth       = "limit-depth"
	DeviationLimitParts       = "limit-parts"
	DeviationLimitText        = "limit-text"
	DeviationLimitNested      = "limit-nested"
	DeviationLimitPassages    = "limit-passages"
	DeviationLimitLinks       = "limit-links"
	DeviationLimitParams      = "limit-parameters"
	DeviationLimitBoundary    = "limit-boundary"
	DeviationLimitWord        = string(word.TooLong)
	DeviationLimitHTMLText    = string(htmltext.LimitText)
	DeviationLimitHidden      = string(htmltext.LimitHidden)
	DeviationLimitHTMLDepth   = string(htmltext.LimitDepth)
	DeviationLimitHTMLItems   = string(htmltext.LimitPassages)
	DeviationLimitHTMLLinks   = string(htmltext.LimitLinks)
	DeviationLimitHTMLForms   = string(htmltext.LimitForms)
	DeviationLimitHTMLStyle   = string(htmltext.LimitStyle)
	DeviationLimitForms       = "limit-forms"
	DeviationLimitPictures    = "limit-pictures"
	DeviationLimitPixels      = "limit-pixels"
	DeviationLimitPictureTime = "limit-picture-time"
	DeviationLimitDocuments   = "limit-documents"
	DeviationLimitPDF         = "limit-pdf"
	DeviationLimitCalendar    = "limit-calendar"
)

// DeviationNames returns the closed set of names, in the order of the docs.
func DeviationNames() []string {
	return []string{
		DeviationNoColon, DeviationNameBlank, DeviationDuplicate, DeviationNoFrom, DeviationNUL,
		DeviationAddress, DeviationGroup, DeviationTextControl, DeviationTextRaw,
		DeviationWordSplit, DeviationWordBroken, DeviationWordTwice, DeviationNestedHeader,
		DeviationCharsetNone, DeviationCharsetUnknown, DeviationCharsetWrong, DeviationCharsetDamaged, DeviationCharsetUTF7,
		DeviationMediaType, DeviationParameter, DeviationEncodingUnknown, DeviationEncodingOuter,
		DeviationBase64, DeviationQuoted, DeviationNoBoundary, DeviationNoParts, DeviationUnclosed,
		DeviationDisguisedHTML, DeviationHTMLAttachment, DeviationPDFEncrypted,
		DeviationLimitFields, DeviationLimitAddresses, DeviationLimitDepth, DeviationLimitParts, DeviationLimitText,
		DeviationLimitNested, DeviationLimitPassages, DeviationLimitLinks, DeviationLimitParams, DeviationLimitBoundary,
		DeviationLimitWord, DeviationLimitHTMLText, DeviationLimitHidden, DeviationLimitHTMLDepth,
		DeviationLimitHTMLItems, DeviationLimitHTMLLinks, DeviationLimitHTMLForms, DeviationLimitHTMLStyle,
		DeviationLimitForms, DeviationLimitPictures, DeviationLimitPixels, DeviationLimitPictureTime,
		DeviationLimitDocuments, DeviationLimitPDF, DeviationLimitCalendar,
	}
}

// deviate records a deviation once for each place.
func (m *Message) deviate(name, where string) {
	for _, d := range m.Deviations {
		if d.Name == name && d.Where == where {
			return
		}
	}
	if len(m.Deviations) < MaxDeviations {
		m.Deviations = append(m.Deviations, Deviation{Name: name, Where: where})
	}
}
