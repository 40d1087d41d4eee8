package mail

// Limits of reading one message. Hitting one never fails: the outcome is stated
// beside each.
const (
	// MaxFile is the size in bytes of a file that ReadFile accepts. A larger one
	// is the error ErrTooLarge; over milter the MTA's own limit comes first.
	MaxFile = 64 << 20

	// MaxFields is the number of header fields that are looked at. Fields below are
	// kept in Header, unread: limit-fields.
	MaxFields = 5000

	// MaxAddressFields is the number of From fields (Sender, Reply-To) that are
	// read: limit-addresses.
	MaxAddressFields = 10

	// MaxMailboxes is the number of mailboxes read from one field:
	// limit-addresses.
	MaxMailboxes = 100

	// MaxAddressBytes is the number of bytes of an address field that are read; the
	// rest is cut off, and the field is malformed.
	MaxAddressBytes = 64 << 10

	// MaxDepth is the number of multiparts and messages inside each other that are
	// opened. What is deeper is one part, shown as text: limit-depth.
	MaxDepth = 20

	// MaxParts is the number of parts that are opened, multiparts and messages
	// counted like leaves: limit-parts.
	MaxParts = 500

	// MaxText is the number of decoded bytes of text kept and read over all parts of
	// a message. The part that crosses it is cut, later ones have a Size and no
	// Data: limit-text.
	MaxText = 16 << 20

	// MaxBinary is the number of decoded bytes kept of a part that is not text:
	// enough to tell its true type. A longer one is cut without a deviation.
	MaxBinary = 16 << 10

	// MaxNested is the number of bytes of a base64 or quoted-printable encoded
	// message or multipart that are opened, over a whole message: limit-nested.
	MaxNested = 16 << 20

	// MaxPassages is the number of passages: limit-passages.
	MaxPassages = 20_000

	// MaxLinks is the number of links: limit-links.
	MaxLinks = 5000

	// MaxForms is the number of forms: limit-forms.
	MaxForms = 100

	// MaxPictures is the number of pictures that are searched for QR codes, and
	// MaxPicture the bytes of one: limit-pictures, and a larger one is not looked at.
	// Package qr limits pixels (limit-pixels) and the time that all of them take
	// together (limit-picture-time).
	MaxPictures = 4
	MaxPicture  = 2 << 20

	// MaxDocuments is the number of PDF documents that are scanned: limit-documents.
	// Package pdflink limits each of them: limit-pdf.
	MaxDocuments = 4

	// MaxLine is the number of bytes of one line of text/plain that a passage
	// holds; a longer line becomes several passages.
	MaxLine = 4 << 10

	// maxScanText is the number of bytes of visible text in which words about scanning
	// are looked for.
	maxScanText = 256 << 10

	// MaxDeviations is the number of deviations that are kept; later ones are
	// dropped.
	MaxDeviations = 100
)
