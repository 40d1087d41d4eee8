package account

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// RFC 9106, section 4: 64 MiB and three passes, where 2 GiB are too much. One lane,
// since checks should not take more than a core.
const (
	hashMemory = 64 << 10 // KiB
	hashPasses = 3
	hashLanes  = 1
	hashSalt   = 16
	hashSize   = 32
)

// hash is a password in the form that other programs write too.
func hash(password string) string {
	salt := make([]byte, hashSalt)
	_, _ = rand.Read(salt) // never fails
	key := argon2.IDKey([]byte(password), salt, hashPasses, hashMemory, hashLanes, hashSize)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, hashMemory, hashPasses, hashLanes, b64.EncodeToString(salt), b64.EncodeToString(key))
}

// matches reports whether a password is the one of a hash. Its costs are those
// above whatever the file says: who writes there must not make us take more.
func matches(hashed, password string) bool {
	parts := strings.Split(hashed, "$")
	costs := fmt.Sprintf("m=%d,t=%d,p=%d", hashMemory, hashPasses, hashLanes)
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) || parts[3] != costs {
		return false
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	want, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(want) != hashSize {
		return false
	}
	return subtle.ConstantTimeCompare(want, argon2.IDKey([]byte(password), salt, hashPasses, hashMemory, hashLanes, hashSize)) == 1
}

func checkPassword(password string) error {
	if len(password) < MinPassword || len(password) > maxPassword {
		return fmt.Errorf("a password of %d bytes (%d to %d) %w", len(password), MinPassword, maxPassword, ErrUnusable)
	}
	return nil
}
