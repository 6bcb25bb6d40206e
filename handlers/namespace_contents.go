package handlers

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// contentsHref leads to what lives in a namespace.
func contentsHref(cluster, name string) string { return namespaceHref(cluster, name) + "/contents" }

// showContents answers: what lives in it, and what would be lost with it? The
// cluster is asked, so pages load this by itself. That the cluster does not
// answer is an answer, too.
func (p *Portal) showContents(c echo.Context) error {
	ctx, actor := visit(c)
	cluster, name := c.Param("cluster"), c.Param("namespace")
	contents, known, err := p.Service.Contents(ctx, actor, cluster, name)
	problem, refused := workflow.AsProblem(err)
	if err != nil && (!refused || problem.Kind != workflow.Unavailable) {
		return err
	}
	view := contentsView(contents, p.Clock.Now())
	switch {
	case refused:
		p.Log.WarnContext(ctx, "look into a namespace", "cluster", cluster, "namespace", name, "error", err)
		view = unseen(problem.Message)
	case !known:
		view = unseen("Tenure does not watch this cluster, so what lives there is not known here. Look before it goes.")
		view.Command = "kubectl -n " + name + " get all,pvc,secret,configmap"
	}
	if isFragment(c) {
		c.Response().Header().Set(fragmentHeader, "1")
		return page(c, http.StatusOK, web.ContentsFragment(view))
	}
	shown := web.ContentsPage{Heading: "What lives in " + name, Back: web.Link{Text: name + " on " + cluster, Href: namespaceHref(cluster, name)}, Contents: view}
	shown.Frame = frame(c, web.SectionNone, shown.Heading)
	return page(c, http.StatusOK, web.Contents(shown))
}

// unseen says why nothing is known of what lives in a namespace.
func unseen(why string) web.ContentsView {
	return web.ContentsView{Sentence: why, Tone: web.ToneWarn, Icon: web.IconWarning}
}

func contentsView(contents workflow.NamespaceContents, now time.Time) web.ContentsView {
	view := web.ContentsView{Heard: web.At(contents.At, now)}
	var lost []string
	var things int // with data
	for _, kind := range contents.Kinds {
		view.Kinds = append(view.Kinds, web.KindRow{Count: countWords(kind), Kind: kindNoun(kind, kind.Kind), Names: namesWords(kind), Data: kind.Data})
		if kind.Data {
			things += kind.Count
			lost = append(lost, countWords(kind)+" "+kindNoun(kind, cmp.Or(dataKinds[kind.Kind], kind.Kind)))
		}
	}
	for _, unlisted := range contents.Unlisted {
		view.Unlisted = append(view.Unlisted, unlisted.Kind+": "+unlisted.Why)
	}
	switch {
	case len(lost) > 0:
		view.Sentence, view.Tone, view.Icon = joined(lost)+" would be deleted with their data.", web.ToneBad, web.IconWarning
		if things == 1 {
			view.Sentence = lost[0] + " would be deleted with its data."
		}
	case len(view.Kinds) > 0 && len(view.Unlisted) > 0:
		view.Sentence, view.Tone, view.Icon = "This would be deleted, and what could not be looked at.", web.ToneWarn, web.IconWarning
	case len(view.Kinds) > 0:
		view.Sentence, view.Tone, view.Icon = "This would be deleted. No volume claim and no secret is among it.", web.ToneNeutral, web.IconBox
	case len(view.Unlisted) > 0:
		view.Sentence, view.Tone, view.Icon = "Nothing was found there, and not everything could be looked at.", web.ToneWarn, web.IconWarning
	default:
		view.Sentence, view.Tone, view.Icon = "Nothing runs there, and nothing is kept there.", web.ToneGood, web.IconCheck
	}
	return view
}

// dataKinds are the words for kinds that hold data, where people have some.
var dataKinds = map[string]string{"PersistentVolumeClaim": "volume claim", "Secret": "secret", "VolumeSnapshot": "volume snapshot"}

// kindNoun is a kind, or the word for it, as it stands behind a number.
func kindNoun(kind workflow.KindCount, word string) string {
	if kind.Count == 1 {
		return word
	}
	return plural(word)
}

// countWords is how many there are, or how many at least.
func countWords(kind workflow.KindCount) string {
	if kind.More {
		return fmt.Sprintf("at least %d", kind.Count)
	}
	return fmt.Sprint(kind.Count)
}

// plural is the name of a kind for several objects, as people say it:
// Deployments, Ingresses, NetworkPolicies, Rollouts.argoproj.io.
func plural(kind string) string {
	if name, group, grouped := strings.Cut(kind, "."); grouped {
		return plural(name) + "." + group
	}
	switch {
	case strings.HasSuffix(kind, "ss"), strings.HasSuffix(kind, "ch"), strings.HasSuffix(kind, "x"):
		return kind + "es"
	case strings.HasSuffix(kind, "cy"), strings.HasSuffix(kind, "ty"), strings.HasSuffix(kind, "ry"):
		return strings.TrimSuffix(kind, "y") + "ies"
	case strings.HasSuffix(kind, "s"):
		return kind
	}
	return kind + "s"
}

// namesWords names the first objects of a kind, and says how many more there are.
func namesWords(kind workflow.KindCount) string {
	names := strings.Join(kind.Names, ", ")
	switch more := kind.Count - len(kind.Names); {
	case more > 0 && names != "" && kind.More:
		return names + " and more"
	case more > 0 && names != "":
		return fmt.Sprintf("%s and %d more", names, more)
	}
	return names
}
