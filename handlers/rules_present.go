package handlers

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// rulesPage presents the policy to the people who work under it.
func rulesPage(rules workflow.RulesView) web.RulesPage {
	policy := rules.Policy
	view := web.RulesPage{
		Lead:    "The admission webhook judges every write to a tenant's namespaces by these, as the policy has them now.",
		Lenient: lenientClusters(policy), Limits: termWords(rules), Commit: rules.Commit,
	}
	for _, size := range rules.Sizes {
		view.Counted = view.Counted || len(size.Objects) > 0
		view.Sizes = append(view.Sizes, web.SizeRow{
			Name: size.Name, CPU: size.CPU.String(), Memory: size.Memory.String(), Storage: size.Storage.String(),
			Pods: strconv.FormatInt(size.Pods, 10), Objects: strings.Join(size.Objects, ", "),
		})
	}
	for _, name := range slices.Sorted(maps.Keys(policy.Environments)) {
		words := "Pod security baseline or restricted"
		if policy.Environments[name].PodSecurity == workflow.LevelRestricted {
			words = "Pod security restricted"
		}
		view.Environments = append(view.Environments, web.NamedWords{Name: name, Words: words})
	}
	for _, name := range slices.Sorted(maps.Keys(policy.Clusters)) {
		cluster := policy.Clusters[name]
		view.Clusters = append(view.Clusters, web.NamedWords{Name: name, Words: clusterModeWords(cluster.Mode) + "; network policies by " + capitalize(string(cluster.NetworkEngine))})
	}
	for _, refused := range policy.Requests.Network.Refused {
		view.Refused = append(view.Refused, web.NamedWords{Name: refused.CIDR, Words: capitalize(refused.Name)})
	}
	holding := 0
	for _, rule := range rules.Rules {
		card := ruleCard(rule)
		if !offEverywhere(rule) {
			holding++
		}
		last := len(view.Families) - 1
		if last < 0 || view.Families[last].Title != capitalize(rule.Family) {
			view.Families = append(view.Families, web.RuleFamily{ID: "family-" + strings.ReplaceAll(rule.Family, " ", "-"), Title: capitalize(rule.Family)})
			last++
		}
		view.Families[last].Rules = append(view.Families[last].Rules, card)
	}
	view.Heading = web.Count(int64(holding), "rule") + " for your workloads, and how to pass them"
	reviewEntries(&view, policy)
	return view
}

// lenientClusters says where nothing is refused yet.
func lenientClusters(policy workflow.Policy) string {
	var lenient []string
	for name, cluster := range policy.Clusters {
		if cluster.Mode != workflow.ModeEnforce {
			lenient = append(lenient, name)
		}
	}
	switch slices.Sort(lenient); len(lenient) {
	case 0:
		return ""
	case 1:
		return lenient[0] + " refuses nothing yet: what breaks a rule there is let through. Keep to the rules all the same; it will enforce them."
	}
	return listWords(lenient, "and") + " refuse nothing yet: what breaks a rule there is let through. Keep to the rules all the same; they will enforce them."
}

func clusterModeWords(mode workflow.ClusterMode) string {
	switch mode {
	case workflow.ModeEnforce:
		return "Refuses what breaks a rule"
	case workflow.ModeWarn:
		return "Warns, and refuses nothing"
	}
	return "Records what would be refused"
}

// ruleCard presents one rule.
func ruleCard(rule workflow.RuleView) web.RuleCard {
	card := web.RuleCard{Name: rule.Name, Means: rule.Means, Pass: rule.Keep, NoExempt: rule.NoExempt}
	if rule.Exempts != "" && !offEverywhere(rule) {
		card.Ask = web.Link{Text: "Ask for an exemption from " + rule.Name, Href: newExemptionPath + "?" + url.Values{fieldRule: {rule.Name}}.Encode()}
	}
	oneMode := !slices.ContainsFunc(rule.Settings, func(s workflow.PlacedSetting) bool { return s.Mode != rule.Settings[0].Mode })
	if oneMode {
		card.Mode = ruleModeBadge(rule.Settings[0].Mode)
	}
	for _, placed := range rule.Settings {
		setting := web.RuleSetting{}
		setting.Params, setting.Text = paramWords(rule.Name, placed.Params)
		if len(rule.Settings) > 1 {
			setting.Where = placesWords(placed.Places)
			if !oneMode {
				setting.Mode = ruleModeBadge(placed.Mode)
			}
		}
		if setting.Where != "" || len(setting.Params) > 0 || setting.Text != "" {
			card.Settings = append(card.Settings, setting)
		}
	}
	return card
}

func offEverywhere(rule workflow.RuleView) bool {
	return !slices.ContainsFunc(rule.Settings, func(s workflow.PlacedSetting) bool { return s.Mode != workflow.RuleOff })
}

// ruleModeBadge says what becomes of what breaks a rule.
func ruleModeBadge(mode workflow.RuleMode) web.Badge {
	switch mode {
	case workflow.RuleDeny:
		return web.Badge{Text: "Refuses", Tone: web.ToneAccent, Icon: web.IconShield}
	case workflow.RuleWarn:
		return web.Badge{Text: "Warns", Tone: web.ToneWarn, Icon: web.IconWarning}
	}
	return web.Badge{Text: "Off", Tone: web.ToneNeutral, Icon: web.IconMinus}
}

func placesWords(places []workflow.RulePlace) string {
	texts := make([]string, len(places))
	for i, place := range places {
		texts[i] = place.String()
	}
	return capitalize(listWords(texts, "and"))
}

// listWords joins texts with commas, and the last one with a word.
func listWords(texts []string, word string) string {
	if len(texts) < 2 {
		return strings.Join(texts, "")
	}
	return strings.Join(texts[:len(texts)-1], ", ") + " " + word + " " + texts[len(texts)-1]
}

// termWords says for how long what is asked for is given.
func termWords(rules workflow.RulesView) []web.NamedWords {
	upTo := func(kind workflow.Kind) string { return "Up to " + durationWords(rules.Longest[kind]) }
	standing := rules.Policy.Requests.Access.Standing
	if len(standing) == 0 {
		standing = workflow.AccessRoles()
	}
	roles := make([]string, len(standing))
	for i, role := range standing {
		roles[i] = string(role)
	}
	return []web.NamedWords{
		{Name: "Network exceptions", Words: upTo(workflow.KindNetwork)},
		{Name: "Access", Words: upTo(workflow.KindAccess) + fmt.Sprintf("; without an end as %s", listWords(roles, "or"))},
		{Name: "More quota", Words: upTo(workflow.KindQuota) + ", or for good"},
		{Name: "Exemptions", Words: upTo(workflow.KindExemption)},
	}
}

// reviewEntries says who must agree to what, in the order of the policy.
func reviewEntries(view *web.RulesPage, policy workflow.Policy) {
	for i, rule := range policy.Reviews {
		what := capitalize(rule.Concerns())
		if i > 0 && i == len(policy.Reviews)-1 {
			what = "Everything else"
		}
		stages := make([]string, len(rule.Stages))
		for j, stage := range rule.Stages {
			stages[j] = reviewersWords(stage)
		}
		view.Reviews = append(view.Reviews, web.ReviewEntry{What: what, Who: strings.Join(stages, ", then ")})
	}
	view.PeerNote = "What opens another tenant's namespace needs an owner of that tenant as well. Where nobody but the requester could decide, " + fallbackWords(policy.Fallback) + " does."
}

func fallbackWords(role workflow.Role) string {
	if role == workflow.RoleAdmin {
		return "a platform admin"
	}
	return "somebody of " + string(role)
}

// reviewersWords counts the people of a stage: "2 of security".
func reviewersWords(stage workflow.Stage) string {
	switch stage.Role {
	case workflow.RoleOwner:
		return web.Count(int64(stage.Needed), "owner")
	case workflow.RoleMember:
		return web.Count(int64(stage.Needed), "member")
	case workflow.RoleAdmin:
		return web.Count(int64(stage.Needed), "platform admin")
	}
	return fmt.Sprintf("%d of %s", stage.Needed, stage.Role)
}
