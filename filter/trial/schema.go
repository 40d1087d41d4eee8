package trial

import (
	"reflect"

	"sekisho/filter/fact"
	"sekisho/policy"
)

// Schema returns the JSON Schema (draft 2020-12) of files of tests, for editors that
// complete and check. What depends on other values of a test, such as SPF without a
// sender, only Load can tell.
func Schema() ([]byte, error) {
	return policy.SchemaOf(reflect.TypeFor[file](), "sekisho policy tests")
}

type node = map[string]any

func enum[T ~string](words ...T) node { return node{"enum": words} }

// JSONSchema implements policy.Describer.
func (name) JSONSchema() node { return node{"type": "string", "minLength": 1, "maxLength": maxName} }

// JSONSchema implements policy.Describer.
func (day) JSONSchema() node {
	return node{"type": "string", "pattern": `^[0-9]{4}-[0-9]{2}-[0-9]{2}$`}
}

// JSONSchema implements policy.Describer.
func (address) JSONSchema() node { return node{"type": "string", "pattern": `^[0-9a-fA-F:.]+$`} }

// JSONSchema implements policy.Describer.
func (domain) JSONSchema() node { return node{"type": "string", "pattern": `^[^@\s]+$`} }

// JSONSchema implements policy.Describer.
func (verdict) JSONSchema() node { return enum(verdicts()...) }

// JSONSchema implements policy.Describer.
func (spfResult) JSONSchema() node { return enum(spfWords...) }

// JSONSchema implements policy.Describer.
func (dkimResult) JSONSchema() node { return enum(dkimWords...) }

// JSONSchema implements policy.Describer.
func (dmarcResult) JSONSchema() node { return enum(dmarcWords...) }

// JSONSchema implements policy.Describer.
func (dmarcPolicy) JSONSchema() node { return enum(policyWords...) }

// JSONSchema implements policy.Describer.
func (iprevResult) JSONSchema() node { return enum(iprevWords...) }

// JSONSchema implements policy.Describer.
func (findingName) JSONSchema() node {
	return node{"anyOf": []node{enum(findings()...), {"type": "string", "pattern": "^" + rulePrefix + "."}}}
}

// JSONSchema implements policy.Describer.
func (cause) JSONSchema() node {
	return node{"anyOf": []node{enum(append(findings(), string(policy.ByException), "")...), {"type": "string", "pattern": "^" + rulePrefix + "."}}}
}

// JSONSchema implements policy.Describer.
func (inline) JSONSchema() node {
	return node{"anyOf": []node{{"type": "string"}, {"type": "object", "additionalProperties": node{"type": "string"}}}}
}

// JSONSchema implements policy.Describer.
func (papers) JSONSchema() node {
	return node{"anyOf": []node{enum("none", "header"), policy.ObjectSchema(reflect.TypeFor[results]())}}
}

// JSONSchema implements policy.Describer.
func (signature) JSONSchema() node {
	return node{"anyOf": []node{domain("").JSONSchema(), policy.ObjectSchema(reflect.TypeFor[signatureKeys]())}}
}

// JSONSchema implements policy.Describer.
func (dmarcEntry) JSONSchema() node {
	return node{"anyOf": []node{dmarcResult("").JSONSchema(), policy.ObjectSchema(reflect.TypeFor[dmarcEntry]())}}
}

// JSONSchema implements policy.Describer. It has no descriptions: package fact's are
// comments.
func (facts) JSONSchema() node { return policy.ObjectSchema(reflect.TypeFor[fact.Facts]()) }
