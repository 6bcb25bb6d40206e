package main

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v3"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

// deployed gives the container of a Deployment in deploy/base, and the
// TENURE_ variables that its ConfigMaps and Secrets set.
func deployed(t testing.TB, folder string) (corev1.Container, []string) {
	t.Helper()
	base := filepath.Join("../../deploy/base", folder)
	for document := range strings.SplitSeq(readFile(t, filepath.Join(base, "deployment.yaml")), "\n---\n") {
		var deployment appsv1.Deployment
		if err := yaml.Unmarshal([]byte(document), &deployment); err != nil {
			t.Fatal(err)
		}
		if deployment.Kind == "Deployment" {
			text := readFile(t, filepath.Join(base, "deployment.yaml")) + readFile(t, filepath.Join(base, "kustomization.yaml"))
			return deployment.Spec.Template.Spec.Containers[0], regexp.MustCompile(`TENURE_[A-Z_]+`).FindAllString(text, -1)
		}
	}
	t.Fatalf("there is no Deployment in %s", base)
	return corev1.Container{}, nil
}

func TestDeployUsesSettingsThatExist(t *testing.T) {
	commands := map[string]*cli.Command{"webhook": webhookCommand(), "portal": serveCommand()}
	for folder, command := range commands {
		var flags, variables []string
		for _, setting := range command.Flags {
			flags = append(flags, setting.Names()[0])
			variables = append(variables, variable(setting.Names()[0]))
		}
		container, named := deployed(t, folder)
		if container.Args[0] != command.Name {
			t.Errorf("%s runs %q, want %s", folder, container.Args, command.Name)
		}
		for _, arg := range container.Args[1:] {
			if flag, _, _ := strings.Cut(strings.TrimPrefix(arg, "--"), "="); !slices.Contains(flags, flag) {
				t.Errorf("%s: there is no flag %q", folder, arg)
			}
		}
		for _, name := range named {
			if !slices.Contains(variables, name) {
				t.Errorf("%s: there is no setting %s", folder, name)
			}
		}
	}
}

func TestThePodsSettingsAreComplete(t *testing.T) {
	// What the base leaves to overlays and Secrets stands here; everything else
	// that production needs, the base says itself.
	t.Setenv("TENURE_CLIENT_SECRET", "hunter2")
	for _, folder := range []string{"webhook", "portal"} {
		base := readFile(t, "../../deploy/base/webhook/kustomization.yaml") + readFile(t, "../../deploy/base/portal/kustomization.yaml")
		for _, literal := range regexp.MustCompile(`(?m)^ +- (TENURE_[A-Z_]+)=(\S+)`).FindAllStringSubmatch(base, -1) {
			t.Setenv(literal[1], literal[2])
		}
		container, _ := deployed(t, folder)
		args := append(slices.Clone(container.Args[1:]), "--data="+t.TempDir())
		if folder == "portal" {
			if _, err := parsed(t, args...); err != nil {
				t.Errorf("%s: %v", folder, err)
			}
			continue
		}
		s := settings{}
		command := &cli.Command{Name: "webhook", Flags: s.webhookFlags()}
		if err := command.Run(t.Context(), append([]string{"webhook"}, args...)); err != nil {
			t.Fatal(err)
		}
		if err := s.complete(false); err != nil {
			t.Errorf("%s: %v", folder, err)
		}
	}
}
