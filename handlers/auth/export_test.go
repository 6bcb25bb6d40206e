package auth

// CheckGrant says whether verified claims are those of an access token that may
// use the API, and whether it is a pipeline's.
func CheckGrant(payload []byte, scope string) (pipeline bool, err error) {
	g, err := readGrant(payload)
	if err != nil {
		return false, err
	}
	return g.application(), g.check(scope)
}
