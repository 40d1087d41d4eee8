// Package s3 puts, gets, lists and deletes the objects of one bucket of a server
// that speaks the S3 protocol: HTTP with the signatures of AWS version 4.
//
// It addresses buckets by path (https://HOST/BUCKET/KEY), which all servers know.
// Each request is signed with the hash of its content, so that a server refuses
// what a network has changed. A request that the server was too busy for, or that
// found no server, is tried again: all of them have the same effect when done twice.
//
// Limits are in limits.go: time of one request, tries, bytes of an answer in XML.
package s3
