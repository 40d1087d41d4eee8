package quarantine

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"
)

// sealed is a shelf whose messages are encrypted and whose names tell nothing. The
// first key seals; all of them open, and so do messages that were never sealed.
//
// A message is sealed with AES-256-GCM under a nonce of its own, with its head and
// name as additional data: nothing can be changed, and nothing be put in another's
// place. Its head is
//
//	"SKQ" 1 | id of the key, 8 bytes | nonce, 12 bytes
//
// In a name the hash is replaced by a synthetic initialization vector, HMAC-SHA-256
// of the hash cut to 16 bytes, and the hash in AES-256-CTR under it: the construction
// of RFC 5297 with another pseudo-random function. Equal hashes have equal names
// under one key, and who has the key gets the hash back.
type sealed struct {
	inner shelf
	keys  []sealKey
}

// sealKey is one line of a key file.
type sealKey struct {
	id       [8]byte
	message  cipher.AEAD
	tag      []byte // for HMAC
	scramble cipher.Block
}

const (
	sealMagic = "SKQ\x01"
	nonceSize = 12
	headSize  = len(sealMagic) + 8 + nonceSize
	hashSize  = 2 * sha256.Size                   // of a hash in a name
	veilSize  = 2 * (aes.BlockSize + sha256.Size) // of what stands for it
)

// errNoKey says that a message was sealed with a key that is not in the key file.
var errNoKey = errors.New("sealed with a key that is not in the key file")

// openSealed reads a file with a key in base64 (32 bytes) on each line; empty lines
// and those that begin with # are left out.
func openSealed(inner shelf, keyFile string) (*sealed, error) {
	text, err := os.ReadFile(keyFile)
	if err != nil {
		return nil, err
	}
	s := &sealed{inner: inner}
	for n, line := range strings.Split(string(text), "\n") {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		master, err := base64.StdEncoding.DecodeString(line)
		if err != nil || len(master) != 32 {
			return nil, fmt.Errorf("%s:%d: is no key: 32 bytes in base64, as of openssl rand -base64 32", keyFile, n+1)
		}
		k, err := newSealKey(master)
		if err != nil {
			return nil, err
		}
		if s.keys = append(s.keys, k); len(s.keys) > maxKeys {
			return nil, fmt.Errorf("%s: more than %d keys", keyFile, maxKeys)
		}
	}
	if len(s.keys) == 0 {
		return nil, fmt.Errorf("%s: has no key", keyFile)
	}
	return s, nil
}

// newSealKey derives what is needed for each purpose (RFC 5869).
func newSealKey(master []byte) (k sealKey, err error) {
	var derived [4][]byte
	for i, purpose := range []string{"message", "name tag", "name", "key id"} {
		if derived[i], err = hkdf.Key(sha256.New, master, nil, "sekisho quarantine "+purpose, 32); err != nil {
			return k, err
		}
	}
	block, err1 := aes.NewCipher(derived[0])
	scramble, err2 := aes.NewCipher(derived[2])
	if err := errors.Join(err1, err2); err != nil {
		return k, err
	}
	k.message, err = cipher.NewGCM(block)
	k.tag, k.scramble = derived[1], scramble
	copy(k.id[:], derived[3])
	return k, err
}

// veil is a name as the shelf below sees it.
func (k sealKey) veil(name string) string {
	sum, err := hex.DecodeString(name[:min(len(name), hashSize)])
	if err != nil || len(sum) != sha256.Size {
		return name // none of ours: it will not be found
	}
	iv := k.vector(sum)
	cipher.NewCTR(k.scramble, iv).XORKeyStream(sum, sum)
	return hex.EncodeToString(iv) + hex.EncodeToString(sum) + name[hashSize:]
}

func (k sealKey) vector(sum []byte) []byte {
	h := hmac.New(sha256.New, k.tag)
	h.Write(sum)
	return h.Sum(nil)[:aes.BlockSize]
}

// unveil is the name again; false when another key made it.
func (k sealKey) unveil(name string) (string, bool) {
	if len(name) < veilSize {
		return "", false
	}
	raw, err := hex.DecodeString(name[:veilSize])
	if err != nil {
		return "", false
	}
	iv, sum := raw[:aes.BlockSize], raw[aes.BlockSize:]
	cipher.NewCTR(k.scramble, iv).XORKeyStream(sum, sum)
	if !hmac.Equal(iv, k.vector(sum)) {
		return "", false
	}
	return hex.EncodeToString(sum) + name[veilSize:], true
}

// names are all under which a message may lie, that of the first key first.
func (s *sealed) names(name string) []string {
	all := make([]string, 0, len(s.keys)+1)
	for _, k := range s.keys {
		all = append(all, k.veil(name))
	}
	return append(all, name)
}

func (s *sealed) put(ctx context.Context, name string, fill func(io.Writer) error) error {
	k, head := s.keys[0], make([]byte, headSize)
	copy(head, sealMagic)
	copy(head[len(sealMagic):], k.id[:])
	nonce := head[headSize-nonceSize:]
	rand.Read(nonce) // never fails
	var packed bytes.Buffer
	packed.Write(head)
	if err := fill(&packed); err != nil {
		return err
	}
	packed.Grow(k.message.Overhead())
	raw := packed.Bytes() // is sealed where it lies: there may be much of it
	raw = k.message.Seal(raw[:headSize], nonce, raw[headSize:], append(head, name...))
	return s.inner.put(ctx, k.veil(name), func(w io.Writer) error {
		_, err := w.Write(raw)
		return err
	})
}

func (s *sealed) keep(ctx context.Context, name string) error {
	var errs []error
	for _, n := range s.names(name) {
		errs = append(errs, s.inner.keep(ctx, n))
	}
	return errors.Join(errs...)
}

func (s *sealed) open(ctx context.Context, name string) (r io.ReadCloser, err error) {
	for _, n := range s.names(name) {
		if r, err = s.inner.open(ctx, n); !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var packed bytes.Buffer
	if f, ok := r.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Size() <= maxSealed {
			packed.Grow(int(info.Size()) + bytes.MinRead) // rather than grow, and leave what was too small
		}
	}
	if _, err := packed.ReadFrom(io.LimitReader(r, maxSealed+1)); err != nil {
		return nil, err
	}
	raw := packed.Bytes()
	if len(raw) > maxSealed {
		return nil, fmt.Errorf("%w: larger than any that we write", ErrCorrupt)
	}
	if bytes.HasPrefix(raw, []byte(sealMagic)) {
		if raw, err = s.unseal(name, raw); err != nil {
			return nil, err
		}
	}
	return io.NopCloser(bytes.NewReader(raw)), nil
}

func (s *sealed) unseal(name string, raw []byte) ([]byte, error) {
	if len(raw) < headSize {
		return nil, fmt.Errorf("%w: cut off", ErrCorrupt)
	}
	head, text := raw[:headSize], raw[headSize:]
	for _, k := range s.keys {
		if !bytes.Equal(k.id[:], head[len(sealMagic):headSize-nonceSize]) {
			continue
		}
		plain, err := k.message.Open(text[:0], head[headSize-nonceSize:], text, append(bytes.Clone(head), name...))
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
		}
		return plain, nil
	}
	return nil, errNoKey
}

func (s *sealed) has(ctx context.Context, name string) (bool, error) {
	for _, n := range s.names(name) {
		if there, err := s.inner.has(ctx, n); there || err != nil {
			return there, err
		}
	}
	return false, nil
}

// remove removes it under each name: when a key was changed there may be two.
func (s *sealed) remove(ctx context.Context, name string) error {
	for _, n := range s.names(name) {
		if err := s.inner.remove(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

// walk goes over names of all keys. Those of a key that is not here stay veiled.
func (s *sealed) walk(ctx context.Context, prefix string, each func(name string, at time.Time) error) error {
	prefixes := []string{""}
	if prefix != "" {
		prefixes = s.names(prefix) // a hash, or a name
	}
	for _, p := range prefixes {
		err := s.inner.walk(ctx, p, func(name string, at time.Time) error {
			for _, k := range s.keys {
				if plain, ok := k.unveil(name); ok {
					return each(plain, at)
				}
			}
			return each(name, at)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *sealed) close() error { return s.inner.close() }
