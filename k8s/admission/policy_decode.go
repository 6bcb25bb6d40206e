package admission

import (
	"encoding/json"
	"errors"
	"fmt"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kjson "sigs.k8s.io/json"

	"tenure.dev/k8s/network"
)

// networkPolicy decodes the NetworkPolicy at one side of the write. One that is too
// large to be compared is a network.LimitError.
func (o *Object) networkPolicy(v *version) (*networkingv1.NetworkPolicy, error) {
	if o.Kind.Version != networkingv1.SchemeGroupVersion.Version {
		return nil, fmt.Errorf("%s is judged in version %q, not %q", o.Kind.Kind, networkingv1.SchemeGroupVersion.Version, o.Kind.Version)
	}
	if len(v.raw) == 0 {
		return nil, errNoObject
	}
	policy := &networkingv1.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Name: o.name(), Namespace: o.Namespace}}
	return policy, decodeLimited(v.raw, policy)
}

// networkPolicy reads the fields as a NetworkPolicy; an error where there are none,
// or one that this code does not know.
func (f fields) networkPolicy() (*networkingv1.NetworkPolicy, error) {
	return f.decodePolicy(decodePolicySpec)
}

// limitedPolicy is networkPolicy for what nobody approved: one that is too large to be
// compared is a network.LimitError.
func (f fields) limitedPolicy() (*networkingv1.NetworkPolicy, error) {
	return f.decodePolicy(decodeLimited)
}

func (f fields) decodePolicy(decode func([]byte, *networkingv1.NetworkPolicy) error) (*networkingv1.NetworkPolicy, error) {
	if f.body == nil {
		return nil, errNoObject
	}
	raw, err := json.Marshal(f.body)
	if err != nil {
		return nil, fmt.Errorf("encode the object again: %w", err)
	}
	policy := &networkingv1.NetworkPolicy{}
	if err := decode(raw, policy); err != nil {
		return nil, err
	}
	return policy, nil
}

// decodeLimited reads a spec that is not longer, and does not hold more, than what is
// compared. A longer one is not read.
func decodeLimited(raw []byte, policy *networkingv1.NetworkPolicy) error {
	spec, err := rawSpec(raw)
	if err != nil {
		return err
	}
	if len(spec) <= network.MaxBytes {
		if err := decodePolicySpec(raw, policy); err != nil {
			return err
		}
	}
	return network.CheckLimits(&policy.Spec, len(spec))
}

// decodePolicySpec reads the spec of a NetworkPolicy. A field that this code does
// not know is an error: it could open more than the others say.
func decodePolicySpec(raw []byte, policy *networkingv1.NetworkPolicy) error {
	spec, err := rawSpec(raw)
	if err != nil || len(spec) == 0 {
		return err
	}
	strict, err := kjson.UnmarshalStrict(spec, &policy.Spec)
	if err = errors.Join(append(strict, err)...); err != nil {
		return fmt.Errorf("decode spec of NetworkPolicy: %w", err)
	}
	return nil
}

func rawSpec(raw []byte) (json.RawMessage, error) {
	var object struct {
		Spec json.RawMessage `json:"spec"`
	}
	if err := kjson.UnmarshalCaseSensitivePreserveInts(raw, &object); err != nil {
		return nil, fmt.Errorf("decode NetworkPolicy: %w", err)
	}
	return object.Spec, nil
}
