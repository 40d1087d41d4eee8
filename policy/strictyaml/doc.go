// Package strictyaml reads one YAML document into Go structs and lets nothing
// pass that its author may not have meant.
//
// It follows YAML 1.2 as go.yaml.in/yaml/v3 parses it, and is stricter in these
// points:
//
//   - Text stays as written. 010, 0x10, 1.10, ~ and no, read into a string, are
//     those very characters: YAML's guessing of types never happens, the Go type
//     of the target decides. Numbers are decimal, booleans are true and false.
//   - Unknown keys, keys set twice, empty values and wrong types are problems, an
//     unknown key with the known one that is nearest.
//   - Several documents in one file, anchors, aliases, merge keys and explicit tags
//     are refused.
//   - All problems of a file are told at once, each with file:line:column. Only
//     broken syntax, and the refused forms above, end the reading early.
//
// Targets are structs whose fields bear a `yaml:"key"` tag (`yaml:"key,required"`
// where the key may not be left out; untagged fields are not keys; an embedded
// struct tagged `yaml:",inline"` lends its keys), bool, the integers, the floats,
// string, time.Duration, pointers (nil when not set), slices, map[string]T,
// [Located] (a value and where it stands), [Map] (a mapping in its written order),
// [Deferred] (a value that is read later), and types that implement [Unmarshaler]
// or encoding.TextUnmarshaler. Keys that a document leaves out keep what the target
// held before, so defaults are filled in first; a list that is given replaces the
// whole default.
//
// Limits: a document of [MaxBytes], nesting of [MaxDepth], [MaxProblems]
// problems told, and what a message quotes is cut.
package strictyaml
