package gate

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

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

// Folders of a policy directory that hold more than policies: brands, and one's own
// organisation and people; lists of known senders and links. They come with the
// policies, and are promoted with them.
const (
	brandFolder = "brands"
	listFolder  = "lists"
)

// LoadSet reads the policies of a folder ("" for the built-in default) and the
// catalogue with the operator's own files over it, and lists of known senders and
// links; those named, and those in the folder. Errors name file, line and column,
// all of them at once.
func LoadSet(generation uint64, policyDir string, brandFiles []string, lists ...string) (*Set, error) {
	ownBrands, err := within(policyDir, brandFolder)
	if err != nil {
		return nil, err
	}
	ownLists, err := within(policyDir, listFolder)
	if err != nil {
		return nil, err
	}
	brandFiles, lists = slices.Concat(brandFiles, ownBrands), slices.Concat(lists, ownLists)
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

// within are the files of a folder in the policy directory, in their order; none
// where there is no such folder. Hidden names are left alone.
func within(policyDir, folder string) ([]string, error) {
	if policyDir == "" {
		return nil, nil
	}
	at := filepath.Join(policyDir, folder)
	entries, err := os.ReadDir(at)
	if errors.Is(err, fs.ErrNotExist) {
		if _, linked := os.Lstat(at); linked != nil {
			return nil, nil
		} // a link that leads nowhere: what it led to would be missing
	}
	if err != nil {
		return nil, fmt.Errorf("policy directory: %w", err)
	}
	var files []string
	for _, e := range entries {
		if !e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			files = append(files, filepath.Join(at, e.Name()))
		}
	}
	return files, nil
}
