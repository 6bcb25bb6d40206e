package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"sync"
)

// The folder also holds files of our own, so that this compiles before the
// styles and scripts have been built.
//
//go:embed static
var embedded embed.FS

// Static is the files that the browser may fetch under /static/, by path below it.
func Static() fs.FS {
	files, err := fs.Sub(embedded, "static")
	if err != nil {
		panic("web: the embedded folder is there by construction: " + err.Error())
	}
	return files
}

// fingerprints has the content hash of each static file, by path below static/.
var fingerprints = sync.OnceValue(func() map[string]string {
	found := map[string]string{}
	files := Static()
	walk := func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(files, path)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(data)
		found[path] = hex.EncodeToString(sum[:8])
		return nil
	}
	if err := fs.WalkDir(files, ".", walk); err != nil {
		panic("web: embedded files are readable by construction: " + err.Error())
	}
	return found
})

// Fingerprint is the content hash of a static file, by path below static/;
// empty when there is no such file.
func Fingerprint(path string) string { return fingerprints()[path] }

// Asset is the address of a static file, with its content hash, so that
// browsers may keep it for ever.
func Asset(path string) string {
	if hash := Fingerprint(path); hash != "" {
		return "/static/" + path + "?v=" + hash
	}
	return "/static/" + path
}
