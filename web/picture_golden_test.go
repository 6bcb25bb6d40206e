package web

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// html is the picture as a page has it.
func html(tb testing.TB, picture Picture) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := ConnectivityPicture(picture).Render(tb.Context(), &b); err != nil {
		tb.Fatal(err)
	}
	return append(b.Bytes(), '\n')
}

func TestPicturesAreDrawnAsTheGoldenFilesShow(t *testing.T) {
	for name, picture := range pictureCases {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join("testdata", "picture", name+".html")
			got := bytes.ReplaceAll(html(t, picture()), []byte("><"), []byte(">\n<"))
			if *update {
				if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, got, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("-golden +drawn; run with -update if this is wanted:\n%s", diff)
			}
		})
	}
}
