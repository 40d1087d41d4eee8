package daemon

import "context"

// saveIncidents keeps the file of incidents up to date until ctx ends. The channel
// is closed when it was written for the last time.
func (d *Daemon) saveIncidents(ctx context.Context) (stopped <-chan struct{}) {
	done := make(chan struct{})
	d.spawn(inCampaign, func() {
		defer close(done)
		d.claims.Run(ctx)
	})
	return done
}
