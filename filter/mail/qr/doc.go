// Package qr reads QR codes (ISO/IEC 18004): from pictures, and from drawings made
// of characters or table cells.
//
// A picture's header is read first; one that is too large or too small for a code
// is not decoded. What is decoded is made grey and scaled down, and looked at twice:
// as it is and inverted. github.com/makiuchi-d/gozxing finds and decodes the code;
// it runs in a goroutine of its own that recovers, and that nobody waits for past a
// time limit. A drawing becomes a matrix of modules here, and only its bits go
// through gozxing.
//
// Limits: MaxPixels, MaxScans, MaxSide, TimeLimit, MaxColumns, MaxRows, MaxDrawings.
// Past the time limit the goroutine goes on until it is done, which the other limits
// bound to a few seconds at the very worst.
package qr
