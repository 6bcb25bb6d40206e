package api

import (
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
)

// document is an OpenAPI document, as far as the API needs it:
// https://spec.openapis.org/oas/v3.0.3
type document struct {
	OpenAPI    string                           `json:"openapi"`
	Info       info                             `json:"info"`
	Servers    []server                         `json:"servers"`
	Security   []map[string][]string            `json:"security"`
	Paths      map[string]map[string]documented `json:"paths"` // by path, then method
	Components components                       `json:"components"`
}

type info struct {
	Title       string `json:"title"`
	Description string `json:"description"`
	Version     string `json:"version"`
}

type server struct {
	URL string `json:"url"`
}

type components struct {
	Schemas         schemas                   `json:"schemas"`
	SecuritySchemes map[string]securityScheme `json:"securitySchemes"`
}

type securityScheme struct {
	Type         string `json:"type"`
	Scheme       string `json:"scheme,omitempty"`
	BearerFormat string `json:"bearerFormat,omitempty"`
	In           string `json:"in,omitempty"`
	Name         string `json:"name,omitempty"`
	Description  string `json:"description"`
}

// documented is one operation of the document.
type documented struct {
	OperationID string                        `json:"operationId"`
	Summary     string                        `json:"summary"`
	Parameters  []documentedParameter         `json:"parameters,omitempty"`
	RequestBody *documentedBody               `json:"requestBody,omitempty"`
	Responses   map[string]documentedResponse `json:"responses"` // by status
}

type documentedParameter struct {
	Name        string  `json:"name"`
	In          string  `json:"in"`
	Description string  `json:"description,omitempty"`
	Required    bool    `json:"required,omitempty"`
	Schema      *schema `json:"schema"`
}

type documentedBody struct {
	Required bool             `json:"required"`
	Content  map[string]media `json:"content"`
}

type documentedResponse struct {
	Description string            `json:"description"`
	Headers     map[string]header `json:"headers,omitempty"`
	Content     map[string]media  `json:"content"`
}

type header struct {
	Description string  `json:"description"`
	Schema      *schema `json:"schema"`
}

type media struct {
	Schema *schema `json:"schema"`
}

// describedAs is what the document says of the API as a whole.
const describedAs = "What the pages of Tenure do, for pipelines and scripts, by the same rules. " +
	"Send an access token of Entra ID, or use it signed in with a browser. " +
	"Whatever is refused is answered with a problem document (RFC 9457). Fields may be added to answers; a field that there is none of is refused in what is sent."

// newDocument makes the document of the operations.
func newDocument(version string) document {
	d := document{
		OpenAPI: "3.0.3",
		Info:    info{Title: "Tenure", Description: describedAs, Version: version},
		Servers: []server{{URL: Prefix}},
		Security: []map[string][]string{
			{"accessToken": {}}, {"session": {}},
		},
		Paths: map[string]map[string]documented{},
		Components: components{Schemas: schemas{}, SecuritySchemes: map[string]securityScheme{
			"accessToken": {Type: "http", Scheme: "bearer", BearerFormat: "JWT", Description: "An access token of Entra ID for the API's application: a person's with its scope, or a pipeline's with its app role."},
			"session":     {Type: "apiKey", In: "cookie", Name: "__Host-tenure-session", Description: "The session of a signed-in browser; tenure-session where the portal is on plain HTTP, on loopback. What changes something must come from the portal's own pages."},
		}},
	}
	for _, op := range operations() {
		if d.Paths[op.path] == nil {
			d.Paths[op.path] = map[string]documented{}
		}
		d.Paths[op.path][strings.ToLower(op.method)] = d.Components.Schemas.document(op)
	}
	return d
}

// document describes one operation.
func (s schemas) document(op operation) documented {
	described := documented{OperationID: op.id, Summary: op.summary, Parameters: append(pathParameters(op.path), s.query(op.query)...)}
	if op.body != nil {
		described.RequestBody = &documentedBody{Required: true, Content: map[string]media{bodyType(op.body): {s.body(op.body)}}}
	}
	answer := documentedResponse{Description: op.summary + ".", Content: map[string]media{echo.MIMEApplicationJSON: {s.of(op.answer)}}}
	if op.status == http.StatusCreated {
		answer.Headers = map[string]header{"Location": {Description: "Where it is.", Schema: &schema{Type: "string"}}}
	}
	described.Responses = map[string]documentedResponse{strconv.Itoa(op.status): answer}
	for _, status := range append([]int{400, 401, 403, 500, 503}, op.refuses...) {
		refused := documentedResponse{Description: kindOf(status).title + ".", Content: map[string]media{problemType: {s.of(reflect.TypeFor[Problem]())}}}
		if status == http.StatusUnauthorized {
			refused.Headers = map[string]header{"WWW-Authenticate": {Description: "What is wrong with the token (RFC 6750).", Schema: &schema{Type: "string"}}}
		}
		described.Responses[strconv.Itoa(status)] = refused
	}
	return described
}

// body is the schema of what is sent. A field that there is none of is refused.
func (s schemas) body(t reflect.Type) *schema {
	if t == draftType {
		return s.of(t)
	}
	return s.closed(t)
}

// bodyType is the media type of a body: a form where a file is among its fields.
func bodyType(t reflect.Type) string {
	if slices.ContainsFunc(reflect.VisibleFields(t), func(f reflect.StructField) bool { return f.Type == uploadType }) {
		return "multipart/form-data"
	}
	return echo.MIMEApplicationJSON
}

// inPath finds the parameters of a path.
var inPath = regexp.MustCompile(`\{(\w+)\}`)

func pathParameters(path string) []documentedParameter {
	var parameters []documentedParameter
	for _, found := range inPath.FindAllStringSubmatch(path, -1) {
		kind := &schema{Type: "string"}
		if found[1] == "id" {
			kind = &schema{Type: "integer", Format: "int64"}
		}
		parameters = append(parameters, documentedParameter{Name: found[1], In: "path", Required: true, Schema: kind})
	}
	return parameters
}

func (s schemas) query(t reflect.Type) []documentedParameter {
	var parameters []documentedParameter
	for _, p := range parametersOf(t) {
		parameters = append(parameters, documentedParameter{Name: p.name, In: "query", Description: p.doc, Required: p.required, Schema: s.of(p.field.Type)})
	}
	return parameters
}
