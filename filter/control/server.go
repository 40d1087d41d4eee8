package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"go.uber.org/zap"
)

// Server answers requests. Make it with NewServer, give it its requests with
// Handle, and then Serve.
type Server struct {
	mux  *http.ServeMux
	http http.Server
}

// NewServer returns a server without requests.
func NewServer(log *zap.Logger) *Server {
	s := &Server{mux: http.NewServeMux()}
	s.http = http.Server{
		Handler:           s.mux,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      maxTime,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          zap.NewStdLog(log),
	}
	return s
}

// Handle makes the server answer r with what answer returns. An error that is a
// *Failure is answered as such; any other one is the daemon's own, 500.
func Handle[Q, A any](s *Server, r Request[Q, A], answer func(context.Context, Q) (A, error)) {
	s.mux.HandleFunc("POST "+string(r), func(w http.ResponseWriter, req *http.Request) {
		var question Q
		in := json.NewDecoder(http.MaxBytesReader(w, req.Body, maxQuestion))
		in.DisallowUnknownFields()
		if err := in.Decode(&question); err != nil {
			write(w, http.StatusBadRequest, &Failure{Message: "cannot read the request: " + err.Error()})
			return
		}
		a, err := answer(req.Context(), question)
		if err == nil {
			write(w, http.StatusOK, a)
			return
		}
		var f *Failure
		if !errors.As(err, &f) {
			f = &Failure{Status: http.StatusInternalServerError, Message: err.Error()}
		}
		write(w, f.Status, f)
	})
}

func write(w http.ResponseWriter, status int, answer any) {
	text, err := json.Marshal(answer)
	if err != nil {
		status, text = http.StatusInternalServerError, fmt.Appendf(nil, `{"message":%q}`, err.Error())
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n')) // a caller that has gone hears nothing
}

// Serve answers what comes over l until Close.
func (s *Server) Serve(l net.Listener) error { return s.http.Serve(l) }

// Close lets requests under way finish, for as long as ctx.
func (s *Server) Close(ctx context.Context) {
	if s.http.Shutdown(ctx) != nil {
		_ = s.http.Close()
	}
}
