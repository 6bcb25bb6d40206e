package cluster

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
)

// kubernetesParts are etcd, the API server and the controller manager.
func (c *Cluster) kubernetesParts(tokens string) []Part {
	etcd := "http://" + address(c.ports.etcd)
	peer := "http://" + address(c.ports.etcdPeer)
	return []Part{
		{
			Name: Etcd, Path: "etcd",
			Args: []string{
				"--data-dir=" + c.path("etcd"), "--name=default",
				"--listen-client-urls=" + etcd, "--advertise-client-urls=" + etcd,
				"--listen-peer-urls=" + peer, "--initial-advertise-peer-urls=" + peer, "--initial-cluster=default=" + peer,
			},
			Ready: c.answers(etcd + "/health"),
		},
		{
			Name: APIServer, Path: c.bin.APIServer,
			Args: []string{
				"--etcd-servers=" + etcd, "--bind-address=127.0.0.1", fmt.Sprintf("--secure-port=%d", c.ports.apiServer),
				"--tls-cert-file=" + c.path("server.crt"), "--tls-private-key-file=" + c.path("server.key"), "--cert-dir=" + c.path("tmp"),
				"--service-account-issuer=https://kubernetes.default.svc",
				"--service-account-key-file=" + c.path("accounts.key"), "--service-account-signing-key-file=" + c.path("accounts.key"),
				"--token-auth-file=" + tokens, "--authorization-mode=RBAC", "--service-cluster-ip-range=10.0.0.0/24",
				// As on AKS: what is privileged is for admission to refuse.
				"--allow-privileged=true",
				// Without it, a stop waits a minute for watches that nobody ends.
				"--shutdown-watch-termination-grace-period=1s",
				"--audit-policy-file=" + c.path("audit.yaml"), "--audit-log-path=" + c.AuditLog(),
			},
			Ready: c.answers(c.Server() + "/readyz"),
		},
		{
			Name: ControllerManager, Path: c.bin.ControllerManager,
			Args: []string{
				"--kubeconfig=" + c.Kubeconfig("controller-manager"), "--leader-elect=false",
				"--use-service-account-credentials=true", "--service-account-private-key-file=" + c.path("accounts.key"),
				"--root-ca-file=" + c.CA(), "--bind-address=127.0.0.1", fmt.Sprintf("--secure-port=%d", c.ports.controllerManager),
				"--tls-cert-file=" + c.path("server.crt"), "--tls-private-key-file=" + c.path("server.key"),
			},
			Ready: func(ctx context.Context) error {
				if err := c.answers("https://" + address(c.ports.controllerManager) + "/healthz")(ctx); err != nil {
					return err
				}
				// Its first visible work.
				return c.answers(c.Server() + "/api/v1/namespaces/default/serviceaccounts/default")(ctx)
			},
		},
	}
}

// auditPolicy has the API server log who wrote what, without the objects.
const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - {level: None, verbs: [get, list, watch]}
  - {level: None, resources: [{group: coordination.k8s.io}, {group: events.k8s.io}, {group: "", resources: [events]}]}
  - {level: Metadata}
`

// answers is ready when the URL answers 200.
func (c *Cluster) answers(url string) func(context.Context) error {
	return func(ctx context.Context) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		if request.URL.Host == address(c.ports.apiServer) {
			request.Header.Set("Authorization", "Bearer "+c.adminToken)
		}
		response, err := c.client.Do(request)
		if err != nil {
			return err
		}
		defer func() { _ = response.Body.Close() }()
		if response.StatusCode == http.StatusOK {
			return nil
		}
		body, err := io.ReadAll(io.LimitReader(response.Body, 1<<10))
		if err != nil {
			return err
		}
		return fmt.Errorf("%s answers %s: %s", url, response.Status, body)
	}
}

// pongs is ready when Redis answers a PING.
func pongs(address string) func(context.Context) error {
	return func(ctx context.Context) error {
		connection, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		if err != nil {
			return err
		}
		defer func() { _ = connection.Close() }()
		if _, err := io.WriteString(connection, "PING\r\n"); err != nil {
			return err
		}
		answer, err := bufio.NewReader(connection).ReadString('\n')
		if err != nil {
			return err
		}
		if answer != "+PONG\r\n" {
			return fmt.Errorf("redis answers %q", answer)
		}
		return nil
	}
}
