// Package brand is the catalogue of the brands that mail claims to come from:
// their names, and the domains that prove them.
//
// The catalogue is built into the program from the files in data, whose README
// says what each field means; operators add and override entries with files of
// the same form ([Load]). All files are checked together and all that is wrong
// is told at once, with file:line:column. A Catalogue does not change once it
// is made and is safe for use by several goroutines.
//
// Brands have one of two tiers: those described with care, and a broad tier of
// organisations known by name and main domains alone, whose claims weigh less. The
// latter are also read in a lean form, one a line (files that end in .txt).
//
// [Catalogue.Match] finds names in folded text with one automaton over all of
// them; its cost does not grow with their number. [Catalogue.Near] finds the name
// that a short text misspells. [Catalogue.Owns] and [Catalogue.Leads] answer whether
// a proved domain, or the host of a link, belongs to a brand. Domain names are in lower case and A-labels (RFC 5890
// section 2.3.2.1), as the rest of the program hands them around.
//
// Limits: [MaxAlias], [MaxMatches], [MaxFile], [MaxFiles].
package brand
