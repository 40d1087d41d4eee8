package gate

import (
	"errors"

	"sekisho/filter/claim"
	"sekisho/policy"
	"sekisho/policy/brand"
	"sekisho/policy/listed"
)

// Set is what judges a message: policies and brands, checked together and never
// changed afterwards.
type Set struct {
	Generation uint64 // counts up with each reload, from 1
	Policies   *policy.Set
	Brands     *brand.Catalogue
	Claims     *claim.Reader // reads against Brands
	Lists      *listed.Lists // of senders and links that phishing used
}

// LoadSet reads the policies of a folder ("" for the built-in default) and the
// catalogue with the operator's own files over it, and lists of known senders and
// links. Errors name file, line and column, all of them at once.
func LoadSet(generation uint64, policyDir string, brandFiles []string, lists ...string) (*Set, error) {
	brands, brandErr := brand.Load(brandFiles...)
	known := func(id string) bool {
		if brandErr != nil {
			return true // what the files would have added is not known
		}
		_, ok := brands.Brand(id)
		return ok
	}
	load := policy.Embedded
	if policyDir != "" {
		load = func() (*policy.Set, error) { return policy.LoadFor(policyDir, known) }
	}
	policies, policyErr := load()
	if err := errors.Join(policyErr, brandErr); err != nil {
		return nil, err
	}
	senders, err := listed.Load(brands, lists...)
	if err != nil {
		return nil, err
	}
	return &Set{Generation: generation, Policies: policies, Brands: brands, Claims: claim.NewReader(brands), Lists: senders}, nil
}
