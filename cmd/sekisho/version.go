package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"sekisho/policy/brand"
)

type versionCmd struct{}

func (versionCmd) Run() error {
	fmt.Printf("sekisho %s (%s, %s/%s)\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	catalogue, err := brand.Embedded()
	if err != nil {
		return err
	}
	fmt.Printf("brand catalogue: %d entries\n", catalogue.Len())
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, dep := range info.Deps {
			// The public suffix list comes with this module: its version is the list's.
			if dep.Path == "golang.org/x/net" {
				fmt.Printf("public suffix list: %s %s\n", dep.Path, dep.Version)
			}
		}
	}
	return nil
}
