// Package calendar reads what an invitation shows: summary, place, description,
// sender and addresses of its events (iCalendar, RFC 5545).
//
// Lines are unfolded first (section 3.1), text is unescaped (section 3.3.11). Everything
// else in a calendar is stepped over: components, times, time zones.
//
// Limits: MaxLine and MaxProperties; what is past them is unread and Calendar.Cut
// says so. Time and memory are linear in the input.
package calendar

const (
	// MaxLine is the number of bytes of one unfolded line that are read.
	MaxLine = 64 << 10

	// MaxProperties is the number of properties that are kept.
	MaxProperties = 1000
)
