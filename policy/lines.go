package policy

import (
	"fmt"
	"iter"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"sekisho/policy/strictyaml"
)

// Line is one effective value of a policy.
type Line struct {
	Key   string // path of the key: "thresholds.tag", "findings.lure"
	Value string // as a policy file writes it
	Where string // file:line that it came from
	Note  string // for people; "expired, of no effect"
}

// Lines yields every effective value of the policy in the order of the keys of a
// file, and which entries have expired by now.
func (p *Policy) Lines(now time.Time) iter.Seq[Line] {
	return func(yield func(Line) bool) {
		w := &lineWriter{now: now, yield: yield}
		w.structure("", reflect.ValueOf(&p.settings).Elem())
	}
}

// lineWriter walks settings by the tags that files are read by, so that no key can
// be forgotten.
type lineWriter struct {
	now   time.Time
	yield func(Line) bool
	done  bool
}

func (w *lineWriter) add(key, value string, pos strictyaml.Pos, note string) {
	w.done = w.done || !w.yield(Line{Key: key, Value: value, Where: pos.FileLine(), Note: note})
}

func (w *lineWriter) structure(above string, v reflect.Value) {
	for i := range v.NumField() {
		if w.done {
			return
		}
		w.field(above+v.Type().Field(i).Tag.Get("yaml"), v.Field(i))
	}
}

func (w *lineWriter) field(key string, v reflect.Value) {
	switch value := v.Interface().(type) {
	case rules:
		for i, name := range value.words.names {
			w.add(key+"."+name, value.list[i].String(), value.list[i].pos, "")
		}
	case brandRules:
		for _, id := range slices.Sorted(maps.Keys(value)) {
			w.add(key+"."+string(id), string(value[id].Value), value[id].Pos, "")
		}
	case exceptions:
		for i := range value {
			w.add(key+"["+value[i].id+"]", value[i].String(), value[i].pos, expiredNote(value[i].expired(w.now)))
		}
	case strictyaml.Located[forwarders]:
		if len(value.Value) == 0 {
			w.add(key, "[]", value.Pos, "")
		}
		for i := range value.Value {
			f := &value.Value[i]
			w.add(key+"["+strconv.Itoa(i+1)+"]", f.String(), f.pos, expiredNote(f.expired(w.now)))
		}
	default:
		if at := v.FieldByName("Pos"); at.IsValid() {
			w.add(key, fmt.Sprint(v.FieldByName("Value").Interface()), at.Interface().(strictyaml.Pos), "")
			return
		}
		w.structure(key+".", v)
	}
}

func expiredNote(expired bool) string {
	if expired {
		return "expired, of no effect"
	}
	return ""
}

// title says whose policy it is.
func (p *Policy) title() string {
	var b strings.Builder
	b.WriteString(p.name)
	if p.mailbox.Line != 0 {
		b.WriteString(", its mailboxes at " + p.mailbox.FileLine())
	}
	if p.group != "" && p.name != groupFolder+"/"+p.group {
		b.WriteString(", of the group " + p.group)
	}
	return b.String()
}
