package workflow

import (
	"fmt"
	"regexp"
	"strings"
)

// looseUUID is an object id as other programs write it: in braces, as a URN, or
// without hyphens.
var looseUUID = regexp.MustCompile(`\A(?:urn:uuid:|\{|\()?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})[})]?\z`)

// whereObjectID says where people find an object id.
const whereObjectID = "The Entra admin center shows it as Object ID on the group's or the user's Overview page."

// parseObjectID reads the object id of an Entra group or person and gives it in
// lower case. The message says what is wrong; empty when nothing is.
func parseObjectID(text string) (id, message string) {
	text = strings.TrimSpace(text)
	lower := strings.ToLower(text)
	bare := strings.Join(strings.Fields(lower), "")
	switch {
	case text == "":
		return "", "An object id is needed, such as 6f1c2a9e-0f0b-4a55-9d0e-3f6f2b8c1d20. " + whereObjectID
	case isUUID(lower) && !isNil(lower):
		return lower, ""
	}
	if parts := looseUUID.FindStringSubmatch(bare); parts != nil {
		meant := strings.Join(parts[1:], "-")
		if isNil(meant) {
			return "", fmt.Sprintf("%s is the object id of nobody. %s", shortened(text), whereObjectID)
		}
		return "", fmt.Sprintf("%s is not how an object id is written here; did you mean %q?", shortened(text), meant)
	}
	switch {
	case strings.Contains(text, "@"):
		return "", fmt.Sprintf("%s is a user name or an e-mail address, which can change hands; type the object id. %s", shortened(text), whereObjectID)
	case strings.Trim(bare, "0123456789abcdef-") == "":
		return "", fmt.Sprintf("%s is not a whole object id: it has 32 hexadecimal digits, in groups of 8, 4, 4, 4 and 12. %s", shortened(text), whereObjectID)
	}
	return "", fmt.Sprintf("%s is not an object id; names can change hands, so type the object id. %s", shortened(text), whereObjectID)
}

// isNil says whether a UUID is the one that names nothing (RFC 9562 §5.9).
func isNil(uuid string) bool { return strings.Trim(uuid, "0-") == "" }
