package network

import (
	"net/netip"
	"slices"

	"go4.org/netipx"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// ports gathers what a rule lists, and puts it in order once.
func (c *compiler) ports(list []networkingv1.NetworkPolicyPort, path *field.Path) Ports {
	var ports Ports
	for i := range list {
		at, one := c.port(&list[i], path.Index(i))
		if at >= 0 {
			ports.of[at].numbers = append(ports.of[at].numbers, one.numbers...)
			ports.of[at].names = append(ports.of[at].names, one.names...)
		}
	}
	for i := range ports.of {
		ports.of[i] = ports.of[i].canonical()
	}
	return ports
}

// port gives one port's protocol, -1 for an unknown one, and what it adds there.
func (c *compiler) port(source *networkingv1.NetworkPolicyPort, path *field.Path) (at int, ports portSet) {
	protocol := corev1.ProtocolTCP
	if source.Protocol != nil {
		protocol = *source.Protocol
	}
	at = slices.Index(protocols[:], protocol)
	if at < 0 {
		c.errs = append(c.errs, field.NotSupported(path.Child("protocol"), protocol, protocols[:]))
		return at, ports
	}
	switch {
	case source.Port == nil:
		if source.EndPort != nil {
			c.errs = append(c.errs, field.Required(path.Child("port"), "must be specified when endPort is"))
		}
		ports.numbers = allNumbers
	case source.Port.Type == intstr.Int:
		ports.numbers = c.numbers(source, path)
	default:
		if source.EndPort != nil {
			c.errs = append(c.errs, field.Invalid(path.Child("endPort"), *source.EndPort, "may not be specified when port is a name"))
		}
		for _, wrong := range validation.IsValidPortName(source.Port.StrVal) {
			c.errs = append(c.errs, field.Invalid(path.Child("port"), source.Port.StrVal, wrong))
		}
		ports.names = []namedPort{{source.Port.StrVal, allNumbers}}
	}
	return at, ports
}

func (c *compiler) numbers(source *networkingv1.NetworkPolicyPort, path *field.Path) intervals {
	from := source.Port.IntVal
	to := from
	if source.EndPort != nil {
		to = *source.EndPort
	}
	switch {
	case from < 1 || from > maxPort:
		c.errs = append(c.errs, field.Invalid(path.Child("port"), from, "must be between 1 and 65535"))
	case to < from || to > maxPort:
		c.errs = append(c.errs, field.Invalid(path.Child("endPort"), to, "must be between port and 65535"))
	default:
		return intervals{{uint16(from), uint16(to)}}
	}
	return nil
}

func (c *compiler) block(source *networkingv1.IPBlock, path *field.Path) *netipx.IPSet {
	whole, ok := c.cidr(source.CIDR, path.Child("cidr"))
	if !ok {
		return everyAddress // of no effect: the policy is refused
	}
	except := make([]netip.Prefix, 0, len(source.Except))
	for i, text := range source.Except {
		at := path.Child("except").Index(i)
		hole, ok := c.cidr(text, at)
		if ok && (hole.Bits() <= whole.Bits() || !whole.Contains(hole.Addr())) {
			c.errs = append(c.errs, field.Invalid(at, text, "must be a strict subset of cidr"))
		}
		except = append(except, hole)
	}
	if len(c.errs) > 0 {
		return everyAddress
	}
	return addressSet(func(set *netipx.IPSetBuilder) {
		set.AddPrefix(whole)
		for _, hole := range except {
			set.RemovePrefix(hole)
		}
	})
}

// cidr refuses, beside nonsense, forms that engines read differently: octets with
// leading zeros and IPv4 addresses written as IPv6 ones. Host bits count for nothing.
func (c *compiler) cidr(text string, path *field.Path) (netip.Prefix, bool) {
	prefix, err := netip.ParsePrefix(text)
	switch {
	case err != nil:
		c.errs = append(c.errs, field.Invalid(path, text, "must be a valid CIDR, as 10.9.8.0/24 or 2001:db8::/64"))
		return prefix, false
	case prefix.Addr().Is4In6():
		c.errs = append(c.errs, field.Invalid(path, text, "must not be an IPv4 address written as an IPv6 one"))
		return prefix, false
	}
	return prefix.Masked(), true
}

// protocol is the declared one, TCP if none is.
func (p ContainerPort) protocol() corev1.Protocol {
	if p.Protocol == "" {
		return corev1.ProtocolTCP
	}
	return p.Protocol
}
