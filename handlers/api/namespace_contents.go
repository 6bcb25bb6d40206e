package api

import (
	"time"

	"tenure.dev/workflow"
)

// Contents is what lives in a namespace.
type Contents struct {
	Known    bool           `json:"known" doc:"False where nobody watches the cluster: then nothing is known of what lives there."`
	At       *time.Time     `json:"at,omitempty" doc:"When the cluster said so."`
	Kinds    []KindCount    `json:"kinds" doc:"The kinds that there are, those that hold data first. What Tenure put there is left out."`
	Unlisted []UnlistedKind `json:"unlisted" doc:"What could not be looked at."`
}

// KindCount is how many objects of a kind there are.
type KindCount struct {
	Kind  string   `json:"kind"`
	Count int64    `json:"count"`
	More  bool     `json:"more,omitempty" doc:"Not all were looked at: there may be more than that."`
	Names []string `json:"names" doc:"The first ones."`
	Data  bool     `json:"data,omitempty" doc:"They hold data that are lost with them."`
}

// UnlistedKind is a kind of which nobody could say whether there are any.
type UnlistedKind struct {
	Kind string `json:"kind"`
	Why  string `json:"why"`
}

// readContents answers: what would be lost with it?
func readContents(c call, _ none) (Contents, error) {
	contents, known, err := c.api.Service.Contents(c.ctx, c.actor, c.Param("cluster"), c.Param("namespace"))
	if err != nil {
		return Contents{}, err
	}
	shown := contentsOf(contents)
	shown.Known = known
	return shown, nil
}

func contentsOf(contents workflow.NamespaceContents) Contents {
	return Contents{
		At: utc(contents.At),
		Kinds: each(contents.Kinds, func(k workflow.KindCount) KindCount {
			return KindCount{Kind: k.Kind, Count: int64(k.Count), More: k.More, Names: texts(k.Names), Data: k.Data}
		}),
		Unlisted: each(contents.Unlisted, func(u workflow.UnlistedKind) UnlistedKind { return UnlistedKind(u) }),
	}
}
