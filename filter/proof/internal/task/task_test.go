package task

import (
	"context"
	"errors"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestWaitReturnsTheValue(t *testing.T) {
	got, err := Start("sum", func() int { return 1 + 2 }).Wait(t.Context())
	if got != 3 || err != nil {
		t.Errorf("Wait = %d, %v, want 3 and no error", got, err)
	}
}

func TestWaitReportsAPanic(t *testing.T) {
	_, err := Start("broken", func() int { panic("oh no") }).Wait(t.Context())
	var p *PanicError
	if !errors.As(err, &p) {
		t.Fatalf("error %v is no *PanicError", err)
	}
	if p.Task != "broken" || p.Value != "oh no" || len(p.Stack) == 0 {
		t.Errorf("panic reported as %q %v with %d bytes of stack", p.Task, p.Value, len(p.Stack))
	}
}

func TestWaitLeavesWithTheContext(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	_, err := Start("stuck", func() int { <-release; return 1 }).Wait(ctx)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Wait returned %v, want the deadline", err)
	}
}

func TestWaitPrefersAResultThatIsThere(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	task := Start("quick", func() int { return 7 })
	time.Sleep(20 * time.Millisecond)
	if got, err := task.Wait(ctx); got != 7 || err != nil {
		t.Errorf("Wait = %d, %v, want the value although the context is over", got, err)
	}
}
