package mail

import "testing"

func TestIsForwardPath(t *testing.T) {
	for path, want := range map[string]bool{
		"hanako@kaisha.test":             true,
		"HANAKO+x@KAISHA.TEST.":          true,
		"postmaster":                     true,
		"a..b.@kaisha.test":              true,
		"a!b%c@kaisha.test":              true,
		`"a b"@kaisha.test`:              true,
		`"a\"b@c\\"@kaisha.test`:         true,
		`""@kaisha.test`:                 true,
		"はな子@例え.jp":                      true,
		"hanako@[192.0.2.1]":             true,
		"hanako@[IPv6:2001:db8::1]":      true,
		"":                               false,
		"@kaisha.test":                   false,
		"hanako@":                        false,
		"hanako@[]":                      false,
		"hanako@[192.0.2.1":              false,
		"hanako@[192.0.2.1]]":            false,
		`"hanako@kaisha.test"`:           false,
		`"a"b"@kaisha.test`:              false,
		`"a\"@kaisha.test`:               false,
		`"@kaisha.test`:                  false,
		`"a"."b"@kaisha.test`:            false,
		`han\ako@kaisha.test`:            false,
		"@relay.test:hanako@kaisha.test": false,
		"Group:hanako@kaisha.test;":      false,
		"<hanako@kaisha.test>":           false,
		"hanako@kaisha.test>":            false,
		"hanako@kaisha.test;":            false,
		"hanako@kaisha.test,":            false,
		",hanako@kaisha.test":            false,
		"hanako@kaisha.test(x)":          false,
		"hanako @kaisha.test":            false,
		" hanako@kaisha.test":            false,
		"hanako@kaisha .test":            false,
		"hanako@kaisha..test":            false,
		"hanako@gakko.test@kaisha.test":  false,
		"hana\tko@kaisha.test":           false,
		"\"hana\x00\"@kaisha.test":       false,
	} {
		if got := IsForwardPath(path); got != want {
			t.Errorf("%q: %v", path, got)
		}
	}
}

func TestWithoutRoute(t *testing.T) {
	for path, want := range map[string]string{
		"hanako@kaisha.test":             "hanako@kaisha.test",
		"@relay.test:hanako@kaisha.test": "hanako@kaisha.test",
		"@a.test,@b.test:x@kaisha.test":  "x@kaisha.test",
		"@:hanako@kaisha.test":           "hanako@kaisha.test",
		"@a.test:@b.test:x@kaisha.test":  "@b.test:x@kaisha.test",
		"x:hanako@kaisha.test":           "x:hanako@kaisha.test",
		"@kaisha.test":                   "@kaisha.test",
		"":                               "",
		`"a:b"@kaisha.test`:              `"a:b"@kaisha.test`,
	} {
		if got := WithoutRoute(path); got != want {
			t.Errorf("%q: %q, want %q", path, got, want)
		}
	}
}
