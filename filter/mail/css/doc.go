// Package css reads as much of style sheets as decides whether text shows: the
// declarations that hide, move or colour it, and the rules that bring them to an
// element.
//
// Declarations and rules follow CSS Syntax Level 3, selectors a part of Selectors
// Level 4: compounds of a type, classes and an id, joined by blanks or ">". Which
// rule wins follows CSS Cascading Level 4 (importance, specificity, order). What
// is under a condition (@media with features, @supports) counts as not applied: a
// reader before a plain screen sees it so. Rules with other selectors do not apply
// either; where they may paint a background, Sheet.Unsure says so, since colours
// then prove nothing.
//
// Limits: MaxSheet, MaxRules, MaxSelector, MaxAncestors, MaxClasses and MaxMatches,
// each of which leaves the rest unread and sets Sheet.Cut. Time and memory are
// linear in the input.
package css
