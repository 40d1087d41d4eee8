package web

import (
	"errors"
	"net/http"
	"strings"
)

var (
	errNoTarget = errors.New("no server takes released messages: setting quarantine.release_to")
	errNoMark   = errors.New("no such mark")
	errMore     = errors.New("more than one value")
	errNotSeen  = errors.New("approved without the hash of what was looked at")
)

// actionError is the status and the text for an action that failed. What the
// server that should take a message said is in the item's note.
func actionError(err error, release bool) (status int, key string) {
	switch {
	case errors.Is(err, errNoTarget):
		return http.StatusConflict, "error.no-target"
	case errors.Is(err, errNoMark):
		return http.StatusBadRequest, "error.bad"
	}
	if status, key = reportError(err); key != "" {
		return status, key
	}
	status, key = storeError(err)
	if key == "error.internal" && release {
		return http.StatusBadGateway, "error.not-sent"
	}
	return status, key
}

func (s *Server) failAction(w http.ResponseWriter, r *http.Request, err error) {
	status, key := actionError(err, strings.HasSuffix(r.URL.Path, "/release"))
	var cause error
	if status >= http.StatusInternalServerError {
		cause = err
	}
	s.fail(w, r, status, key, cause)
}
