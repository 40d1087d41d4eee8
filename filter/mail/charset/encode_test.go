package charset

import "testing"

func TestEncode(t *testing.T) {
	for _, tc := range []struct {
		text, label string
		want        string
		ok          bool
	}{
		{"abc", "", "abc", true},
		{"楽", "", "", false},
		{"abc", "us-ascii", "abc", true},
		{"楽", "us-ascii", "", false},
		{"楽", "UTF-8", "楽", true},
		{"楽天\r\n", "iso-2022-jp", "\x1b$B3ZE7\x1b(B\r\n", true},
		{"abc", "iso-2022-jp", "abc", true},
		{"楽", "cp932", "\x8ay", true},
		{"楽", "euc-jp", "\xb3\xda", true},
		{"é", "iso-8859-1", "\xe9", true},
		{"楽", "windows-1252", "", false},
		{"楽", "GB18030", "\x98S", true},
		{"楽", "gb2312", "", false},
		{"楽", "gbk", "", false},
		{"abc", "gb2312", "abc", true},
		{"abc", "utf-16", "", false},
		{"abc", "utf-7", "", false},
		{"abc", "hz-gb-2312", "", false},
		{"abc", "x-own", "", false},
	} {
		got, ok := Encode(tc.text, tc.label)
		if ok != tc.ok || ok && string(got) != tc.want {
			t.Errorf("%q in %q: %q, %v", tc.text, tc.label, got, ok)
		}
		if !ok {
			continue
		}
		if back, outcome := Decode(got, tc.label); back != tc.text || outcome != Fitting {
			t.Errorf("%q in %q comes back as %q, %s", tc.text, tc.label, back, outcome)
		}
	}
}
