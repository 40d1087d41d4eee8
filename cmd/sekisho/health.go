package main

import (
	"fmt"
	"net/http"
	"time"
)

type healthCmd struct {
	URL     string        `default:"http://127.0.0.1:9895/readyz" help:"Admin address to ask."`
	Timeout time.Duration `default:"3s" help:"How long to wait."`
}

func (c *healthCmd) Run() error {
	client := http.Client{Timeout: c.Timeout}
	resp, err := client.Get(c.URL)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s says %s", c.URL, resp.Status)
	}
	fmt.Println("ok")
	return nil
}
