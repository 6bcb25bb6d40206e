package web

import (
	"fmt"
	"time"
)

// pictureNow is the time at which the pictures of the tests are looked at.
var pictureNow = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

var pictureUntil = At(time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC), pictureNow)

func pods(id, namespace, label string, detail ...string) PictureEnd {
	return PictureEnd{ID: id, Kind: EndPods, Group: namespace, Label: label, Detail: detail, Href: "/namespaces/weu-1/" + namespace}
}

func foreign(id, namespace, tenant, label string, detail ...string) PictureEnd {
	return PictureEnd{ID: id, Kind: EndPods, Group: namespace, GroupNote: "tenant " + tenant, Other: true, Label: label, Detail: detail}
}

func platformEnd(namespace string) PictureEnd {
	return PictureEnd{ID: namespace, Kind: EndPlatform, Group: namespace, Label: "every pod"}
}

// platformFlows are what every namespace has, for one class of its pods.
func platformFlows(id string) []PictureFlow {
	return []PictureFlow{
		{From: "ingress-nginx", To: id, Ports: "every port", Platform: true, Because: "platform flow ingress"},
		{From: "monitoring", To: id, Ports: "TCP 9090", Platform: true, Because: "platform flow monitoring"},
		{From: id, To: "kube-system", Ports: "TCP 53, UDP 53", Platform: true, Because: "DNS"},
	}
}

var platformEnds = []PictureEnd{platformEnd("ingress-nginx"), platformEnd("monitoring"), platformEnd("kube-system")}

// pictureCases are pictures as the pages have them.
var pictureCases = map[string]func() Picture{
	"opens-internet": opensInternet,
	"two-tenants":    twoTenants,
	"many-workloads": manyWorkloads,
	"nothing":        nothing,
	"one-sided":      oneSided,
}

func opensInternet() Picture {
	p := Picture{Title: "What may talk to what", Note: "Before and after this request.", Ends: append([]PictureEnd{
		pods("api", "payments-api-prod", "app=api", "Deployment api"),
		pods("worker", "payments-api-prod", "app=worker", "Deployment worker"),
		pods("cron", "payments-api-prod", "app=cron", "CronJob nightly"),
		{ID: "net", Kind: EndInternet, Label: "the internet", Detail: []string{"every public address"}},
		{ID: "db", Kind: EndAddresses, Label: "10.20.0.0/16"},
	}, platformEnds...)}
	p.Flows = []PictureFlow{
		{From: "api", To: "net", Ports: "TCP 443", Change: FlowOpened, Because: "request 61", Href: "/requests/61", Until: pictureUntil},
		{From: "api", To: "db", Ports: "TCP 5432", Because: "request 42", Href: "/requests/42", Until: pictureUntil},
		{From: "worker", To: "db", Ports: "TCP 5432", Because: "request 42", Href: "/requests/42", Until: pictureUntil},
		{From: "api", To: "worker", Ports: "TCP 8080", Because: "request 43", Href: "/requests/43", Until: pictureUntil},
	}
	for _, id := range []string{"api", "worker", "cron"} {
		p.Flows = append(p.Flows, platformFlows(id)...)
	}
	return p
}

func twoTenants() Picture {
	p := Picture{Title: "What may talk to what", Ends: append([]PictureEnd{
		pods("web", "shop-web-prod", "app=web, tier=frontend", "Deployment web", "Deployment web-canary"),
		pods("cart", "shop-web-prod", "app=cart", "StatefulSet cart"),
		foreign("search", "search-index-prod", "search", "app=query", "Deployment query"),
		foreign("old", "search-legacy-prod", "search", "every pod", "Deployment solr"),
		{ID: "partner", Kind: EndAddresses, Label: "203.0.113.0/24"},
		{ID: "mail", Kind: EndName, Label: "smtp.mailservice.example.com"},
	}, platformEnds...)}
	p.Flows = []PictureFlow{
		{From: "web", To: "search", Ports: "TCP 9200, TCP 9300-9400", Change: FlowOpened, Because: "request 71", Href: "/requests/71", Until: pictureUntil},
		{From: "web", To: "search", Ports: "TCP 8080", Because: "request 50", Href: "/requests/50"},
		{From: "web", To: "old", Ports: "TCP 8983", Change: FlowClosed, Because: "request 33", Href: "/requests/33"},
		{From: "search", To: "cart", Ports: "TCP 6379", Because: "request 51", Href: "/requests/51"},
		{From: "partner", To: "web", Ports: "TCP 8443", Because: "request 52", Href: "/requests/52", Until: pictureUntil},
		{From: "cart", To: "mail", Ports: "TCP 587", Because: "request 53", Href: "/requests/53"},
	}
	for _, id := range []string{"web", "cart", "search", "old"} {
		p.Flows = append(p.Flows, platformFlows(id)...)
	}
	return p
}

// manyWorkloads has 60 workloads in 8 namespaces: most of one namespace have the
// same connections, and some namespaces have nothing of their own.
func manyWorkloads() Picture {
	p := Picture{Title: "What may talk to what, now", Ends: append([]PictureEnd{
		{ID: "net", Kind: EndInternet, Label: "the internet", Detail: []string{"every public address"}},
		{ID: "db", Kind: EndAddresses, Label: "10.20.0.0/16"},
		{ID: "vault", Kind: EndAddresses, Label: "10.99.4.7/32"},
		{ID: "hook", Kind: EndAddresses, Label: "198.51.100.0/24"},
	}, platformEnds...)}
	flow := func(from, to, ports string, request int) {
		p.Flows = append(p.Flows, PictureFlow{From: from, To: to, Ports: ports, Because: fmt.Sprintf("request %d", request), Href: fmt.Sprintf("/requests/%d", request), Until: pictureUntil})
	}
	for i := range 40 {
		id := fmt.Sprintf("w%d", i)
		p.Ends = append(p.Ends, pods(id, "payments-workers-prod", fmt.Sprintf("app=worker-%02d", i), fmt.Sprintf("Deployment worker-%02d", i)))
		if i < 36 {
			flow(id, "db", "TCP 5432", 60)
		}
		flow(id, "api", "TCP 8443", 61)
		p.Flows = append(p.Flows, platformFlows(id)...)
	}
	for i, name := range []string{"api", "gateway", "ledger", "cards", "fraud"} {
		namespace := "payments-" + name + "-prod"
		p.Ends = append(p.Ends, pods(name, namespace, "app="+name, "Deployment "+name), pods(name+"-jobs", namespace, "app="+name+"-jobs", "CronJob "+name))
		flow(name, "vault", "TCP 8200", 80)
		if i > 0 {
			flow("gateway", name, "TCP 8443", 70+i)
		}
		p.Flows = append(append(p.Flows, platformFlows(name)...), platformFlows(name+"-jobs")...)
	}
	flow("hook", "gateway", "TCP 443", 90)
	flow("net", "gateway", "TCP 443", 91)
	flow("fraud", "net", "TCP 443", 92)
	flow("ledger-jobs", "db", "TCP 5432", 93)
	for i := range 5 {
		for _, app := range []string{"web", "jobs"} {
			id := fmt.Sprintf("idle-%d-%s", i, app)
			p.Ends = append(p.Ends, pods(id, fmt.Sprintf("payments-dev-%d", i), "app="+app, "Deployment "+app))
			p.Flows = append(p.Flows, platformFlows(id)...)
		}
	}
	return p
}

func nothing() Picture {
	p := Picture{Title: "What may talk to what, now", Ends: append([]PictureEnd{pods("all", "payments-api-dev", "every pod")}, platformEnds...)}
	p.Flows = platformFlows("all")
	return p
}

func oneSided() Picture {
	p := Picture{Title: "What may talk to what", Ends: []PictureEnd{
		pods("api", "payments-api-prod", "app=api", "Deployment api"),
		pods("ledger", "payments-ledger-prod", "every pod"),
		pods("peers", "payments-ledger-prod", "app=raft", "StatefulSet raft"),
		{ID: "cluster", Kind: EndCluster, Label: "pods tier=batch of any namespace"},
	}}
	p.Flows = []PictureFlow{
		{From: "api", To: "ledger", Ports: "TCP 8443", Change: FlowOpened, OneSided: "payments-ledger-prod does not let it in", Because: "request 12", Href: "/requests/12"},
		{From: "peers", To: "peers", Ports: "TCP 7000-7010", Because: "request 9", Href: "/requests/9"},
		{From: "cluster", To: "ledger", Ports: "every port", Because: "request 8", Href: "/requests/8"},
	}
	return p
}
