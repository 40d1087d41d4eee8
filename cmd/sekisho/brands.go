package main

import (
	"fmt"
	"os"
	"slices"

	"sekisho/filter/mail"
	"sekisho/policy/brand"
	"sekisho/policy/brand/show"
	"sekisho/policy/listed"
)

type brandsCmd struct {
	List   brandsListCmd   `cmd:"" help:"List the brands of the catalogue."`
	Show   brandsShowCmd   `cmd:"" help:"Show all that is known of a brand."`
	Lookup brandsLookupCmd `cmd:"" help:"Tell which brands a domain proves, and what else is known of it."`
	Check  brandsCheckCmd  `cmd:"" help:"Check catalogue files as the daemon would load them."`
}

// brandsFlags say which catalogue is meant and how to answer.
type brandsFlags struct {
	Brands []string `sep:"none" placeholder:"FILE" help:"Brand catalogue file beside the embedded ones; may be repeated."`
	JSON   bool     `name:"json" help:"Write one JSON object a line."`
}

func (f *brandsFlags) load() (*brand.Catalogue, error) {
	c, err := brand.Load(f.Brands...)
	if err != nil {
		return nil, usage{err}
	}
	return c, nil
}

type brandsListCmd struct {
	brandsFlags `embed:""`

	Category string `placeholder:"WORD" help:"Only brands of this category."`
	Country  string `placeholder:"CC" help:"Only brands of this country, in two letters."`
}

func (c *brandsListCmd) Run() error {
	catalogue, err := c.load()
	if err != nil {
		return err
	}
	brands := slices.DeleteFunc(slices.Collect(catalogue.All()), func(b *brand.Brand) bool {
		return c.Category != "" && b.Category != c.Category || c.Country != "" && !slices.Contains(b.Countries, c.Country)
	})
	if c.JSON {
		return show.JSON(os.Stdout, brands)
	}
	return show.Table(os.Stdout, brands)
}

type brandsShowCmd struct {
	brandsFlags `embed:""`

	ID string `arg:"" name:"id" help:"Id of a brand, as list tells it."`
}

func (c *brandsShowCmd) Run() error {
	catalogue, err := c.load()
	if err != nil {
		return err
	}
	b, ok := catalogue.Brand(c.ID)
	switch {
	case !ok:
		return usage{fmt.Errorf("there is no brand %q; see sekisho brands list", c.ID)}
	case c.JSON:
		return show.JSON(os.Stdout, []*brand.Brand{b})
	}
	return show.Details(os.Stdout, b)
}

type brandsLookupCmd struct {
	brandsFlags `embed:""`

	Domain string `arg:"" name:"domain" help:"Domain of a sender or host of a link."`
}

func (c *brandsLookupCmd) Run() error {
	catalogue, err := c.load()
	if err != nil {
		return err
	}
	domain, ok := mail.ASCIIDomain(c.Domain)
	if !ok {
		return usage{fmt.Errorf("%q is not a domain name", c.Domain)}
	}
	d := show.Lookup(catalogue, domain)
	if c.JSON {
		return d.WriteJSON(os.Stdout)
	}
	return d.WriteTable(os.Stdout)
}

type brandsCheckCmd struct {
	Files []string `arg:"" optional:"" name:"file" help:"Catalogue files of your own."`
	List  []string `sep:"none" placeholder:"FILE" help:"List of senders and links that phishing used, held against the catalogue; may be repeated."`
}

func (c *brandsCheckCmd) Run() error {
	catalogue, err := brand.Load(c.Files...)
	if err != nil {
		return usage{err}
	}
	lists, err := listed.Load(catalogue, c.List...)
	if err != nil {
		return usage{err}
	}
	refused, all := lists.Refused()
	for _, r := range refused {
		fmt.Printf("refused: %s: %s: %s\n", r.Where, r.Value, r.Why)
	}
	fmt.Printf("ok: %d brands with the embedded ones\n", catalogue.Len())
	if len(c.List) > 0 {
		fmt.Printf("ok: %d entries of lists, %d refused\n", lists.Len(), all)
	}
	return nil
}
