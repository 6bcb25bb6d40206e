package devprovider

import (
	"errors"
	"fmt"

	"github.com/google/uuid"
)

// Person is somebody that development can sign in as.
type Person struct {
	Name     string
	Username string   // shaped like an Entra user principal name: dana@contoso.example
	ObjectID string   // the claim oid: a UUID in lower case
	Groups   []string // object ids of groups
	Roles    []string // values of app roles, such as Tenure.Security
	Note     string   // what the person may do, in one line
}

// checkPeople gives everything that is wrong with the seeded people.
func checkPeople(people []Person) error {
	var problems []error
	if len(people) == 0 {
		problems = append(problems, errors.New("there is nobody to sign in as"))
	}
	seen := map[string]bool{}
	for _, person := range people {
		if person.Name == "" {
			problems = append(problems, fmt.Errorf("person %q has no name", person.ObjectID))
		}
		if !isUUID(person.ObjectID) {
			problems = append(problems, fmt.Errorf("person %q: object id %q must be a UUID in lower case", person.Name, person.ObjectID))
		}
		if seen[person.ObjectID] {
			problems = append(problems, fmt.Errorf("person %q: object id %q is taken", person.Name, person.ObjectID))
		}
		seen[person.ObjectID] = true
	}
	return errors.Join(problems...)
}

func isUUID(text string) bool {
	id, err := uuid.Parse(text)
	return err == nil && id.String() == text
}
