package policy

import (
	"cmp"
	"encoding"
	"encoding/json"
	"reflect"
	"strings"

	"sekisho/filter/finding"
	"sekisho/policy/rule"
)

// node is a JSON Schema, or a part of one.
type node map[string]any

// Schema returns the JSON Schema (draft 2020-12) of policy files, for editors that
// complete and check. It is made from the types that files are read into, so that
// it knows every key that the loader knows; what depends on other files, such as
// groups and contradictions between layers, only the loader can tell.
func Schema() ([]byte, error) {
	return SchemaOf(reflect.TypeFor[file](), "sekisho policy file")
}

// SchemaOf is Schema for another struct that package strictyaml reads files into.
func SchemaOf(kind reflect.Type, title string) ([]byte, error) {
	s := object(kind)
	s["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	s["title"] = title
	return json.MarshalIndent(s, "", "  ")
}

// ObjectSchema is SchemaOf as a part of another schema.
func ObjectSchema(kind reflect.Type) map[string]any { return object(kind) }

// object is the schema of a struct with the keys of its tags.
func object(kind reflect.Type) node {
	properties := node{}
	var required []string
	for _, field := range reflect.VisibleFields(kind) {
		// Facts stand in files under their JSON names.
		key, option, _ := strings.Cut(cmp.Or(field.Tag.Get("yaml"), field.Tag.Get("json")), ",")
		if key == "" {
			continue
		}
		value := schemaOf(field.Type)
		if doc := field.Tag.Get("doc"); doc != "" {
			value["description"] = doc
		}
		properties[key] = value
		if option == "required" {
			required = append(required, key)
		}
	}
	s := node{"type": "object", "additionalProperties": false, "properties": properties}
	if len(required) > 0 {
		s["required"] = required
	}
	return s
}

// describer is a type whose form in a file is not that of its Go type.
type describer interface{ schema() node }

// Describer is such a type of another package.
type Describer interface{ JSONSchema() map[string]any }

// schemaOf is the schema of one value.
func schemaOf(kind reflect.Type) node {
	if kind.Kind() == reflect.Pointer {
		return schemaOf(kind.Elem())
	}
	if d, ok := reflect.Zero(kind).Interface().(describer); ok {
		return d.schema()
	}
	if d, ok := reflect.Zero(kind).Interface().(Describer); ok {
		return d.JSONSchema()
	}
	switch kind.Kind() {
	case reflect.Slice:
		if entry := kind.Elem(); entry.Kind() == reflect.Struct {
			if _, named := entry.FieldByName("Key"); named { // strictyaml.Map
				value, _ := entry.FieldByName("Value")
				return node{"type": "object", "additionalProperties": schemaOf(value.Type)}
			}
		}
		return node{"type": "array", "items": schemaOf(kind.Elem())}
	case reflect.Bool:
		return node{"type": "boolean"}
	case reflect.Int:
		return node{"type": "integer"}
	case reflect.String:
		return node{"type": "string"}
	case reflect.Struct:
		if value, located := kind.FieldByName("Value"); located {
			return schemaOf(value.Type)
		}
		if reflect.PointerTo(kind).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
			return node{"type": "string"}
		}
		return object(kind)
	}
	panic("no schema for " + kind.String()) // held by a test
}

func oneOf[T ~string](words ...T) node { return node{"enum": words} }

func pattern(text string) node { return node{"type": "string", "pattern": text} }

func text(limit int) node { return node{"type": "string", "maxLength": limit} }

const datePattern = `^[0-9]{4}-[0-9]{2}-[0-9]{2}$`

func (Enforcement) schema() node { return oneOf(Enforce, ObserveOnly) }
func (Mode) schema() node        { return oneOf(Store, Hold) }
func (Banner) schema() node      { return oneOf(NoBanner, JapaneseBanner, EnglishBanner, BothBanner) }
func (onDNS) schema() node       { return oneOf(dnsTempfail, dnsContinue, dnsObserve) }
func (OnOverload) schema() node {
	return oneOf(OverloadTempfail, OverloadContinue, OverloadObserve)
}
func (Check) schema() node     { return oneOf(Checks()...) }
func (margin) schema() node    { return threshold(0).schema() }
func (Role) schema() node      { return oneOf(Admin, DomainAdmin, Recipient) }
func (denial) schema() node    { return oneOf(Tag, Quarantine, Reject) }
func (brandRule) schema() node { return oneOf(brandOn, brandObserve, brandOff) }
func (threshold) schema() node {
	return node{"anyOf": []node{{"type": "integer", "minimum": 1, "maximum": maxThreshold}, {"const": "off"}}}
}
func (allowance) schema() node {
	return node{"anyOf": []node{{"type": "integer", "minimum": 1, "maximum": maxAllowance}, {"const": "off"}}}
}
func (days) schema() node      { return node{"type": "integer", "minimum": 1, "maximum": maxBudgetDays} }
func (retention) schema() node { return pattern(`^([1-9][0-9]{0,3}d|forever)$`) }
func (prefix) schema() node    { return text(maxPrefix) }
func (replyText) schema() node {
	return node{"type": "string", "maxLength": maxReply, "pattern": `^[ -~]*$`}
}
func (localReplyText) schema() node { return text(maxReply) }
func (reason) schema() node         { return node{"type": "string", "minLength": 1, "maxLength": maxReason} }
func (date) schema() node           { return pattern(datePattern) }
func (domain) schema() node         { return pattern(`^[^@\s]+$`) }
func (domainName) schema() node     { return pattern(`^[^@\s]+$`) }
func (identity) schema() node       { return pattern(`^\S+$`) }
func (brandID) schema() node        { return pattern(`^[a-z0-9.-]{1,64}$`) }
func (network) schema() node        { return pattern(`^[0-9a-fA-F:.]+/[0-9]{1,3}$`) }
func (groupName) schema() node      { return pattern(`^[a-z0-9-]{1,64}$`) }
func (glob) schema() node           { return pattern(`^[^@\s]{1,64}$`) }
func (findingName) schema() node {
	return node{"anyOf": []node{oneOf(finding.Names()...), pattern("^" + rule.Prefix + "[a-z][a-z0-9-]{0,40}$")}}
}

func (brandRules) schema() node {
	return node{"type": "object", "maxProperties": maxBrands, "propertyNames": brandID("").schema(), "additionalProperties": brandRule("").schema()}
}

func (exceptions) schema() node {
	entry := object(reflect.TypeFor[exceptionEntry]())
	entry["oneOf"] = []node{{"required": []string{"allow"}, "not": node{"required": []string{"verdict"}}}, {"required": []string{"deny", "verdict"}}}
	return node{"type": "array", "maxItems": maxExceptions, "items": entry}
}

func (conditions) schema() node {
	s := object(reflect.TypeFor[conditions]())
	s["minProperties"] = 1
	return s
}

func (mailboxEntries) schema() node {
	return node{"type": "array", "maxItems": maxMailboxes, "items": object(reflect.TypeFor[mailboxEntry]())}
}

func (forwarders) schema() node {
	return node{"type": "array", "maxItems": maxForwarders, "items": object(reflect.TypeFor[forwarderEntry]())}
}

// rules has one property for each finding of the vocabulary.
func (rules) schema() node {
	properties := node{}
	for _, name := range finding.Names() {
		rule := ruleSchema()
		rule["description"] = name.Meaning()
		properties[string(name)] = rule
	}
	return node{"type": "object", "additionalProperties": false, "properties": properties}
}

func ruleSchema() node {
	long := node{
		"type": "object", "additionalProperties": false, "minProperties": 1,
		"properties": node{
			"points": node{"type": "integer", "minimum": 0, "maximum": maxPoints, "description": "Adds to the sum."},
			"action": node{"enum": []Action{ActTag, ActQuarantine, ActReject, ActTempfail}, "description": "Brings at least this verdict by itself."},
		},
	}
	return node{"anyOf": []node{{"enum": []Action{Off, Observe}}, long}}
}
