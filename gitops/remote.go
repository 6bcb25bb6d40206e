package gitops

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	git "github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/config"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/format/packfile"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp/capability"
	"github.com/go-git/go-git/v5/plumbing/storer"
	"github.com/go-git/go-git/v5/plumbing/transport"
	"github.com/go-git/go-git/v5/plumbing/transport/client"
	"github.com/go-git/go-git/v5/plumbing/transport/http"
	"github.com/go-git/go-git/v5/storage"
)

const defaultBranch = "main"

// errNoCommits is about a remote whose branch does not exist yet.
var errNoCommits = errors.New("the GitOps repository has no commits on this branch; tenure init makes the first one")

// remote is the other side: one branch of one repository.
type remote struct {
	url     string
	auth    transport.AuthMethod
	branch  string
	timeout time.Duration
}

func newRemote(url, username, password, branch string, timeout time.Duration) remote {
	r := remote{url: url, branch: branch, timeout: timeout}
	if username != "" || password != "" {
		r.auth = &http.BasicAuth{Username: username, Password: password}
	}
	if isAzure(url) {
		azureCapabilities()
	}
	return r
}

func (r remote) ref() plumbing.ReferenceName { return plumbing.NewBranchReferenceName(r.branch) }

// tracking is where the fetched head stands in our clone.
func (r remote) tracking() plumbing.ReferenceName {
	return plumbing.NewRemoteReferenceName("origin", r.branch)
}

// fetch brings the branch into the store and returns its head.
func (r remote) fetch(ctx context.Context, into storage.Storer) (plumbing.Hash, error) {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	origin := git.NewRemote(into, &config.RemoteConfig{Name: "origin", URLs: []string{r.url}})
	err := origin.FetchContext(ctx, &git.FetchOptions{
		RemoteName: "origin", Auth: r.auth, Tags: git.NoTags,
		RefSpecs: []config.RefSpec{config.RefSpec(fmt.Sprintf("+%s:%s", r.ref(), r.tracking()))},
	})
	switch {
	case errors.Is(err, transport.ErrEmptyRemoteRepository), errors.Is(err, git.NoMatchingRefSpecError{}):
		return plumbing.ZeroHash, errNoCommits
	case err != nil && !errors.Is(err, git.NoErrAlreadyUpToDate):
		return plumbing.ZeroHash, err
	}
	head, err := into.Reference(r.tracking())
	if err != nil {
		return plumbing.ZeroHash, err
	}
	return head.Hash(), nil
}

// pushSession is one connection for a push, after the server has said where
// its branch is.
type pushSession struct {
	remote
	session transport.ReceivePackSession
	offered *capability.List
	head    plumbing.Hash // zero when the branch does not exist
}

// dial opens a connection for a push. The caller closes it.
func (r remote) dial(ctx context.Context) (*pushSession, error) {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	endpoint, err := transport.NewEndpoint(r.url)
	if err != nil {
		return nil, err
	}
	protocol, err := client.NewClient(endpoint)
	if err != nil {
		return nil, err
	}
	session, err := protocol.NewReceivePackSession(endpoint, r.auth)
	if err != nil {
		return nil, err
	}
	offered, err := session.AdvertisedReferencesContext(ctx)
	if err != nil {
		return nil, errors.Join(err, session.Close())
	}
	return &pushSession{remote: r, session: session, offered: offered.Capabilities, head: offered.References[r.ref().String()]}, nil
}

func (s *pushSession) close() { _ = s.session.Close() } // what is left to say after a push changes nothing

// push sends the objects and asks the server to move the branch from the head
// that it offered to the new commit. The server refuses if the branch is
// elsewhere by then, so that this can never overwrite anything.
func (s *pushSession) push(ctx context.Context, from storer.EncodedObjectStorer, hashes []plumbing.Hash, commit plumbing.Hash) error {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	var pack bytes.Buffer
	if _, err := packfile.NewEncoder(&pack, from, false).Encode(hashes, 0); err != nil {
		return fmt.Errorf("pack %d objects: %w", len(hashes), err)
	}
	var said progress
	request := packp.NewReferenceUpdateRequestFromCapabilities(s.offered)
	request.Commands = []*packp.Command{{Name: s.ref(), Old: s.head, New: commit}}
	request.Packfile = io.NopCloser(&pack)
	if s.offered.Supports(capability.Sideband64k) {
		if err := request.Capabilities.Set(capability.Sideband64k); err != nil {
			return err
		}
		request.Progress = &said
	}
	report, err := s.session.ReceivePack(ctx, request)
	if err == nil && report != nil {
		err = report.Error()
	}
	if text := oneLine(said.text.String()); err != nil && text != "" {
		return fmt.Errorf("%w (the server says: %q)", err, text)
	}
	return err
}

// progress keeps the beginning of what the server says beside its answer:
// there a hook explains itself.
type progress struct{ text strings.Builder }

func (p *progress) Write(data []byte) (int, error) {
	const most = 2000
	p.text.Write(data[:min(len(data), max(0, most-p.text.Len()))])
	return len(data), nil
}

func isAzure(url string) bool {
	return strings.Contains(url, "dev.azure.com") || strings.Contains(url, ".visualstudio.com")
}

// azureCapabilities lets go-git talk to Azure DevOps, which insists on
// multi_ack, while go-git does not offer it because it knows only the part of
// it that a clone and a plain fetch need (go-git's _examples/azure_devops).
// The setting is global in go-git, so it is made only where it is needed.
var azureCapabilities = sync.OnceFunc(func() {
	transport.UnsupportedCapabilities = []capability.Capability{capability.ThinPack}
})
