package workflow

import (
	"context"
	"fmt"
)

// Contents says what lives in an approved namespace, to those whose business it
// is. known is false where nobody watches its cluster. A cluster that does not
// answer is a *Problem of kind Unavailable.
func (s *Service) Contents(ctx context.Context, actor Actor, cluster, namespace string) (contents NamespaceContents, known bool, err error) {
	state, err := s.state()
	if err != nil {
		return NamespaceContents{}, false, err
	}
	if tenancy, _, found := state.NamespaceOwner(cluster, namespace); !found || !actor.Sees(tenancy) {
		return NamespaceContents{}, false, Refuse(NotFound, "There is no such namespace, or it is none of yours.")
	}
	if s.Alive == nil {
		return NamespaceContents{}, false, nil
	}
	if contents, known, err = s.Alive.Contents(ctx, cluster, namespace); err != nil {
		return NamespaceContents{}, false, Refuse(Unavailable, fmt.Sprintf("What lives in %s cannot be said at the moment: %s does not answer.", namespace, cluster)).Because(err)
	}
	return contents, known, nil
}
