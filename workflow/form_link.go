package workflow

import "net/url"

// formLink leads to a form with its fields filled in, as a path with a query.
// What is empty is left out.
func formLink(path string, fields map[string]string) string {
	values := url.Values{}
	for name, value := range fields {
		if value != "" {
			values.Set(name, value)
		}
	}
	return path + "?" + values.Encode()
}
