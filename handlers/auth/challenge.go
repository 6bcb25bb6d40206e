package auth

import (
	"errors"

	"github.com/labstack/echo/v4"
)

// challenge is the refusal of a request's credentials, as RFC 6750 §3 has it.
type challenge struct {
	status   int
	code     string // what is wrong with the token; empty where none was sent
	scope    string // the scope that is needed, where that is what is wrong
	sentence string // for people; ASCII without quotation marks, see RFC 6750 §3
	cause    error  // for the log; never the token
}

// Error gives the sentence and the cause; it is for logs.
func (r *challenge) Error() string {
	if r.cause != nil {
		return r.sentence + ": " + r.cause.Error()
	}
	return r.sentence
}

// invalidToken is the refusal of a token that cannot be relied on.
func invalidToken(cause error) *challenge {
	return &challenge{status: 401, code: "invalid_token", cause: cause,
		sentence: "The access token could not be verified: it may have expired, or be meant for something else. Get a new one for this API."}
}

// answer says in the header WWW-Authenticate what is wrong, where err is a
// challenge, and gives the error that is answered with.
func answer(c echo.Context, err error) error {
	var refused *challenge
	if !errors.As(err, &refused) {
		return err
	}
	header := `Bearer realm="Tenure"`
	for _, part := range []struct{ name, value string }{{"error", refused.code}, {"error_description", refused.sentence}, {"scope", refused.scope}} {
		if refused.code != "" && part.value != "" {
			header += `, ` + part.name + `="` + part.value + `"`
		}
	}
	c.Response().Header().Set(echo.HeaderWWWAuthenticate, header)
	return echo.NewHTTPError(refused.status, refused.sentence).SetInternal(refused)
}
