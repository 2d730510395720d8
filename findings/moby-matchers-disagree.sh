#!/usr/bin/env bash
# Go module github.com/moby/patternmatcher v0.6.1.
#
# Its deprecated Matches names two functions to use instead, MatchesOrParentMatches and MatchesUsingParentResults, and
# says of the second that it works the same and is only asked folder by folder. They answer differently where a pattern
# with `**` ignores what is in a folder and a later `!` names the folder: of `a/**`, `!a` the first says that a/a is
# sent, the second that it is ignored. The second is what the docker command's archive asks, so a tool that tells by
# the first what a build will get is wrong.
#
# Seen (2026-11-30): a/a: MatchesOrParentMatches false, MatchesUsingParentResults true.
#
# Fails when both answer the same. Needs go >= 1.19.
set -euo pipefail
work=$(mktemp -d); trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT; cd "$work"
cat > go.mod <<'MOD'
module finding

go 1.19

require github.com/moby/patternmatcher v0.6.1
MOD
cat > main.go <<'GO'
package main

import (
	"fmt"
	"os"

	"github.com/moby/patternmatcher"
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func main() {
	matcher := must(patternmatcher.New([]string{"a/**", "!a"}))
	whole := must(matcher.MatchesOrParentMatches("a/a"))
	_, above, err := matcher.MatchesUsingParentResults("a", patternmatcher.MatchInfo{})
	if err != nil {
		panic(err)
	}
	byFolder, _, err := matcher.MatchesUsingParentResults("a/a", above)
	if err != nil {
		panic(err)
	}
	fmt.Printf("a/a: MatchesOrParentMatches %v, MatchesUsingParentResults %v\n", whole, byFolder)
	if whole || !byFolder {
		fmt.Println("they answer otherwise than on 2026-11-30")
		os.Exit(1)
	}
}
GO
GOFLAGS=-mod=mod GOTOOLCHAIN=local go run .
