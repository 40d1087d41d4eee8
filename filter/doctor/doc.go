// Package doctor looks at a set-up as an operator would who has been told that
// something is wrong: are settings and policies sound, does DNS answer and is it
// near, does the daemon answer on each of its sockets and judge by the files that
// are there, does Postfix hand it the mail, are clock, disk and stores in order.
// What is not, it tells together with what to do.
//
// It changes nothing and asks nobody's leave: each check looks at one thing, has a
// time limit, and goes on from what others could not find out. A check that has
// nothing to look at is skipped and says so.
package doctor
