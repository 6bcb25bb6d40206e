package graph_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tenure.dev/handlers/auth/graph"
)

func busy(status int, after string) answer {
	a := answer{status: status, body: `{"error":{"code":"TooManyRequests","message":"Please retry again later."}}`}
	if after != "" {
		a.header = map[string]string{"Retry-After": after}
	}
	return a
}

func TestABusyGraphIsAskedAgainWhenItSays(t *testing.T) {
	for name, c := range map[string]struct {
		busy   []answer
		waited []time.Duration
		fine   bool
	}{
		"not busy":                    {nil, nil, true},
		"in seconds":                  {[]answer{busy(429, "7")}, []time.Duration{7 * time.Second}, true},
		"by a date":                   {[]answer{busy(503, noon.Add(4*time.Second).Format(http.TimeFormat))}, []time.Duration{4 * time.Second}, true},
		"nothing said":                {[]answer{busy(504, ""), busy(503, "")}, []time.Duration{time.Second, 2 * time.Second}, true},
		"what nobody can read":        {[]answer{busy(429, "soon"), busy(429, "-5")}, []time.Duration{time.Second, 2 * time.Second}, true},
		"a date that is past":         {[]answer{busy(429, noon.Add(-time.Hour).Format(http.TimeFormat))}, []time.Duration{time.Second}, true},
		"three times":                 {[]answer{busy(429, "1"), busy(429, "1"), busy(429, "1")}, []time.Duration{time.Second, time.Second}, false},
		"longer than anybody waits":   {[]answer{busy(429, "11")}, nil, false},
		"longer than there are years": {[]answer{busy(429, "99999999999999999999")}, []time.Duration{time.Second}, true},
		"another fault":               {[]answer{{status: 500, body: `{"error":{"code":"generalException"}}`}}, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			cloud := newCloud(t)
			cloud.answers[membersOf(groupID)] = collection("", member(1, "A", "a@b", "Member"))
			cloud.busy = c.busy
			people, known, err := cloud.client().Members(t.Context(), groupID)
			if fine := err == nil && known && len(people) == 1; fine != c.fine || !slices.Equal(cloud.waited, c.waited) {
				t.Errorf("%v, known %v, %v; it waited %v", people, known, err, cloud.waited)
			}
		})
	}
}

func TestAGraphThatAsksForItIsLeftAlone(t *testing.T) {
	c := newCloud(t)
	c.answers[membersOf(groupID)] = collection("", member(1, "A", "a@b", "Member"))
	c.busy = []answer{busy(429, "120")}
	client := c.client()
	for range 3 {
		if _, _, err := client.Members(t.Context(), groupID); err == nil {
			t.Fatal("it answers")
		}
		if _, err := client.Groups(t.Context(), "pay"); err == nil {
			t.Fatal("it answers something else")
		}
		c.clock.advance(39 * time.Second)
	}
	if asked := c.questions(); len(asked) != 1 {
		t.Errorf("it was asked %q", asked)
	}
	c.clock.advance(4 * time.Second)
	if _, known, err := client.Members(t.Context(), groupID); !known || err != nil {
		t.Errorf("afterwards: known %v, %v", known, err)
	}
	c.with(func() { c.busy = []answer{busy(503, "2000000000")} }) // 63 years
	c.clock.advance(time.Minute)
	if _, _, err := client.Members(t.Context(), groupID); err == nil {
		t.Fatal("it answers")
	}
	c.clock.advance(10 * time.Minute)
	if _, known, err := client.Members(t.Context(), groupID); !known || err != nil {
		t.Errorf("it is left alone for good: known %v, %v", known, err)
	}
}

func TestATokenIsUsedUntilShortlyBeforeItsEnd(t *testing.T) {
	c := newCloud(t)
	c.answers[membersOf(groupID)] = collection("")
	client := c.client()
	look := func(tokens int, when string) {
		t.Helper()
		if _, known, err := client.Members(t.Context(), groupID); !known || err != nil {
			t.Fatalf("%s: known %v, %v", when, known, err)
		}
		if c.tokens != tokens {
			t.Errorf("%s: %d tokens were got, want %d", when, c.tokens, tokens)
		}
	}
	look(1, "at first")
	c.clock.advance(54 * time.Minute)
	look(1, "within its time")
	c.clock.advance(time.Minute)
	look(2, "five minutes before its end")
	c.with(func() { c.holds = 120 })
	c.clock.advance(time.Hour)
	look(3, "one that holds two minutes")
	c.clock.advance(time.Minute)
	look(4, "a minute later")
	c.with(func() { c.holds = 0 })
	c.clock.advance(time.Hour)
	look(5, "one that says nothing of its end")
	c.clock.advance(time.Minute)
	look(6, "after that")
}

func TestATokenThatGraphDoesNotTakeIsReplacedOnce(t *testing.T) {
	c := newCloud(t)
	c.answers[membersOf(groupID)] = collection("")
	client := c.client()
	if _, _, err := client.Members(t.Context(), groupID); err != nil {
		t.Fatal(err)
	}
	c.with(func() { c.revoked = 1 })
	c.clock.advance(time.Minute)
	if _, known, err := client.Members(t.Context(), groupID); !known || err != nil || c.tokens != 2 {
		t.Errorf("with a revoked token: known %v, %v, %d tokens", known, err, c.tokens)
	}
	c.with(func() { c.revoked = 1000 })
	c.clock.advance(time.Minute)
	c.questions()
	if _, known, err := client.Members(t.Context(), groupID); known || err == nil || len(c.questions()) != 2 || c.tokens != 3 {
		t.Errorf("with no token taken: known %v, %v, %d tokens", known, err, c.tokens)
	}
}

func TestAnswersAreRememberedForAMinuteAndFailuresForSeconds(t *testing.T) {
	c := newCloud(t)
	client := c.client()
	ask := func(questions int, when string) {
		t.Helper()
		for range 3 {
			_, _, _ = client.Members(t.Context(), groupID)
			_, _, _ = client.People(t.Context(), groupID)
		}
		if asked := c.questions(); len(asked) != questions {
			t.Errorf("%s Graph was asked %q", when, asked)
		}
	}
	ask(1, "at first")
	c.clock.advance(time.Minute - time.Second)
	ask(0, "within the minute")
	c.clock.advance(time.Second)
	c.with(func() { c.answers[membersOf(groupID)] = answer{status: 500} })
	ask(1, "after the minute")
	c.clock.advance(time.Second)
	ask(0, "after a failure")
	c.clock.advance(time.Second)
	ask(1, "two seconds after it")
}

func TestWhatIsRememberedIsBounded(t *testing.T) {
	c := newCloud(t)
	client := c.client()
	for i := range 600 {
		if _, err := client.Groups(t.Context(), fmt.Sprint(i)); err == nil {
			t.Fatal("it answers")
		}
	}
	c.questions()
	if _, err := client.Groups(t.Context(), "599"); err == nil || len(c.questions()) != 1 {
		t.Error("there is no bound")
	}
	c.clock.advance(time.Minute)
	c.answers[named("pay")] = collection("")
	for range 2 {
		if _, err := client.Groups(t.Context(), "pay"); err != nil {
			t.Fatal(err)
		}
	}
	if asked := c.questions(); len(asked) != 1 {
		t.Errorf("nothing makes room: %q", asked)
	}
}

// Somebody who closes the page must not take the answer from the others.
func TestALookUpDoesNotEndWithTheRequestThatBeganIt(t *testing.T) {
	c := newCloud(t)
	c.answers[membersOf(groupID)] = collection("", member(1, "A", "a@b", "Member"))
	c.busy = []answer{busy(429, "1")}
	waiting, goOn := make(chan struct{}), make(chan struct{})
	config := c.config()
	config.Wait = func(ctx context.Context, _ time.Duration) error {
		close(waiting)
		<-goOn
		return ctx.Err()
	}
	client, err := graph.New(config)
	if err != nil {
		t.Fatal(err)
	}
	ctx, leave := context.WithCancel(t.Context())
	var done sync.WaitGroup
	done.Go(func() {
		if _, _, err := client.Members(ctx, groupID); !errors.Is(err, context.Canceled) {
			t.Errorf("who left got %v", err)
		}
	})
	<-waiting
	leave()
	done.Wait()
	close(goOn)
	if people, known, err := client.Members(t.Context(), groupID); !known || err != nil || len(people) != 1 {
		t.Errorf("who stayed got %v, known %v, %v", people, known, err)
	}
	if asked := c.questions(); len(asked) != 2 {
		t.Errorf("Graph was asked %q", asked)
	}
}

func TestErrorsNameTheTroubleAndShowNoSecret(t *testing.T) {
	echo := `{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided. You sent ` + clientSecret + ` and token-1"}`
	for name, c := range map[string]struct {
		set  func(*cloud)
		says []string
	}{
		"the client is refused": {func(c *cloud) { c.refuse = &answer{status: 401, body: echo} }, []string{"get an access token", "it answered 401 invalid_client AADSTS7000215"}},
		"no token is given":     {func(c *cloud) { c.refuse = &answer{body: `{"token":"token-1"}`} }, []string{"get an access token"}},
		"an error page":         {func(c *cloud) { c.refuse = &answer{status: 502, body: "token-1 " + clientSecret} }, []string{"it answered 502"}},
		"a permission is lacking": {func(c *cloud) {
			c.answers[membersOf(groupID)] = answer{status: 403, body: `{"error":{"code":"Authorization_RequestDenied","message":"token-1"}}`}
		}, []string{groupID, "Graph answered 403 Authorization_RequestDenied", "GroupMember.Read.All", "User.ReadBasic.All"}},
		"a code that is none": {func(c *cloud) {
			c.answers[membersOf(groupID)] = answer{status: 400, body: `{"error":{"code":"you sent token-1"}}`}
		}, []string{"Graph answered 400"}},
		"Graph is away": {func(c *cloud) { c.Close() }, []string{"connection refused"}},
	} {
		t.Run(name, func(t *testing.T) {
			cloud := newCloud(t)
			c.set(cloud)
			client := cloud.client()
			_, _, err := client.Members(t.Context(), groupID)
			if err == nil {
				t.Fatal("it answers")
			}
			var log strings.Builder
			slog.New(slog.NewTextHandler(&log, nil)).Error("look up", "error", err, "config", cloud.config())
			for _, text := range []string{err.Error(), fmt.Sprintf("%+v %#v", err, cloud.config()), log.String()} {
				if strings.Contains(text, clientSecret) || strings.Contains(text, "token-1") {
					t.Errorf("it shows a secret: %s", text)
				}
			}
			for _, want := range c.says {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("it does not say %q: %v", want, err)
				}
			}
		})
	}
}

func TestEverythingThatIsWrongWithTheConfigurationIsSaidAtOnce(t *testing.T) {
	c := newCloud(t)
	for want, change := range map[string]func(*graph.Config){
		`URL of Graph "http://graph.example": it must begin with https://`: func(c *graph.Config) { c.URL = "http://graph.example" },
		`URL of Graph "https://graph.example/v1.0": it must be a scheme`:   func(c *graph.Config) { c.URL = "https://graph.example/v1.0" },
		`token endpoint "": it must be an absolute URL`:                    func(c *graph.Config) { c.TokenURL = "" },
		`tenant "contoso.example": it must be a tenant id`:                 func(c *graph.Config) { c.Tenant = "contoso.example" },
		"the client id and the client secret":                              func(c *graph.Config) { c.ClientSecret = "" },
		"a clock is required":                                              func(c *graph.Config) { c.Clock = nil },
	} {
		config := c.config()
		change(&config)
		if _, err := graph.New(config); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("it says %v, want %s", err, want)
		}
	}
	if _, err := graph.New(graph.Config{}); err == nil || strings.Count(err.Error(), "\n") != 4 {
		t.Errorf("of an empty one it says %v", err)
	}
	config := c.config()
	config.URL, config.Tenant = graph.DefaultURL+"/", strings.ToUpper(tenantID)
	if _, err := graph.New(config); err != nil {
		t.Error(err)
	}
}
