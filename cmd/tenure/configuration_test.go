package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/urfave/cli/v3"
)

var update = flag.Bool("update", false, "write the table of README.md instead of comparing it")

const (
	readme     = "../../README.md"
	tableBegin = "<!-- configuration -->\n"
	tableEnd   = "<!-- /configuration -->"
)

// configuration is the table of the settings of `tenure serve`, as Markdown.
func configuration(t testing.TB) string {
	t.Helper()
	var table strings.Builder
	table.WriteString("| flag | environment | default | meaning |\n| --- | --- | --- | --- |\n")
	for _, setting := range serveCommand().Flags {
		documented, ok := setting.(cli.DocGenerationFlag)
		if !ok || len(documented.GetEnvVars()) != 1 {
			t.Fatalf("%q cannot be documented", setting.Names()[0])
		}
		if visible, ok := setting.(cli.VisibleFlag); ok && !visible.IsVisible() {
			continue
		}
		standard := ""
		if value := documented.GetValue(); documented.TakesValue() && value != "" && value != "[]" {
			standard = "`" + strings.Trim(value, `"`) + "`"
		}
		fmt.Fprintf(&table, "| `--%s` | `%s` | %s | %s |\n", setting.Names()[0], documented.GetEnvVars()[0], standard,
			strings.NewReplacer("|", `\|`, "<", "&lt;").Replace(documented.GetUsage()))
	}
	return table.String()
}

func TestTheReadmeSaysWhatTheFlagsSay(t *testing.T) {
	text := readFile(t, readme)
	before, rest, begun := strings.Cut(text, tableBegin)
	table, after, ended := strings.Cut(rest, tableEnd)
	if !begun || !ended {
		t.Fatalf("%s does not hold %q and %q", readme, tableBegin, tableEnd)
	}
	want := configuration(t)
	if *update {
		info, err := os.Stat(readme)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(readme, []byte(before+tableBegin+want+tableEnd+after), info.Mode().Perm()); err != nil {
			t.Fatal(err)
		}
		return
	}
	if table != want {
		t.Errorf("the table of %s is not what the flags say; go test ./cmd/tenure -run TestTheReadme -update writes it\nwant:\n%s\nhave:\n%s", readme, want, table)
	}
}

func TestEverySettingHasAMeaningAndItsVariable(t *testing.T) {
	for _, setting := range serveCommand().Flags {
		documented := setting.(cli.DocGenerationFlag)
		name := setting.Names()[0]
		if documented.GetUsage() == "" {
			t.Errorf("--%s has no meaning", name)
		}
		if want := "TENURE_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_")); documented.GetEnvVars()[0] != want {
			t.Errorf("--%s is %s in the environment, want %s", name, documented.GetEnvVars()[0], want)
		}
	}
}
