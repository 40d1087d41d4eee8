// Package show writes brands for people, as tables, and for programs, as JSON
// lines.
package show
