// Command kubernetes reads manifests as an API server would: strictly, by the types
// of the Kubernetes release that go.mod names. An unknown kind or field, a field twice
// or a value of another type is an error. What only a cluster knows (names, quotas,
// admission) it cannot tell.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/kubernetes/scheme"
)

func main() {
	failed := false
	for _, name := range os.Args[1:] {
		n, err := check(name)
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
			failed = true
			continue
		}
		fmt.Printf("%s: %d objects\n", name, n)
	}
	if failed {
		os.Exit(1)
	}
}

// check reads each document of a file, and tells all that are wrong.
func check(name string) (objects int, err error) {
	f, err := os.Open(name)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	strict := json.NewSerializerWithOptions(json.DefaultMetaFactory, scheme.Scheme, scheme.Scheme, json.SerializerOptions{Yaml: true, Strict: true})
	var faults []error
	for docs := yaml.NewYAMLReader(bufio.NewReader(f)); ; objects++ {
		doc, err := docs.Read()
		if errors.Is(err, io.EOF) {
			return objects, errors.Join(faults...)
		}
		if err != nil {
			return objects, err
		}
		if _, _, err := runtime.Decoder(strict).Decode(doc, nil, nil); err != nil {
			faults = append(faults, fmt.Errorf("object %d: %w", objects+1, err))
		}
	}
}
