package session

import (
	"bytes"
	"testing"
)

// Pieces of any size make up the body, and few are kept however small they come.
func TestAddBody(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		sizes  []int
		pieces int
	}{
		{[]int{0}, 1},
		{[]int{1, 1, pieceBytes - 1}, 1},
		{[]int{1, pieceBytes}, 2},
		{[]int{64 << 10, 64 << 10, pieceBytes - 1, 1}, 2},
	} {
		var m message
		var want []byte
		for i, n := range tc.sizes {
			chunk := bytes.Repeat([]byte{byte('a' + i)}, n)
			want = append(want, chunk...)
			if l := m.addBody(chunk, Limits{MessageBytes: len(want)}); l != "" {
				t.Fatalf("%d: limit %q", tc.sizes, l)
			}
		}
		if len(m.body) != tc.pieces || m.bodyBytes != len(want) || m.bodyRoom < len(want) {
			t.Errorf("%d: %d pieces of %d bytes in %d, want %d pieces", tc.sizes, len(m.body), m.bodyBytes, m.bodyRoom, tc.pieces)
		}
		if got := m.wholeBody(); !bytes.Equal(got, want) {
			t.Errorf("%d: a body of %d bytes differs", tc.sizes, len(got))
		}
	}
	var m message
	if l := m.addBody([]byte("ab"), Limits{MessageBytes: 1}); l != limitMessage {
		t.Errorf("one past the limit: %q", l)
	}
}
