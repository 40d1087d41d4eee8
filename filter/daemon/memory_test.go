package daemon

import (
	"os"
	"path/filepath"
	"testing"
)

// TestSoftLimit: memory that a control group limits is not used up.
func TestSoftLimit(t *testing.T) {
	t.Parallel()
	const v2, service = "0::/system.slice/sekisho.service\n", "sys/fs/cgroup/system.slice/sekisho.service/memory.max"
	for name, tc := range map[string]struct {
		groups string
		files  map[string]string
		want   int64
	}{
		"nothing known":        {"", nil, memoryLimit},
		"no limit":             {v2, map[string]string{service: "max\n"}, memoryLimit},
		"more than we use":     {v2, map[string]string{service: "8589934592\n"}, memoryLimit},
		"a service":            {v2, map[string]string{service: "536870912\n"}, 448 << 20},
		"the slice above it":   {v2, map[string]string{service: "max\n", "sys/fs/cgroup/system.slice/memory.max": "268435456\n"}, 224 << 20},
		"a container":          {"0::/\n", map[string]string{"sys/fs/cgroup/memory.max": "536870912\n"}, 448 << 20},
		"the path of the host": {"0::/docker/abc\n", map[string]string{"sys/fs/cgroup/memory.max": "536870912\n"}, 448 << 20},
		"version 1":            {"5:memory:/docker/abc\n3:cpu:/\n", map[string]string{"sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes": "536870912\n"}, 448 << 20},
		"version 1, none":      {"5:memory:/\n", map[string]string{"sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n"}, memoryLimit},
		"of something else":    {"3:cpu:/\n", map[string]string{"sys/fs/cgroup/cpu/memory.max": "536870912\n"}, memoryLimit},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			for file, text := range tc.files {
				write(t, root, file, text)
			}
			if tc.groups != "" {
				write(t, root, "proc/self/cgroup", tc.groups)
			}
			if got := softLimit(root); got != tc.want {
				t.Errorf("%d, want %d", got, tc.want)
			}
		})
	}
}

func write(t *testing.T, root, name, text string) {
	t.Helper()
	path := filepath.Join(root, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
