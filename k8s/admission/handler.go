package admission

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"runtime/debug"
	"time"

	admissionv1 "k8s.io/api/admission/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// MaxBody is how long the body of an AdmissionReview may be, in bytes. An
// object has at most 3 MiB in a request and 1.5 MiB in etcd, and an update
// carries two of them.
const MaxBody = 8 << 20

// The paths that the API server asks at. Which of them it asks says what it
// knows of the object's namespace.
const (
	PathValidate = "/validate"        // governed kinds, in any namespace
	PathTenant   = "/validate/tenant" // objects in namespaces that carry a tenant's label
)

// Handler answers the API server: POST to PathValidate and PathTenant, and the
// probes /livez and /readyz on the same port. It never answers "allowed" to
// what it cannot read.
type Handler struct {
	Snapshot func() *Snapshot // required; Holder.Load
	Metrics  *Metrics         // required
	Log      *slog.Logger     // required
	Now      func() time.Time // required; the clock, for durations and for what was approved until some time
	Roles    Roles            // the cluster's roles; nil when none is known
	Policies Policies         // the cluster's NetworkPolicies; nil when none is known
}

// ServeHTTP routes the four paths.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case PathValidate, PathTenant:
		h.validate(w, r)
	case "/livez":
		_, _ = io.WriteString(w, "ok\n")
	case "/readyz":
		if h.Snapshot() == nil {
			http.Error(w, "no approved state has been verified yet", http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, "ok\n")
	default:
		http.NotFound(w, r)
	}
}

// validate reads one AdmissionReview and answers it.
func (h *Handler) validate(w http.ResponseWriter, r *http.Request) {
	body, status, err := readBody(w, r)
	if err != nil {
		h.refuseCall(w, status, err)
		return
	}
	uid, request, err := decodeReview(body)
	if err != nil {
		h.refuseCall(w, http.StatusBadRequest, err)
		return
	}
	request.TenantNamespace = r.URL.Path == PathTenant
	request.Roles, request.Policies, request.At = h.Roles, h.Policies, h.Now()
	h.write(w, h.decide(r.Context(), uid, request))
}

// decide evaluates a request. A fault of ours denies: an answer does that also
// where the webhook's failurePolicy would let a missing one pass.
func (h *Handler) decide(ctx context.Context, uid types.UID, request Request) (review admissionv1.AdmissionReview) {
	began := h.Now()
	defer func() {
		if fault := recover(); fault != nil {
			h.Metrics.fault()
			h.Log.Error("admission panicked", "uid", uid, "object", request.display(), "fault", fault, "stack", string(debug.Stack()))
			review = faultReview(uid)
		}
	}()
	decision := Evaluate(h.Snapshot(), request)
	h.Metrics.observe(request, decision, h.Now().Sub(began))
	h.log(ctx, uid, request, decision)
	return decision.answer(uid)
}

// log writes what was decided; never the object itself.
func (h *Handler) log(ctx context.Context, uid types.UID, request Request, decision Decision) {
	level, message := slog.LevelDebug, "admission allowed"
	switch {
	case !decision.Allowed:
		level, message = slog.LevelInfo, "admission denied"
	case len(decision.Warnings) > 0:
		level, message = slog.LevelInfo, "admission would deny"
	}
	if !h.Log.Enabled(ctx, level) {
		return
	}
	h.Log.Log(ctx, level, message,
		"uid", uid, "operation", request.Operation, "object", decision.Object, "user", request.User,
		"rules", ruleNames(decision), "request", decision.Request, "commit", decision.Commit)
}

// refuseCall answers a call that is no AdmissionReview.
func (h *Handler) refuseCall(w http.ResponseWriter, status int, err error) {
	h.Metrics.badCall(status)
	h.Log.Warn("admission call refused", "status", status, "cause", printable(err.Error()))
	http.Error(w, err.Error(), status)
}

func (h *Handler) write(w http.ResponseWriter, review admissionv1.AdmissionReview) {
	data, err := json.Marshal(review)
	if err != nil {
		h.refuseCall(w, http.StatusInternalServerError, fmt.Errorf("encode answer: %w", err))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if _, err := w.Write(data); err != nil {
		h.Log.Debug("admission answer not delivered", "cause", err)
	}
}

// readBody checks the call's form and reads its body; status says what to
// answer when there is an error.
func readBody(w http.ResponseWriter, r *http.Request) (body []byte, status int, err error) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return nil, http.StatusMethodNotAllowed, errors.New("an AdmissionReview is sent by POST")
	}
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return nil, http.StatusUnsupportedMediaType, errors.New("an AdmissionReview is sent as application/json")
	}
	if r.ContentLength > MaxBody {
		return nil, http.StatusRequestEntityTooLarge, errTooLarge
	}
	reader := http.MaxBytesReader(w, r.Body, MaxBody)
	if r.ContentLength > 0 {
		body = make([]byte, r.ContentLength)
		_, err = io.ReadFull(reader, body)
	} else {
		body, err = io.ReadAll(reader)
	}
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return nil, http.StatusRequestEntityTooLarge, errTooLarge
	}
	if err != nil {
		return nil, http.StatusBadRequest, fmt.Errorf("read the body: %w", err)
	}
	if len(body) == 0 {
		return nil, http.StatusBadRequest, errors.New("the body is empty")
	}
	return body, http.StatusOK, nil
}

var errTooLarge = fmt.Errorf("the body is longer than %d MiB", MaxBody>>20)

func faultReview(uid types.UID) admissionv1.AdmissionReview {
	return reviewOf(&admissionv1.AdmissionResponse{UID: uid, Result: &metav1.Status{
		Status:  metav1.StatusFailure,
		Code:    http.StatusInternalServerError,
		Reason:  metav1.StatusReasonInternalError,
		Message: "Tenure could not judge this object because of a fault of its own. Tell the platform team the time and the object's name.",
	}})
}
