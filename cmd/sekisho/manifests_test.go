package main

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"sekisho/filter/config"
)

// node is a YAML mapping that is walked by keys.
type node map[string]any

func (n node) at(keys ...string) any {
	var here any = map[string]any(n)
	for _, k := range keys {
		m, _ := here.(map[string]any)
		here = m[k]
	}
	return here
}

func (n node) text(keys ...string) string { s, _ := n.at(keys...).(string); return s }

func (n node) list(keys ...string) []any { l, _ := n.at(keys...).([]any); return l }

func (n node) child(keys ...string) node { m, _ := n.at(keys...).(map[string]any); return m }

func documents(t *testing.T, file string) (all []node) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for dec := yaml.NewDecoder(bytes.NewReader(text)); ; {
		var n map[string]any
		if err := dec.Decode(&n); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all = append(all, n)
	}
}

// reachedAt checks that settings listen for other hosts on the ports that everybody
// names, and keep their state on the volume.
func reachedAt(t *testing.T, where, file string) config.Config {
	t.Helper()
	c, err := config.Load(file)
	if err != nil {
		t.Fatalf("%s: %s", where, inDetail(err))
	}
	_, admin, err := net.SplitHostPort(c.Admin.Listen)
	if err != nil || admin != "9895" || strings.HasPrefix(c.Admin.Listen, "127.") {
		t.Errorf("%s: admin address %s", where, c.Admin.Listen)
	}
	text, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(text), `listen: ["tcp:0.0.0.0:8895"]`) || c.StateDir != "/var/lib/sekisho" {
		t.Errorf("%s: %v, state in %s\n%s", where, err, c.StateDir, text)
	}
	return c
}

// byPort checks that releases to the port that asks no milter are not waited for here.
func byPort(t *testing.T, where string, c config.Config) {
	t.Helper()
	if q := c.Quarantine; !strings.HasSuffix(q.ReleaseTo, ":10025") || q.ReleaseBy != config.ByPort {
		t.Errorf("%s: releases to %q by %q", where, q.ReleaseTo, q.ReleaseBy)
	}
}

// TestCompose: what compose.yaml names is there, and its parts fit each other and the
// program.
func TestCompose(t *testing.T) {
	const dir = "../../deploy"
	c := documents(t, dir+"/compose.yaml")[0]
	services := c.child("services")
	for name := range services {
		for _, v := range services.list(name, "volumes") {
			source, _, _ := strings.Cut(v.(string), ":")
			if strings.HasPrefix(source, ".") {
				if _, err := os.Stat(filepath.Join(dir, source)); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			} else if c.child("volumes").at(source) == nil {
				t.Errorf("%s: volume %s is not declared", name, source)
			}
		}
		for _, n := range services.list(name, "networks") {
			if c.child("networks").at(n.(string)) == nil && n != "outside" {
				t.Errorf("%s: network %v is not declared", name, n)
			}
		}
	}
	byPort(t, "compose", reachedAt(t, "compose", dir+"/compose/sekisho.yaml"))
	if !slices.Contains(services.list("sekisho", "volumes"), any("./compose/sekisho.yaml:/etc/sekisho/sekisho.yaml:ro")) ||
		!slices.Contains(services.list("sekisho", "volumes"), any("state:/var/lib/sekisho")) {
		t.Errorf("volumes of sekisho: %v", services.list("sekisho", "volumes"))
	}
	setup, err := os.ReadFile(dir + "/compose/postfix.sh")
	if err != nil || !strings.Contains(string(setup), "smtpd_milters = inet:sekisho:8895'") || !strings.Contains(string(setup), "10025/inet=10025 inet") ||
		!strings.Contains(string(setup), "*/*/chroot=n") {
		t.Errorf("%v: Postfix does not ask the service sekisho, or takes no releases", err)
	}
	scrape := documents(t, dir+"/compose/prometheus.yml")[0].list("scrape_configs")[0].(map[string]any)
	if node(scrape).text("job_name") != "sekisho" || len(node(scrape).list("static_configs")) != 1 {
		t.Errorf("scrape: %v", scrape)
	}
	if node(node(scrape).list("static_configs")[0].(map[string]any)).list("targets")[0] != "sekisho:9895" {
		t.Errorf("scrape: %v", scrape)
	}
}

var probePath = regexp.MustCompile(`mux\.HandleFunc\("GET (/\w+)"`)

// TestKubernetes: the manifest starts the program as it is, and its parts name each
// other rightly. There was no cluster to ask.
func TestKubernetes(t *testing.T) {
	byKind := map[string]node{}
	settings := t.TempDir()
	for _, n := range documents(t, "../../deploy/kubernetes/sekisho.yaml") {
		kind, name := n.text("kind"), n.text("metadata", "name")
		if n.text("apiVersion") == "" || kind == "" || name == "" || kind != "Namespace" && n.text("metadata", "namespace") != "sekisho" {
			t.Errorf("%s %s: no version, kind, name or name space", kind, name)
		}
		byKind[kind+"/"+name] = n
		for file, text := range n.child("data") {
			write(t, filepath.Join(settings, name, file), text.(string))
		}
	}
	set := byKind["StatefulSet/sekisho"]
	pod := set.child("spec", "template", "spec")
	container := node(pod.list("containers")[0].(map[string]any))

	var args []string
	for _, a := range container.list("args") {
		args = append(args, a.(string))
	}
	if _, err := newParser(&commands{}).Parse(args); err != nil {
		t.Errorf("%q: %v", args, err)
	}
	c := reachedAt(t, "kubernetes", filepath.Join(settings, "sekisho", "sekisho.yaml"))
	if _, err := loadPolicies(filepath.Join(settings, "sekisho-policies"), nil); err != nil {
		t.Error(inDetail(err))
	}
	mounts := map[string]string{}
	for _, m := range container.list("volumeMounts") {
		mounts[node(m.(map[string]any)).text("mountPath")] = node(m.(map[string]any)).text("name")
	}
	for path, volume := range map[string]string{c.StateDir: "state", args[2]: "settings", c.Policy.Dir: "policies"} {
		if mounts[path] != volume {
			t.Errorf("%s is not mounted from %s: %v", path, volume, mounts)
		}
	}
	if name := node(set.list("spec", "volumeClaimTemplates")[0].(map[string]any)).text("metadata", "name"); name != "state" {
		t.Errorf("claim %s", name)
	}
	for _, v := range pod.list("volumes") {
		v := node(v.(map[string]any))
		if byKind["ConfigMap/"+v.text("configMap", "name")] == nil && v.text("secret", "secretName") == "" {
			t.Errorf("volume %v", v)
		}
	}
	if q := c.Quarantine; q.Database == "" || q.Objects == "" {
		t.Errorf("the gates share no store: %+v", q)
	}
	for _, file := range []string{c.Quarantine.DatabasePasswordFile, c.Quarantine.ObjectsKeyFile} {
		if mounts[filepath.Dir(file)] != "secrets" {
			t.Errorf("%s is in no secret: %v", file, mounts)
		}
	}
	byPort(t, "kubernetes", c)

	admin, err := os.ReadFile("../../filter/daemon/admin.go")
	if err != nil {
		t.Fatal(err)
	}
	paths := probePath.FindAllStringSubmatch(string(admin), -1)
	for _, probe := range []string{"startupProbe", "readinessProbe", "livenessProbe"} {
		get := container.child(probe, "httpGet")
		if get.text("port") != "admin" || !slices.ContainsFunc(paths, func(p []string) bool { return p[1] == get.text("path") }) {
			t.Errorf("%s asks for %v", probe, get)
		}
	}
	dockerfile, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(dockerfile), "/etc/ssl/certs/ca-certificates.crt") {
		t.Error("the image believes no server of PostgreSQL or S3")
	}
	if user := pod.at("securityContext", "runAsUser"); user != 65532 || !strings.Contains(string(dockerfile), "USER 65532:65532") {
		t.Errorf("user %v", user)
	}
	for _, keys := range [][]string{
		{"allowPrivilegeEscalation"}, {"readOnlyRootFilesystem"}, {"capabilities", "drop"},
	} {
		if container.at(append([]string{"securityContext"}, keys...)...) == nil {
			t.Errorf("securityContext has no %v", keys)
		}
	}

	label := set.text("spec", "template", "metadata", "labels", "app.kubernetes.io/name")
	for what, got := range map[string]string{
		"StatefulSet": set.text("spec", "selector", "matchLabels", "app.kubernetes.io/name"),
		"Service":     byKind["Service/sekisho"].text("spec", "selector", "app.kubernetes.io/name"),
		"gates":       byKind["Service/"+set.text("spec", "serviceName")].text("spec", "selector", "app.kubernetes.io/name"),
		"budget":      byKind["PodDisruptionBudget/sekisho"].text("spec", "selector", "matchLabels", "app.kubernetes.io/name"),
		"network":     byKind["NetworkPolicy/sekisho"].text("spec", "podSelector", "matchLabels", "app.kubernetes.io/name"),
	} {
		if got != label || got == "" {
			t.Errorf("%s chooses %q, the pods are %q", what, got, label)
		}
	}
	replicas, _ := set.at("spec", "replicas").(int)
	if least, _ := byKind["PodDisruptionBudget/sekisho"].at("spec", "minAvailable").(int); replicas != 2 || least != 1 {
		t.Errorf("%d of %d have to be there", least, replicas)
	}
	for i, port := range []string{"milter", "admin"} {
		p := node(container.list("ports")[i].(map[string]any))
		if p.text("name") != port || p.at("containerPort") != 8895+1000*i {
			t.Errorf("port %v", p)
		}
	}
}
