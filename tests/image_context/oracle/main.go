// Which paths the docker command's own matcher ignores: lines of {"ignore": text, "paths": [...]} -> [bool, ...] or an error.
package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

type question struct {
	Ignore string
	Paths  []string
}

func answer(asked question) any {
	patterns, err := ignorefile.ReadAll(strings.NewReader(asked.Ignore))
	if err != nil {
		return err.Error()
	}
	matcher, err := patternmatcher.New(patterns)
	if err != nil {
		return err.Error()
	}
	found := make([]bool, len(asked.Paths))
	for i, path := range asked.Paths {
		// As the docker command's archive asks: each folder above first (go-archive, TarWithOptions).
		about, above := patternmatcher.MatchInfo{}, ""
		for _, name := range strings.Split(path, "/") {
			above = filepath.Join(above, name)
			if found[i], about, err = matcher.MatchesUsingParentResults(above, about); err != nil {
				return err.Error()
			}
		}
	}
	return found
}

func main() {
	questions, answers := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		var asked question
		if questions.Decode(&asked) != nil {
			return
		}
		if answers.Encode(answer(asked)) != nil {
			return
		}
	}
}
