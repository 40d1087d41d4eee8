package journal

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/klauspost/compress/zstd"
)

// factsForm is the form of facts that this program writes: JSON of fact.Facts. A
// field that is added needs no other form, since its zero value means that nobody
// looked; a field whose meaning changes does, and a reader of the old form.
const factsForm = 1

// ErrForm means that facts were written by a newer program.
var ErrForm = errors.New("this program is too old to read them")

// Dictionaries hold what all facts have in common. Their number is in each
// compressed text. One that was released stays as it is as long as records may be
// read that need it; a better one is another file.
//
//go:embed dictionary/*.dict
var dictionaries embed.FS

// codec packs and unpacks facts. It is safe for concurrent use.
type codec struct {
	enc *zstd.Encoder // nil in readers
	dec *zstd.Decoder
}

// newCodec returns a codec that packs with the newest dictionary, if it packs.
func newCodec(packs bool) (*codec, error) {
	all, err := readDictionaries(dictionaries)
	if err != nil {
		return nil, err
	}
	c := &codec{}
	c.dec, err = zstd.NewReader(nil, zstd.WithDecoderDicts(all...), zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(maxFactBytes))
	if err != nil || !packs {
		return c, err
	}
	c.enc, err = zstd.NewWriter(nil, zstd.WithEncoderDict(all[len(all)-1]), zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(packWindow), zstd.WithLowerEncoderMem(true), zstd.WithEncoderCRC(true))
	return c, err
}

// packWindow is how far back in bytes a repetition is seen: facts are small.
const packWindow = 256 << 10

// readDictionaries returns the dictionaries, oldest first.
func readDictionaries(dir fs.FS) ([][]byte, error) {
	names, err := fs.Glob(dir, "dictionary/*.dict")
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	var all [][]byte
	for _, name := range names {
		text, err := fs.ReadFile(dir, name)
		if err != nil {
			return nil, err
		}
		all = append(all, text)
	}
	if len(all) == 0 {
		return nil, errors.New("no dictionary is built in")
	}
	return all, nil
}

func (c *codec) pack(text []byte) []byte { return c.enc.EncodeAll(text, nil) }

func (c *codec) unpack(form int, packed []byte) ([]byte, error) {
	if form > factsForm {
		return nil, fmt.Errorf("they have form %d, known are those up to %d: %w", form, factsForm, ErrForm)
	}
	return c.dec.DecodeAll(packed, nil)
}

// close ends what the codec holds.
func (c *codec) close() {
	c.dec.Close()
	if c.enc != nil {
		_ = c.enc.Close()
	}
}
