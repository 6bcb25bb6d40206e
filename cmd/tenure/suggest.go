package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"tenure.dev/k8s/analyzer"
	"tenure.dev/k8s/flowlog"
	"tenure.dev/k8s/manifest"
	"tenure.dev/k8s/network"
	"tenure.dev/workflow"
)

// suggestQuestion is what `tenure network suggest` was asked.
type suggestQuestion struct {
	log, pods       string
	files           []string
	tenant, cluster string
	fqdn            bool
	portal, format  string
	days            int
}

func suggestCommand() *cli.Command {
	q := &suggestQuestion{}
	return &cli.Command{
		Name: "suggest", Usage: "network exceptions that would let through what a flow log shows",
		Description: "Reads Hubble's JSON, Calico's flow logs and Azure's flow logs. The present manifests are those of the GitOps repository: clusters/<cluster>.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "log", Usage: "the flow log, - for standard input", Required: true, Destination: &q.log},
			&cli.StringFlag{Name: "pods", Usage: "what kubectl get pods --all-namespaces -o json printed, for logs of addresses only", Destination: &q.pods},
			filesFlag("file", "f", "the present manifests", &q.files),
			&cli.StringFlag{Name: "tenant", Usage: "the tenant to propose for, by its slug", Required: true, Destination: &q.tenant},
			&cli.StringFlag{Name: "cluster", Usage: "the cluster, by its name in policy.yaml", Required: true, Destination: &q.cluster},
			&cli.BoolFlag{Name: "fqdn", Usage: "propose DNS names where the log gives them; for clusters whose network engine is Cilium", Destination: &q.fqdn},
			&cli.IntFlag{Name: "days", Usage: "how long the exceptions are to last", Value: 30, Destination: &q.days},
			&cli.StringFlag{Name: "portal", Usage: "the portal's URL, to print a link that asks for each", Destination: &q.portal},
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "text, json or markdown", Value: "text", Destination: &q.format},
		},
		Action: func(_ context.Context, c *cli.Command) error {
			return q.answer(c.Root().Reader, c.Root().Writer, time.Now())
		},
	}
}

func (q *suggestQuestion) answer(in io.Reader, out io.Writer, now time.Time) error {
	if !slices.Contains([]string{"text", "json", "markdown"}, q.format) {
		return fmt.Errorf("--output %q: allowed are text, json and markdown", q.format)
	}
	present, err := q.present()
	if err != nil {
		return err
	}
	var pods flowlog.Pods
	if q.pods != "" {
		if pods, err = readPods(q.pods); err != nil {
			return err
		}
	}
	if q.log != "-" {
		file, err := os.Open(q.log)
		if err != nil {
			return fmt.Errorf("open the flow log: %w", err)
		}
		defer func() { _ = file.Close() }()
		in = file
	}
	log, err := flowlog.Read(in, pods)
	if err != nil {
		return fmt.Errorf("read the flow log: %w", err)
	}
	suggestions, err := analyzer.Suggest(log, present, now.AddDate(0, 0, q.days))
	if err != nil {
		return err
	}
	return q.print(out, suggestions)
}

// present reads the present manifests. Whose a namespace is stands in its label.
func (q *suggestQuestion) present() (analyzer.Present, error) {
	objects, err := readObjects(q.files)
	if err != nil {
		return analyzer.Present{}, err
	}
	cluster, err := network.New(objects)
	if err != nil {
		return analyzer.Present{}, err
	}
	owners := map[string]string{}
	for _, namespace := range objects.Namespaces {
		owners[namespace.Name] = namespace.Labels[manifest.LabelTenant]
	}
	if !slices.Contains(slices.Collect(maps.Values(owners)), q.tenant) {
		return analyzer.Present{}, fmt.Errorf("--tenant %q: no Namespace in %s has the label %s=%s", q.tenant, strings.Join(q.files, ", "), manifest.LabelTenant, q.tenant)
	}
	return analyzer.Present{
		Cluster: q.cluster, Tenant: q.tenant, Policies: cluster, FQDN: q.fqdn,
		Owner: func(namespace string) string { return owners[namespace] },
	}, nil
}

func readPods(path string) (flowlog.Pods, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the list of pods: %w", err)
	}
	defer func() { _ = file.Close() }()
	return flowlog.ReadPods(file)
}

// suggestion is one proposal as it is printed. Its JSON is an interface for
// pipelines: fields are added, never renamed.
type suggestion struct {
	Asks    workflow.NetworkChange `json:"asks"`
	Flows   int64                  `json:"flows"`
	Dropped int64                  `json:"dropped"`
	First   time.Time              `json:"first"`
	Last    time.Time              `json:"last"`
	Notes   []string               `json:"notes"`
	Link    string                 `json:"link,omitempty"`
}

func (q *suggestQuestion) print(out io.Writer, s workflow.Suggestions) error {
	list := make([]suggestion, len(s.Proposals))
	for i, p := range s.Proposals {
		list[i] = suggestion{Asks: p.Change, Flows: p.Flows, Dropped: p.Dropped, First: p.First, Last: p.Last, Notes: append([]string{}, p.Notes...)}
		if q.portal != "" {
			list[i].Link = strings.TrimSuffix(q.portal, "/") + p.Change.Link(q.tenant)
		}
	}
	if q.format == "json" {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(list)
	}
	lines := []string{fmt.Sprintf("%s: %d flows. %d are let through now, %d stay inside a namespace, %d are with the platform, %d are others'.",
		s.Format, s.Records, s.Allowed, s.Inside, s.Platform, s.Elsewhere)}
	if len(list) == 0 {
		lines = append(lines, "Nothing needs to be asked for.")
	}
	for _, p := range list {
		lines = append(lines, p.lines(q.format)...)
	}
	_, err := fmt.Fprintln(out, strings.Join(lines, "\n"))
	return err
}

// lines writes a proposal for people.
func (s suggestion) lines(format string) []string {
	begin, more := "\n", "  "
	if format == "markdown" {
		begin, more = "\n- ", "  - "
	}
	pods := "every pod"
	if s.Asks.Pods != "" {
		pods = s.Asks.Pods
	}
	lines := []string{
		fmt.Sprintf("%s%s of %s (%s): %s, %s", begin, s.Asks.Direction, s.Asks.Namespace, pods, otherSide(s.Asks), s.Asks.Ports),
		fmt.Sprintf("%s%d flows the present policies do not let through (%d were dropped), from %s to %s UTC", more,
			s.Flows, s.Dropped, s.First.Format("2006-01-02 15:04"), s.Last.Format("2006-01-02 15:04")),
	}
	for _, note := range append(slices.Clone(s.Notes), s.Link) {
		if note != "" {
			lines = append(lines, more+note)
		}
	}
	return lines
}

func otherSide(c workflow.NetworkChange) string {
	switch c.Peer {
	case workflow.PeerNamespace:
		if c.PeerPods == "" {
			return "namespace " + c.PeerNamespace
		}
		return fmt.Sprintf("namespace %s (%s)", c.PeerNamespace, c.PeerPods)
	case workflow.PeerInternet:
		return "the internet"
	case workflow.PeerFQDN:
		return c.FQDN
	}
	return c.CIDR
}
