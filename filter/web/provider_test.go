package web

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"sekisho/filter/quarantine"
	"sekisho/filter/web/account"
)

// idp is a small provider of OpenID Connect. Fields say what it answers next.
type idp struct {
	*httptest.Server
	key    *rsa.PrivateKey
	email  string
	change func(claims map[string]any)
	forge  bool // sign by another key

	asked url.Values // of the last request to log in
}

func newIDP(t *testing.T) *idp {
	t.Helper()
	p := &idp{}
	var err error
	if p.key, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	write := func(w http.ResponseWriter, v any) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v)
	}
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		write(w, map[string]any{"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
			"id_token_signing_alg_values_supported": []string{"RS256"}})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		e := base64.RawURLEncoding.EncodeToString(big.NewInt(int64(p.key.E)).Bytes())
		write(w, map[string]any{"keys": []any{map[string]string{"kty": "RSA", "kid": "k", "alg": "RS256", "use": "sig", "n": base64.RawURLEncoding.EncodeToString(p.key.N.Bytes()), "e": e}}})
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
		if r.PostFormValue("code") != "good" || base64.RawURLEncoding.EncodeToString(sum[:]) != p.asked.Get("code_challenge") {
			w.WriteHeader(http.StatusBadRequest)
			write(w, map[string]string{"error": "invalid_grant"})
			return
		}
		write(w, map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": p.token(t)})
	})
	p.Server = httptest.NewTLSServer(mux)
	t.Cleanup(p.Close)
	return p
}

func (p *idp) token(t *testing.T) string {
	claims := map[string]any{"iss": p.URL, "sub": "1", "aud": "sekisho", "exp": time.Now().Add(time.Minute).Unix(), "iat": time.Now().Unix(),
		"nonce": p.asked.Get("nonce"), "email": p.email, "email_verified": true}
	if p.change != nil {
		p.change(claims)
	}
	body, err := json.Marshal(claims)
	if err != nil {
		t.Error(err)
	}
	signed := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256","kid":"k"}`)) + "." + base64.RawURLEncoding.EncodeToString(body)
	sum, key := sha256.Sum256([]byte(signed)), p.key
	if p.forge {
		if key, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
			t.Error(err)
		}
	}
	sig, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		t.Error(err)
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(sig)
}

// TestProvider: who is confirmed is the user of that address, and nobody else gets
// in.
func TestProvider(t *testing.T) {
	t.Parallel()
	l, p := newLab(t), newIDP(t)
	l.server.provider = newProvider(Provider{Issuer: p.URL, ClientID: "sekisho", Secret: "secret", URL: l.http.URL, Client: p.Client()}, time.Now)
	l.http.Config.Handler = l.server.Handler()
	if err := l.server.users.AddWithout(account.User{Name: "taro@kaisha.test", Role: quarantine.ToRecipient, Addresses: []string{"taro@kaisha.test"}}); err != nil {
		t.Fatal(err)
	}
	id := l.put(fake, "taro@kaisha.test")[0]

	// leave goes to the provider and returns the state that it would send back.
	leave := func(c *http.Client) string {
		t.Helper()
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, l.http.URL+"/login/provider", strings.NewReader("next=/items/"+id))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		status, _, h := l.do(c, r)
		at, err := url.Parse(h.Get("Location"))
		if status != http.StatusSeeOther || err != nil || !strings.HasPrefix(at.String(), p.URL+"/authorize?") {
			t.Fatalf("%d %v %v", status, at, err)
		}
		p.asked = at.Query()
		if p.asked.Get("code_challenge_method") != "S256" || p.asked.Get("redirect_uri") != l.http.URL+"/login/callback" || p.asked.Get("response_type") != "code" {
			t.Errorf("asked %v", p.asked)
		}
		return p.asked.Get("state")
	}
	back := func(c *http.Client, state, code string) int {
		t.Helper()
		status, _ := l.get(c, "/login/callback?state="+state+"&code="+code)
		return status
	}
	in := func(c *http.Client) bool {
		t.Helper()
		status, _ := l.get(c, "/items/"+id)
		return status == http.StatusOK
	}

	c := l.client("")
	if _, text := l.get(c, "/login"); !strings.Contains(text, "/login/provider") {
		t.Error("the page does not offer it")
	}
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, l.http.URL+"/login", nil)
	if _, _, h := l.do(c, r); !strings.Contains(h.Get("Content-Security-Policy"), "form-action 'self' "+p.URL+";") {
		t.Errorf("policy: %s", h.Get("Content-Security-Policy"))
	}
	p.email = "Taro@kaisha.test"
	state := leave(c)
	if status := back(c, state, "good"); status != http.StatusSeeOther || !in(c) {
		t.Fatalf("back: %d", status)
	}
	if status := back(c, state, "good"); status != http.StatusBadRequest {
		t.Errorf("the same again: %d", status)
	}
	if log, _ := os.ReadFile(l.server.audit.path); !strings.Contains(string(log), `"user":"taro@kaisha.test","role":"recipient","via":"provider"`) {
		t.Errorf("audit: %s", log)
	}

	// Without a password there is no log-in by one.
	if status, _ := l.post(l.client(""), "/login", url.Values{"name": {"taro@kaisha.test"}, "password": {""}}); status != http.StatusUnauthorized {
		t.Errorf("by an empty password: %d", status)
	}

	// A link that somebody else began leads nowhere.
	victim := l.client("")
	if status := back(victim, leave(l.client("")), "good"); status != http.StatusBadRequest || in(victim) {
		t.Errorf("another's state: %d", status)
	}
	for name, change := range map[string]func(map[string]any){
		"another nonce":    func(c map[string]any) { c["nonce"] = "x" },
		"not verified":     func(c map[string]any) { c["email_verified"] = false },
		"nobody here":      func(c map[string]any) { c["email"] = "jiro@kaisha.test" },
		"no address":       func(c map[string]any) { delete(c, "email") },
		"for another":      func(c map[string]any) { c["aud"] = "other" },
		"by another":       func(c map[string]any) { c["iss"] = "https://other.example" },
		"expired":          func(c map[string]any) { c["exp"] = time.Now().Add(-time.Hour).Unix() },
		"an array address": func(c map[string]any) { c["email"] = []string{"taro@kaisha.test"} },
	} {
		p.change = change
		c := l.client("")
		if status := back(c, leave(c), "good"); status != http.StatusForbidden || in(c) {
			t.Errorf("%s: %d", name, status)
		}
	}
	p.change = nil
	c = l.client("")
	if status := back(c, leave(c), "bad"); status != http.StatusForbidden || in(c) {
		t.Errorf("a code that is wrong: %d", status)
	}
	p.forge = true
	c = l.client("")
	if status := back(c, leave(c), "good"); status != http.StatusForbidden || in(c) {
		t.Errorf("a forged signature: %d", status)
	}
}

func TestLeaving(t *testing.T) {
	t.Parallel()
	now := time.Now()
	p := newProvider(Provider{}, func() time.Time { return now })
	for i := range maxLeft {
		if !p.leave(strings.Repeat("x", i), leaving{at: now}) {
			t.Fatalf("number %d", i)
		}
	}
	if p.leave("one more", leaving{at: now}) {
		t.Error("one more")
	}
	now = now.Add(providerTime)
	if _, ok := p.back("x"); ok {
		t.Error("back too late")
	}
	if !p.leave("one more", leaving{at: now}) || len(p.left) != 1 {
		t.Errorf("%d are left", len(p.left))
	}
}
