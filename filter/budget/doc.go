// Package budget lets a finding that causes too many false alarms step down, until
// somebody looks.
//
// A policy says how many held messages that a finding counted for may turn out to
// be honest within so many days: released, or marked as not phishing. A finding
// that goes beyond it is softened for that policy (policy.Softened): it then tags
// where it held. It stays so, however time goes by, until an operator has looked;
// from then on only later false alarms count. Findings of proof never step down.
//
// What has stepped down and when somebody looked last is kept in a small file, so
// that a restart forgets nothing. Policies whose budget is off, or that are gone,
// soften nothing.
package budget
