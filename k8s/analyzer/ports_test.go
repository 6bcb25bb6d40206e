package analyzer

import "testing"

func TestPortsAreAddedAndTakenOut(t *testing.T) {
	tcp := func(first, last int32) portSet { return portSet{{"TCP", first, last}} }
	udp := portSet{{"UDP", 53, 53}}
	for name, c := range map[string]struct {
		got  portSet
		want string
	}{
		"joined where they touch":     {tcp(80, 89).union(tcp(90, 99)), "TCP 80-99"},
		"joined where they overlap":   {tcp(80, 95).union(tcp(90, 99)).union(tcp(85, 86)), "TCP 80-99"},
		"apart":                       {tcp(80, 80).union(tcp(82, 82)), "TCP 80, TCP 82"},
		"by protocol":                 {udp.union(tcp(80, 80)), "TCP 80, UDP 53"},
		"the middle taken out":        {tcp(80, 90).minus(tcp(85, 85)), "TCP 80-84, TCP 86-90"},
		"the start taken out":         {tcp(80, 90).minus(tcp(1, 80)), "TCP 81-90"},
		"all taken out":               {tcp(80, 90).minus(tcp(1, 65535)), ""},
		"another protocol taken out":  {udp.minus(tcp(1, 65535)), "UDP 53"},
		"what both have":              {tcp(80, 90).within(tcp(85, 99).union(udp)), "TCP 85-90"},
		"nothing that both have":      {tcp(80, 90).within(udp), ""},
		"every port":                  {everyPort, "every port"},
		"every port of one protocol":  {tcp(1, 65535), "TCP 1-65535"},
		"every port, from its halves": {tcp(1, 100).union(tcp(101, 65535)).union(everyPort[1:]), "every port"},
	} {
		if got := c.got.String(); got != c.want {
			t.Errorf("%s: it is %q, want %q", name, got, c.want)
		}
	}
}
