package graph

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Bounds of one look-up.
const (
	mostTries    = 3
	mostAnswer   = 4 << 20          // bytes of one page; 999 people are about 300 KiB
	mostPages    = 50               // about 50,000 people
	firstPause   = time.Second      // before another try where Graph does not say when; twice as long each time
	longestPause = 10 * time.Second // somebody waits at a page: what is to take longer is given up
	longestRest  = 10 * time.Minute // how long Graph is left alone at most, whatever it says
)

// get reads one address of Graph. It tries again where Graph is busy, when Graph
// says so: https://learn.microsoft.com/graph/throttling
func (c *Client) get(ctx context.Context, address string) ([]byte, error) {
	if rest := c.rest(); rest > 0 {
		return nil, fmt.Errorf("ask Graph: it wants to be left alone for another %s", rest.Round(time.Second))
	}
	pause := firstPause
	for try := 1; ; try++ {
		body, err := c.tryWithToken(ctx, address)
		var refused *refusal
		if !errors.As(err, &refused) || !refused.busy() {
			return body, err
		}
		if refused.after > 0 {
			pause = refused.after
		}
		if try == mostTries || pause > longestPause {
			c.leaveAlone(refused.after)
			return nil, err
		}
		if err := c.config.Wait(ctx, pause); err != nil {
			return nil, fmt.Errorf("wait for Graph, which is busy: %w", err)
		}
		pause *= 2
	}
}

// tryWithToken asks once, and a second time with a new token where Graph does not
// take the one at hand: it may have been revoked.
func (c *Client) tryWithToken(ctx context.Context, address string) ([]byte, error) {
	for renewed := false; ; renewed = true {
		token, err := c.token(ctx)
		if err != nil {
			return nil, err
		}
		body, err := c.try(ctx, address, token)
		var refused *refusal
		if renewed || !errors.As(err, &refused) || refused.status != http.StatusUnauthorized {
			return body, err
		}
		c.forgetToken(token)
	}
}

// try asks once.
func (c *Client) try(ctx context.Context, address, token string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fmt.Errorf("ask Graph: %w", err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Accept", "application/json")
	// Casting members to users, and sorting what was filtered, need the index that
	// follows later: https://learn.microsoft.com/graph/aad-advanced-queries
	request.Header.Set("ConsistencyLevel", "eventual")
	response, err := c.config.Client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("ask Graph: %w", withoutAddress(err))
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, mostAnswer+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read Graph's answer: %w", err)
	case response.StatusCode != http.StatusOK:
		return nil, &refusal{
			status: response.StatusCode, code: decodeRefusal(body),
			after: retryAfter(response.Header.Get("Retry-After"), c.config.Clock.Now()),
		}
	case len(body) > mostAnswer:
		return nil, fmt.Errorf("read Graph's answer: it is longer than %d bytes", mostAnswer)
	}
	return body, nil
}

// withoutAddress leaves out the address, which is long and says nothing to anybody.
func withoutAddress(err error) error {
	var away *url.Error
	if errors.As(err, &away) {
		return away.Err
	}
	return err
}

// rest is how long Graph is still to be left alone.
func (c *Client) rest() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.notBefore.Sub(c.config.Clock.Now())
}

func (c *Client) leaveAlone(rest time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.notBefore = c.config.Clock.Now().Add(min(rest, longestRest))
}

// retryAfter reads the header of that name, in seconds or as a date (RFC 9110
// section 10.2.3); 0 where it says nothing that can be read.
func retryAfter(text string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if date, err := http.ParseTime(text); err == nil {
		return max(date.Sub(now), 0)
	}
	return 0
}

// refusal is an answer of Graph other than 200.
type refusal struct {
	status int
	code   string        // what Graph calls it; empty where the answer is not Graph's
	after  time.Duration // when to ask again; 0 where nothing is said
}

// Error gives the status, the code and what helps, and nothing else of the answer.
func (r *refusal) Error() string {
	text := strings.TrimSpace(fmt.Sprintf("Graph answered %d %s", r.status, r.code))
	if r.status == http.StatusForbidden {
		text += ": the application needs the permissions GroupMember.Read.All and User.ReadBasic.All, with an administrator's consent"
	}
	return text
}

// busy says whether to try again soon.
func (r *refusal) busy() bool {
	return r.status == http.StatusTooManyRequests || r.status == http.StatusServiceUnavailable || r.status == http.StatusGatewayTimeout
}

// isNotFound says whether Graph knows no such object. What stands between may
// answer 404, too: then nothing is known of the object.
func isNotFound(err error) bool {
	var refused *refusal
	return errors.As(err, &refused) && refused.status == http.StatusNotFound && refused.code != ""
}

// next checks where the next page is: Graph is sent an access token, and nobody else.
func (c *Client) next(link string) (string, error) {
	parsed, err := url.Parse(link)
	if err != nil || parsed.Scheme != c.base.Scheme || parsed.Host != c.base.Host || parsed.User != nil || !strings.HasPrefix(parsed.Path, "/v1.0/") {
		return "", fmt.Errorf("read Graph's answer: its next page is not at %q", c.config.URL)
	}
	return parsed.String(), nil
}
