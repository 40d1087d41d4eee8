// Package report writes the summary of a replay as one HTML file that people
// like to read: figures, plots, tables, and the messages that were judged
// otherwise than their labels ask, each with its explanation.
//
// The file loads nothing from anywhere, follows the reader's light or dark
// setting and needs no scripts. Everything that comes from mail goes through
// html/template, and nothing from mail becomes a link.
package report
