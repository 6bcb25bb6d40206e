package admission

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	admissionv1 "k8s.io/api/admission/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	kjson "sigs.k8s.io/json"

	"tenure.dev/workflow"
)

// review is what of an AdmissionReview is read. The objects in it stay JSON
// until a rule asks for them.
type review struct {
	APIVersion string         `json:"apiVersion"`
	Kind       string         `json:"kind"`
	Request    *reviewRequest `json:"request"`
}

type reviewRequest struct {
	UID         string                  `json:"uid"`
	Kind        metav1.GroupVersionKind `json:"kind"`
	SubResource string                  `json:"subResource"`
	Name        string                  `json:"name"`
	Namespace   string                  `json:"namespace"`
	Operation   Operation               `json:"operation"`
	UserInfo    struct {
		Username string   `json:"username"`
		Groups   []string `json:"groups"`
	} `json:"userInfo"`
	Object    json.RawMessage `json:"object"`
	OldObject json.RawMessage `json:"oldObject"`
}

// maxUID bounds what is echoed. The API server's uids are UUIDs.
const maxUID = 256

// decodeReview reads the body of a webhook call. The error says to whoever
// sent it what is wrong with it.
func decodeReview(body []byte) (uid types.UID, request Request, err error) {
	var in review
	if err := kjson.UnmarshalCaseSensitivePreserveInts(body, &in); err != nil {
		return "", Request{}, fmt.Errorf("the body is no AdmissionReview: %w", err)
	}
	if in.APIVersion != admissionv1.SchemeGroupVersion.String() || in.Kind != "AdmissionReview" {
		return "", Request{}, fmt.Errorf("the body is %s %q of %q, not an AdmissionReview of %q",
			"kind", in.Kind, in.APIVersion, admissionv1.SchemeGroupVersion)
	}
	r := in.Request
	switch {
	case r == nil:
		return "", Request{}, errors.New("the AdmissionReview has no request")
	case r.UID == "" || len(r.UID) > maxUID:
		return "", Request{}, errors.New("request.uid is empty or too long")
	case r.Kind.Kind == "":
		return "", Request{}, errors.New("request.kind is empty")
	}
	request = Request{
		Operation:   r.Operation,
		Kind:        schema.GroupVersionKind(r.Kind),
		SubResource: r.SubResource,
		Namespace:   r.Namespace,
		Name:        r.Name,
		User:        r.UserInfo.Username,
		Groups:      r.UserInfo.Groups,
		Object:      present(r.Object),
		OldObject:   present(r.OldObject),
	}
	return types.UID(r.UID), request, request.complete()
}

// complete says what a request lacks to be judged.
func (r Request) complete() error {
	switch r.Operation {
	case Create, Update:
		if len(r.Object) == 0 {
			return fmt.Errorf("request.object is missing for %s", r.Operation)
		}
		if r.Operation == Update && len(r.OldObject) == 0 {
			return fmt.Errorf("request.oldObject is missing for %s", r.Operation)
		}
	case Delete, Connect:
	default:
		return fmt.Errorf("request.operation %q is not one of CREATE, UPDATE, DELETE, CONNECT", r.Operation)
	}
	return nil
}

// present turns JSON's null into nothing.
func present(raw json.RawMessage) json.RawMessage {
	if string(raw) == "null" {
		return nil
	}
	return raw
}

// answer is the AdmissionReview that goes back.
func (d Decision) answer(uid types.UID) admissionv1.AdmissionReview {
	response := &admissionv1.AdmissionResponse{UID: uid, Allowed: d.Allowed, AuditAnnotations: d.audit()}
	if !d.Allowed {
		response.Result = &metav1.Status{
			Status:  metav1.StatusFailure,
			Code:    http.StatusForbidden,
			Reason:  metav1.StatusReasonForbidden,
			Message: d.message(),
		}
	}
	// A cluster that only observes tells the log, not the person.
	if d.Mode != workflow.ModeObserve {
		response.Warnings = warningTexts(d.Warnings)
	}
	return reviewOf(response)
}

// message is the denial as the API server passes it on, behind the webhook's
// name. Several violations begin on a line of their own, so that each can be
// read as one.
func (d Decision) message() string {
	text := DenialText(d.Violations)
	if len(d.Violations) > 1 {
		return "\n" + text
	}
	return text
}

// audit says in the API server's audit log what the decision rests on. The
// server puts the webhook's name and a slash before each key.
func (d Decision) audit() map[string]string {
	annotations := map[string]string{}
	if d.Commit != "" {
		annotations["commit"] = d.Commit
	}
	if d.Request != 0 {
		annotations["request"] = strconv.FormatInt(d.Request, 10)
	}
	if len(d.Warnings) > 0 {
		annotations["would-deny"] = DenialText(d.Warnings)
	}
	return annotations
}

func reviewOf(response *admissionv1.AdmissionResponse) admissionv1.AdmissionReview {
	return admissionv1.AdmissionReview{
		TypeMeta: metav1.TypeMeta{APIVersion: admissionv1.SchemeGroupVersion.String(), Kind: "AdmissionReview"},
		Response: response,
	}
}
