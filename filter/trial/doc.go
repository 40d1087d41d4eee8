// Package trial runs the tests that lie in a policy directory: messages, or facts
// about one, and what is to become of them for each recipient.
//
// Load reads tests/*.yaml below the directory as strictly as policy files are read,
// and Run judges each case by a set: reading, claims, findings and decisions are
// those of package gate. Nothing is looked up. Who a message is proved to be is
// what the case says, in the words of RFC 8601: nobody, as the topmost
// Authentication-Results field of the message has it, or stated result by result.
// Results are put through the same code as a field of a gateway (RFC 8601, section
// 2), so that alignment and strength follow from them and can't be made up.
//
// A case is judged on a day, because exceptions and trusted forwarders end. One that
// names none is judged now, and fails from the day on which an entry ends that it
// rests on. That day must not keep a daemon from starting, so such failures are told
// apart (Result.Expired).
//
// Limits: 1,000 files of 1 MiB, 5,000 cases, 32 MiB in all, 30 s for a run. To read and
// judge 1,000 small messages, for two recipients each, takes 0.12 s of one processor
// (BenchmarkThousand), a case of facts 3 µs (BenchmarkRun).
package trial
