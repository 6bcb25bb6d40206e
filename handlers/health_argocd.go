package handlers

import (
	"fmt"
	"time"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// argocdPart says how Argo CD is, as far as the tenants' manifests go.
func argocdPart(health workflow.Health, now time.Time) web.PartView {
	argocd := health.ArgoCD
	part := web.PartView{Name: "Argo CD", State: wellBadge}
	if !argocd.Watched {
		part.State = web.Badge{Text: "Not watched", Tone: web.ToneNeutral, Icon: web.IconMinus}
		part.Sentence = "Tenure was not told where Argo CD runs, so requests stay committed, and their pages cannot say whether they are live."
		return part
	}
	synced := 0
	for _, application := range argocd.Applications {
		if application.Sync == workflow.ObjectSynced {
			synced++
		}
		if trouble := application.Trouble(); trouble != "" {
			part.Items = append(part.Items, web.ItemView{Name: application.Application, Text: trouble})
		}
	}
	part.Sentence = syncedWords(synced, len(argocd.Applications))
	switch {
	case argocd.Problem != "":
		part.State = attentionBadge
		part.Sentence = "The cluster that runs Argo CD does not answer. Tenure goes on asking; requests stay committed until then."
		part.Cause = argocd.Problem
	case len(part.Items) > 0:
		part.State = attentionBadge
		part.Sentence += " " + troubleWords(len(part.Items))
	}
	if !argocd.Since.IsZero() {
		part.Facts = append(part.Facts, web.FactView{Label: "Watched since", At: web.At(argocd.Since, now)})
	}
	if !argocd.LastWord.IsZero() {
		part.Facts = append(part.Facts, web.FactView{Label: "Last word", At: web.At(argocd.LastWord, now)})
	}
	return part
}

func syncedWords(synced, all int) string {
	switch {
	case all == 0:
		return "It has no Application of Tenure's yet."
	case synced == all && all == 1:
		return "The one Application of Tenure's is Synced."
	case synced == all:
		return fmt.Sprintf("All %d Applications of Tenure's are Synced.", all)
	}
	return fmt.Sprintf("%d of %s of Tenure's are Synced.", synced, web.Count(int64(all), "Application"))
}

func troubleWords(n int) string {
	if n == 1 {
		return "One cannot be synced; Argo CD goes on trying."
	}
	return fmt.Sprintf("%d cannot be synced; Argo CD goes on trying.", n)
}
