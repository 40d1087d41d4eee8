// Package promote makes a candidate directory of policies the live one, and the
// live one the candidate.
//
// Two directories change places in one step of the kernel (renameat2(2),
// RENAME_EXCHANGE): nobody ever sees no policies, or half of either. Where the live
// name is a symbolic link, as in current -> releases/42, the directories stay where
// they are, and a new link is renamed over the old one, which is one step, too; a
// candidate that is a link is then set to what was live.
//
// Both are loaded first: a candidate with a mistake is not promoted. If the daemon
// refuses the new set all the same, the directories change back.
package promote
