package flowlog

import (
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
)

// Pods tells whose an address is, for logs that carry addresses only. The nil
// map knows none.
type Pods map[netip.Addr]Party

// ReadPods reads what `kubectl get pods --all-namespaces -o json` prints. Pods
// on their host's network are left out: their address is the host's.
func ReadPods(r io.Reader) (Pods, error) {
	var list struct {
		Kind  string `json:"kind"`
		Items []struct {
			Metadata struct {
				Name      string            `json:"name"`
				Namespace string            `json:"namespace"`
				Labels    map[string]string `json:"labels"`
			} `json:"metadata"`
			Spec struct {
				HostNetwork bool `json:"hostNetwork"`
			} `json:"spec"`
			Status struct {
				PodIP  string                `json:"podIP"`
				PodIPs []struct{ IP string } `json:"podIPs"`
			} `json:"status"`
		} `json:"items"`
	}
	if err := json.NewDecoder(r).Decode(&list); err != nil {
		return nil, fmt.Errorf("the list of pods is not JSON: %w", err)
	}
	if list.Kind != "List" && list.Kind != "PodList" {
		return nil, fmt.Errorf("the list of pods is a %q; what `kubectl get pods --all-namespaces -o json` prints is needed", list.Kind)
	}
	pods := Pods{}
	for _, item := range list.Items {
		if item.Spec.HostNetwork {
			continue
		}
		addresses := []string{item.Status.PodIP}
		for _, more := range item.Status.PodIPs {
			addresses = append(addresses, more.IP)
		}
		for _, text := range addresses {
			if text == "" {
				continue // not started yet
			}
			address, err := netip.ParseAddr(text)
			if err != nil {
				return nil, fmt.Errorf("pod %s/%s: %q is not an address", item.Metadata.Namespace, item.Metadata.Name, text)
			}
			pods[address.Unmap()] = Party{Namespace: item.Metadata.Namespace, Labels: item.Metadata.Labels}
		}
	}
	return pods, nil
}

// resolve gives the pod at the party's address, where one is known.
func (p Pods) resolve(party Party) Party {
	if pod, known := p[party.Address.Unmap()]; known && !party.IsPod() {
		party.Namespace, party.Labels = pod.Namespace, pod.Labels
	}
	return party
}
