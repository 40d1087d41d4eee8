// Package config reads the settings of the daemon.
//
// The file is YAML, read strictly by package strictyaml: a mistake is a problem
// with file:line:column, and all problems are told at once. Every setting has a
// default; deploy/sekisho.yaml documents each with its default. A file states only
// what it changes.
//
// Limits: a file of 1 MiB; ranges of single settings are in limits.go.
package config
