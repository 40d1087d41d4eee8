// Package charset turns bytes of any charset that mail is written in into valid
// UTF-8, and says whether the label told the truth.
//
// Labels are those of the WHATWG Encoding Standard, plus the names that Japanese
// mailers use and the standard does not list (cp932, cp50220, iso-2022-jp-ms,
// ...). UTF-7 (RFC 2152) is decoded as well: old clients do, and nobody honest
// sends it any more. Where the label is missing, unknown or plainly wrong, the
// charset is guessed the way clients for Japanese readers guess: valid UTF-8,
// then ISO-2022-JP escapes (RFC 1468), then Shift_JIS against EUC-JP by counting
// what would be errors.
//
// Limits: a label longer than MaxLabel is unknown. Time and memory are linear in
// the input, the output is at most about four times as long; callers cap the input.
package charset
