#!/usr/bin/env bash
# e2b-dockerfile-utils 0.1.1 (PyPI), a port of moby's ignore file; Go module github.com/moby/patternmatcher v0.6.1.
#
# A line `!/` of an ignore file (also `!/.`) is an error for moby: "illegal exclusion pattern", so that no build begins.
# The port takes it, as one that takes back nothing: of `a`, `!/` it says that the file a is ignored.
#
# Seen (2026-11-30): moby: illegal exclusion pattern: "!"; the port: no error, a is ignored.
#
# Fails when the port refuses it or moby takes it. Needs go >= 1.19 and python3 >= 3.10.
set -euo pipefail
work=$(mktemp -d); trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT; cd "$work"
printf 'a\n!/\n' > ignore
python3 -m venv venv
venv/bin/pip install --quiet e2b-dockerfile-utils==0.1.1
cat > ask.py <<'PY'
from e2b_dockerfile_utils import PatternMatcher

ignored = PatternMatcher(open("ignore", encoding="utf-8").read().splitlines()).matches("a")
print(f"the port: no error; a is ignored: {ignored}")
assert ignored
PY
venv/bin/python ask.py
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
	"github.com/moby/patternmatcher/ignorefile"
)

func main() {
	file, err := os.Open("ignore")
	if err != nil {
		panic(err)
	}
	patterns, err := ignorefile.ReadAll(file)
	if err != nil {
		panic(err)
	}
	_, err = patternmatcher.New(patterns)
	fmt.Printf("moby: %v\n", err)
	if err == nil {
		os.Exit(1)
	}
}
GO
GOFLAGS=-mod=mod GOTOOLCHAIN=local go run .
