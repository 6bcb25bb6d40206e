package api

import (
	stdjson "encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
	"sigs.k8s.io/json"
)

// maxBody bounds a JSON body, in bytes.
const maxBody = 1 << 20

// readBody reads a JSON body.
func readBody[In any](c call) (In, error) {
	var body In
	if err := wantMediaType(c, echo.MIMEApplicationJSON); err != nil {
		return body, err
	}
	data, err := io.ReadAll(http.MaxBytesReader(c.Response(), c.Request().Body, maxBody))
	if err != nil {
		return body, unreadBody(err)
	}
	return body, decode(data, &body, "")
}

// wantMediaType refuses a body of another media type. A form of another site's
// page can send neither JSON nor a multipart body that passes as it.
func wantMediaType(c call, want string) error {
	given, _, err := mime.ParseMediaType(c.Request().Header.Get(echo.HeaderContentType))
	if err == nil && given == want {
		return nil
	}
	return refusal{status: http.StatusUnsupportedMediaType, detail: "The body must be " + want + ", and the header Content-Type say so.", cause: err}
}

// unreadBody tells a body that is too large from one that did not arrive.
func unreadBody(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return refusal{status: http.StatusRequestEntityTooLarge, detail: fmt.Sprintf("The body has more than %d bytes.", large.Limit), cause: err}
	}
	return refusal{status: http.StatusBadRequest, detail: "The body did not arrive as a whole.", cause: err}
}

// decode reads a JSON object into a struct. What is not JSON cannot be read; a
// field that there is none of, one that is there twice, and a value of another
// type are named, with their path below at.
func decode(data []byte, into any, at string) error {
	if !stdjson.Valid(data) {
		return refusal{status: http.StatusBadRequest, detail: "The body is not JSON."}
	}
	if trimmed := strings.TrimLeft(string(data[:min(len(data), 64)]), " \t\r\n"); !strings.HasPrefix(trimmed, "{") {
		return unusable([]FieldProblem{{Field: at, Message: "This must be a JSON object."}})
	}
	strict, err := json.UnmarshalStrict(data, into)
	if err != nil {
		return unusable([]FieldProblem{wrongType(data, into, at, err)})
	}
	var wrong []FieldProblem
	for _, problem := range strict {
		var field json.FieldError
		if !errors.As(problem, &field) {
			return unusable([]FieldProblem{{Field: at, Message: "This cannot be used."}})
		}
		message := "There is no such field here."
		if strings.HasPrefix(problem.Error(), "duplicate") {
			message = "The field is there twice."
		}
		wrong = append(wrong, FieldProblem{Field: below(at, field.FieldPath()), Message: message})
	}
	if len(wrong) == 0 {
		return nil
	}
	slices.SortFunc(wrong, func(a, b FieldProblem) int { return strings.Compare(a.Field, b.Field) })
	return unusable(wrong)
}

// wrongType names the field whose value has another type than it must have. The
// strict decoder does not say which one it is; the standard library's does.
func wrongType(data []byte, into any, at string, cause error) FieldProblem {
	var mismatch *stdjson.UnmarshalTypeError
	again := reflect.TypeOf(into).Elem()
	if err := stdjson.Unmarshal(data, reflect.New(again).Interface()); errors.As(err, &mismatch) {
		return FieldProblem{Field: below(at, jsonPath(again, mismatch.Field)), Message: fmt.Sprintf("A %s cannot be used here; it must be %s.", mismatch.Value, typeWords(mismatch.Type))}
	}
	_ = cause // it names Go types, which tell the person nothing
	return FieldProblem{Field: at, Message: "A value here has another type than the document says."}
}

// jsonPath is a path that the standard library gives of a field below a type,
// without the structs that are embedded on the way: JSON does not have them.
func jsonPath(t reflect.Type, path string) string {
	var steps []string
	for _, step := range strings.Split(path, ".") {
		for t != nil && (t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map) {
			t = t.Elem()
		}
		field, found := fieldOf(t, step)
		if !found || !field.Anonymous {
			steps = append(steps, step)
		}
		if t = nil; found {
			t = field.Type
		}
	}
	return strings.Join(steps, ".")
}

// fieldOf finds a field of a struct by its name in JSON; an embedded struct has
// that of its type.
func fieldOf(t reflect.Type, name string) (reflect.StructField, bool) {
	if t == nil || t.Kind() != reflect.Struct {
		return reflect.StructField{}, false
	}
	for i := range t.NumField() {
		field := t.Field(i)
		tag, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if tag == name || (field.Anonymous && tag == "" && field.Name == name) {
			return field, true
		}
	}
	return reflect.StructField{}, false
}

// typeWords names a type as JSON does.
func typeWords(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int32, reflect.Int64:
		return "a whole number"
	case reflect.Slice:
		return "a list"
	}
	return "an object"
}

// below is the path of a field in the body.
func below(at, field string) string {
	return strings.Trim(at+"."+field, ".")
}

func unusable(fields []FieldProblem) error {
	return refusal{status: http.StatusUnprocessableEntity, detail: "Some of what was sent cannot be used.", fields: fields}
}
