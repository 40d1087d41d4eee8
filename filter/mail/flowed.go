package mail

import "strings"

// unflow joins the lines of text/plain; format=flowed (RFC 3676, section 4.2): one
// that ends in a blank goes on in the next of the same quoting depth, and delSp drops
// that blank. Quote marks stay in front of each paragraph.
func unflow(text string, delSp bool) string {
	var b strings.Builder
	b.Grow(len(text))
	depth, flowing := 0, false
	for rest := text; rest != ""; {
		var line string
		line, rest, _ = strings.Cut(rest, "\n")
		line = strings.TrimSuffix(line, "\r")
		marks := 0
		for marks < len(line) && line[marks] == '>' {
			marks++
		}
		quotes := line[:marks]
		line = strings.TrimPrefix(line[marks:], " ") // section 4.4: space-stuffing
		signature := line == "-- "
		if !flowing || marks != depth || signature {
			if b.Len() > 0 {
				b.WriteByte('\n')
			}
			b.WriteString(quotes)
		}
		depth = marks
		flowing = !signature && strings.HasSuffix(line, " ")
		if flowing && delSp {
			line = line[:len(line)-1]
		}
		b.WriteString(line)
	}
	return b.String()
}
