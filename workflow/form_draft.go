package workflow

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// FormDraft is a form as far as a person filled it in, before it was sent. There
// is one of each kind for a person, and nobody else sees it.
type FormDraft struct {
	Kind    Kind
	Values  map[string][]string // what was typed, by the names of the form's fields
	SavedAt time.Time
}

// FormDrafts keeps drafts of forms.
type FormDrafts interface {
	// SaveFormDraft stores a draft in place of the person's earlier one of the kind.
	SaveFormDraft(ctx context.Context, person PersonID, draft FormDraft) error
	// FormDrafts lists a person's drafts, the latest first.
	FormDrafts(ctx context.Context, person PersonID) ([]FormDraft, error)
	// DiscardFormDraft forgets a draft. It is no error when there is none.
	DiscardFormDraft(ctx context.Context, person PersonID, kind Kind) error
}

// maxDraft bounds what a draft holds as JSON, in bytes.
const maxDraft = 64 << 10

// SaveFormDraft keeps what the actor typed so far. What is too large to keep is
// refused; the form itself is not.
func (s *Service) SaveFormDraft(ctx context.Context, actor Actor, kind Kind, values map[string][]string) error {
	if s.FormDrafts == nil {
		return nil
	}
	if !slices.Contains(Kinds(), kind) {
		return Refuse(NotFound, fmt.Sprintf("Nothing of the kind %q can be asked for.", kind))
	}
	if size := len(encode(values)); size > maxDraft {
		return Refuse(Invalid, fmt.Sprintf("What you typed is not kept as a draft: it has %d bytes, and a draft has at most %d.", size, maxDraft))
	}
	err := s.FormDrafts.SaveFormDraft(ctx, actor.ID, FormDraft{Kind: kind, Values: values, SavedAt: s.Clock.Now().UTC()})
	if err != nil {
		return storeFault(err)
	}
	return nil
}

// DraftOf gives the actor's draft of a kind; false where there is none.
func (s *Service) DraftOf(ctx context.Context, actor Actor, kind Kind) (FormDraft, bool, error) {
	drafts, err := s.DraftsOf(ctx, actor)
	if err != nil {
		return FormDraft{}, false, err
	}
	i := slices.IndexFunc(drafts, func(d FormDraft) bool { return d.Kind == kind })
	if i < 0 {
		return FormDraft{}, false, nil
	}
	return drafts[i], true, nil
}

// DraftsOf lists the actor's drafts, the latest first.
func (s *Service) DraftsOf(ctx context.Context, actor Actor) ([]FormDraft, error) {
	if s.FormDrafts == nil {
		return nil, nil
	}
	drafts, err := s.FormDrafts.FormDrafts(ctx, actor.ID)
	if err != nil {
		return nil, storeFault(err)
	}
	return drafts, nil
}

// DiscardFormDraft forgets the actor's draft of a kind.
func (s *Service) DiscardFormDraft(ctx context.Context, actor Actor, kind Kind) error {
	if s.FormDrafts == nil {
		return nil
	}
	if err := s.FormDrafts.DiscardFormDraft(ctx, actor.ID, kind); err != nil {
		return storeFault(err)
	}
	return nil
}
