package daemon

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"sekisho/filter/freeport"
	"sekisho/filter/quarantine"
	"sekisho/filter/quarantine/smtpsink"
	"sekisho/filter/web/account"
)

// TestWeb: the pages are there over TLS, with a renewed certificate when there is
// one, and on an address of their own.
func TestWeb(t *testing.T) {
	t.Parallel()
	h := prepare(t)
	cert, key := selfSigned(t, 1)
	certFile, keyFile := h.write("cert.pem", cert), h.write("key.pem", key)
	at := freeport.Take(t)
	h.set(fmt.Sprintf("web: {listen: \"%s\", certificate: %s, key: %s}\n", at, certFile, keyFile))
	h.start()
	ask := func(path string) (int, string, *big.Int) {
		t.Helper()
		c := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}}
		res, err := c.Get("https://" + at + path)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		text, _ := io.ReadAll(res.Body)
		return res.StatusCode, string(text), res.TLS.PeerCertificates[0].SerialNumber
	}
	status, text, serial := ask("/")
	if status != http.StatusOK || !strings.Contains(text, "Log in") || serial.Int64() != 1 {
		t.Errorf("%d %s", status, text)
	}
	if status, _, _ = ask("/metrics"); status != http.StatusNotFound {
		t.Errorf("metrics of the admin address: %d", status)
	}
	cert, key = selfSigned(t, 2)
	h.write("key.pem", key)
	h.write("cert.pem", cert)
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(certFile, later, later); err != nil {
		t.Fatal(err)
	}
	if _, _, serial = ask("/"); serial.Int64() != 2 {
		t.Errorf("certificate %v after the renewal", serial)
	}
	h.write("cert.pem", "broken")
	if _, _, serial = ask("/"); serial.Int64() != 2 {
		t.Errorf("certificate %v while the new one is broken", serial)
	}
}

// TestWebRelease: a message that the gate holds is listed with its reasons, and
// released, by the API of the same daemon.
func TestWebRelease(t *testing.T) {
	t.Parallel()
	sink := smtpsink.Start(t)
	h := prepare(t)
	at := freeport.Take(t)
	h.set(fmt.Sprintf("web: {listen: \"%s\"}\nquarantine: {release_to: \"%s\", release_by: port}\n", at, sink.Addr))
	h.start()
	book := account.Open(WebDir(h.opt.Settings.Config), time.Now)
	if err := book.AddWithout(account.User{Name: "program", Role: quarantine.Admin}); err != nil {
		t.Fatal(err)
	}
	token, _, err := book.AddToken("program", "", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	ask := func(method, path string) string {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, "http://"+at+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("%s %s: %d %s %v", method, path, res.StatusCode, text, err)
		}
		return string(text)
	}
	h.deliver(phish("hanako@kaisha.test"))
	var list struct{ Items []quarantine.Item }
	if err := json.Unmarshal([]byte(ask(http.MethodGet, "/api/v1/items?q=hanako")), &list); err != nil || len(list.Items) != 1 || list.Items[0].Brand != "rakuten" {
		t.Fatalf("%+v %v", list, err)
	}
	if text := ask(http.MethodPost, "/api/v1/items/"+list.Items[0].ID+"/release"); !strings.Contains(text, `"state":"released"`) {
		t.Errorf("released: %s", text)
	}
	if sent := sink.Messages(); len(sent) != 1 || !strings.Contains(string(sent[0].Data), "rakuten.example.test") {
		t.Errorf("sent: %v", sent)
	}
	h.eventually("the decision recorded", func() bool { return h.metric("sekisho_journal_written_total", 1) })
	if text := ask(http.MethodGet, "/api/v1/verdicts"); !strings.Contains(text, `"quarantine":1`) {
		t.Errorf("verdicts: %s", text)
	}
	if !h.metric(`sekisho_web_actions_total{action="release",outcome="done"}`, 1) {
		t.Error("the action is not counted")
	}
}

func selfSigned(t *testing.T, serial int64) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(serial), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"localhost"}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}))
}
