package gitops

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"tenure.dev/workflow"
)

// Identity is the author and committer of commits.
type Identity struct {
	Name  string
	Email string
}

// defaultAuthor signs where none is configured.
var defaultAuthor = Identity{Name: "Tenure", Email: "noreply@tenure.dev"}

// Config is what a Repository needs.
type Config struct {
	// Remote is where the GitOps repository is: an https, ssh or file URL, or a
	// local path (which needs the git program on this machine). Required. A
	// password does not belong here.
	Remote string
	// Username and Password are for a remote over HTTPS: a token goes into
	// Password. Optional.
	Username string
	Password string
	// Branch is the one that is read and written; main when empty.
	Branch string
	// Dir is the folder of our own bare clone. It is made when it is not there. Required.
	Dir string
	// Rules say whose signature counts and what a policy must keep to. Trust is required.
	Rules
	// Key signs. Without it the repository can be read and not written.
	Key *SigningKey
	// Author of the commits. Optional.
	Author Identity
	// Timeout bounds each exchange with the remote; 60 s when zero.
	Timeout time.Duration
	Clock   workflow.Clock // required
	Log     *slog.Logger   // required
}

// check fills in defaults, and says everything that is wrong at once.
func (c *Config) check() error {
	var problems []error
	if c.Dir == "" {
		problems = append(problems, errors.New("the folder for the clone is not set"))
	}
	if c.Clock == nil || c.Log == nil {
		problems = append(problems, errors.New("a clock and a log are needed"))
	}
	if _, err := CheckFingerprints(c.Trust); err != nil {
		problems = append(problems, err)
	}
	if c.Branch == "" {
		c.Branch = defaultBranch
	}
	if c.Author == (Identity{}) {
		c.Author = defaultAuthor
	}
	if !identityPattern.MatchString(identityLine(c.Author, time.Unix(0, 0))) {
		problems = append(problems, fmt.Errorf("the author %q <%s> cannot be written into a commit", c.Author.Name, c.Author.Email))
	}
	if c.Timeout == 0 {
		c.Timeout = time.Minute
	}
	return errors.Join(append(problems, checkLocation(c.Remote))...)
}

// checkLocation refuses a URL that holds a password: it would stand in logs
// and on the health page.
func checkLocation(location string) error {
	if location == "" {
		return errors.New("the location of the GitOps repository is not set")
	}
	if !strings.Contains(location, "://") {
		return nil
	}
	parsed, err := url.Parse(location)
	if err != nil {
		return errors.New("the location of the GitOps repository is not a URL")
	}
	if _, secret := parsed.User.Password(); secret {
		return fmt.Errorf("the location %q holds a password, which has a setting of its own", parsed.Redacted())
	}
	return nil
}
