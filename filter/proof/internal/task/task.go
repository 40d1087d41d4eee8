// Package task runs a function in a goroutine of its own, so that the caller
// can stop waiting for it and a panic in it does not end the program.
//
// The caller may leave before the function returns. The function must
// therefore hold nothing that the caller gives back or changes afterwards:
// strings and values, never slices of a message.
package task

import (
	"context"
	"fmt"
	"runtime/debug"
)

// PanicError says that a task panicked. It is our mistake, never the sender's.
type PanicError struct {
	Task  string // the name given to Start
	Value any    // what was passed to panic
	Stack []byte // of the goroutine that panicked
}

// Error names the task and the value.
func (e *PanicError) Error() string {
	return fmt.Sprintf("task %s: panic: %v", e.Task, e.Value)
}

type outcome[T any] struct {
	value T
	err   error
}

// Task is one running function.
type Task[T any] struct {
	done chan outcome[T] // room for the one outcome, so that nobody has to wait for it
}

// Start runs f in a new goroutine. The name appears in errors and metrics.
func Start[T any](name string, f func() T) *Task[T] {
	t := &Task[T]{done: make(chan outcome[T], 1)}
	go func() {
		var o outcome[T]
		o.err = Guard(name, func() { o.value = f() })
		t.done <- o
	}()
	return t
}

// Wait returns what the function returned, a *PanicError, or the error of ctx
// if that ends first. It must be called at most once.
func (t *Task[T]) Wait(ctx context.Context) (T, error) {
	select {
	case o := <-t.done:
		return o.value, o.err
	default:
	}
	select {
	case o := <-t.done:
		return o.value, o.err
	case <-ctx.Done():
		var zero T
		return zero, ctx.Err()
	}
}

// Guard runs f in the caller's goroutine and turns a panic into a *PanicError.
func Guard(name string, f func()) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{Task: name, Value: v, Stack: debug.Stack()}
		}
	}()
	f()
	return nil
}
