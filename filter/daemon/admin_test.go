package daemon

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
)

// Profiles are there for those who ask for them only.
func TestAdminProfile(t *testing.T) {
	t.Parallel()
	for profile, want := range map[bool]int{false: http.StatusNotFound, true: http.StatusOK} {
		a := newAdmin(prometheus.NewRegistry(), zap.NewNop(), profile)
		for _, path := range []string{"/debug/pprof/", "/debug/pprof/heap", "/debug/pprof/profile?seconds=1"} {
			w := httptest.NewRecorder()
			a.server.Handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
			if w.Code != want {
				t.Errorf("profile: %t: %s gives %d, want %d", profile, path, w.Code, want)
			}
		}
	}
}
