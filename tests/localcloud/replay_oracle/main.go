// The engine's own replay of a journal, asked by tests/localcloud/test_state_replay.py.
//
// Each line of the input is {"base": deployment, "entries": [entry, ...]}; each line of the output is the list of the
// deployments that the journal's prefixes lead to, from the empty one to the whole.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"github.com/pulumi/pulumi/pkg/v3/backend"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
)

type journal struct {
	Base    json.RawMessage   `json:"base"`
	Entries []json.RawMessage `json:"entries"`
}

func replayed(given journal, length int) (apitype.TypedDeployment, error) {
	// Read anew for each prefix, since a replay changes what it was given.
	base := &apitype.DeploymentV3{}
	if err := json.Unmarshal(given.Base, base); err != nil {
		return apitype.TypedDeployment{}, err
	}
	replayer := backend.NewJournalReplayer(base)
	for _, raw := range given.Entries[:length] {
		var entry apitype.JournalEntry
		if err := json.Unmarshal(raw, &entry); err != nil {
			return apitype.TypedDeployment{}, err
		}
		if err := replayer.Add(entry); err != nil {
			return apitype.TypedDeployment{}, err
		}
	}
	return replayer.GenerateDeployment()
}

func main() {
	in, out := bufio.NewReaderSize(os.Stdin, 1<<20), json.NewEncoder(os.Stdout)
	decoder := json.NewDecoder(in)
	for decoder.More() {
		var given journal
		if err := decoder.Decode(&given); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		states := make([]map[string]any, 0, len(given.Entries)+1)
		for length := range len(given.Entries) + 1 {
			state, err := replayed(given, length)
			if err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			states = append(states, map[string]any{
				"deployment": state.Deployment, "schema": state.Version, "features": state.Features,
			})
		}
		if err := out.Encode(states); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
