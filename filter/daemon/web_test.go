package daemon

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
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
