package campaign_test

import (
	"context"

	"sekisho/filter/campaign"
)

// save writes what a watch has to save.
func save(w *campaign.Watch) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	w.Run(ctx)
}
