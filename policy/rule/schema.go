package rule

// Schema is the JSON Schema of the rules of a policy file, for editors.
func Schema() map[string]any {
	type node = map[string]any
	long := node{
		"type": "object", "additionalProperties": false, "required": []string{"when"},
		"anyOf": []node{{"required": []string{"points"}}, {"required": []string{"action"}}, {"required": []string{"observe"}}},
		"properties": node{
			"when":    node{"type": "string", "minLength": 1, "maxLength": maxExpression, "description": "A CEL expression over the facts of a message (sekisho policy facts) that is true or false."},
			"why":     node{"type": "string", "maxLength": maxWhy, "description": "Why the rule is there, in one line; told with the finding."},
			"points":  node{"type": "integer", "minimum": 0, "maximum": maxPoints, "description": "Adds to the sum."},
			"action":  node{"enum": []Action{Tag, Quarantine, Reject, Tempfail}, "description": "Brings at least this verdict by itself."},
			"observe": node{"type": "boolean", "description": "Recorded and counted, does nothing."},
		},
	}
	return node{
		"type": "object", "maxProperties": maxRules, "propertyNames": node{"pattern": namePattern},
		"additionalProperties": node{"anyOf": []node{{"const": "off"}, long}},
	}
}

// namePattern is what the name of a rule looks like.
const namePattern = `^[a-z][a-z0-9-]{0,40}$`
