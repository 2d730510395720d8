// What the engine reads in stack files: its own loader and its own way of handing values to a program.
//
// In: a JSON list of texts. Out: a JSON list, for each text {"values": {key: JSON text or plain text}} or {"error": ...}.
package main

import (
	"encoding/json"
	"os"

	"github.com/pulumi/pulumi/sdk/v3/go/common/encoding"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
)

type answer struct {
	Values map[string]string `json:"values,omitempty"`
	Error  string            `json:"error,omitempty"`
}

func read(text string) (said answer) {
	defer func() {
		if recover() != nil {
			said = answer{Error: "panic"}
		}
	}()
	project := &workspace.Project{Name: tokens.PackageName("accordion")}
	stack, err := workspace.LoadProjectStackBytes(nil, project, []byte(text), "Pulumi.test.yaml", encoding.YAML)
	if err != nil {
		return answer{Error: "refused"}
	}
	values := map[string]string{}
	for key, value := range stack.Config {
		if value.Secure() {
			continue
		}
		plain, err := value.Value(config.NopDecrypter)
		if err != nil {
			return answer{Error: "refused"}
		}
		values[key.String()] = plain
	}
	return answer{Values: values}
}

func main() {
	var texts []string
	if err := json.NewDecoder(os.Stdin).Decode(&texts); err != nil {
		panic(err)
	}
	answers := make([]answer, len(texts))
	for place, text := range texts {
		answers[place] = read(text)
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		panic(err)
	}
}
