package workflow_test

import (
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"tenure.dev/workflow"
)

// says wants a message to hold a text, and no message where the text is empty.
func says(t *testing.T, what, message, want string) {
	t.Helper()
	if (want == "") != (message == "") || !strings.Contains(message, want) {
		t.Errorf("%s: it says %q, want %q", what, message, want)
	}
}

func TestLabelsAreReadAsKubectlTakesThem(t *testing.T) {
	for text, test := range map[string]struct {
		want map[string]string
		says string
	}{
		"":                         {},
		" , ;\t":                   {},
		"app=api":                  {want: map[string]string{"app": "api"}},
		"app=api, tier=web":        {want: map[string]string{"app": "api", "tier": "web"}},
		"app=api tier=web":         {want: map[string]string{"app": "api", "tier": "web"}},
		"app=api,app=api":          {want: map[string]string{"app": "api"}},
		"empty=":                   {want: map[string]string{"empty": ""}},
		"app.kubernetes.io/name=x": {want: map[string]string{"app.kubernetes.io/name": "x"}},
		"A_b.c-D=1.0_x-Y":          {want: map[string]string{"A_b.c-D": "1.0_x-Y"}},

		"api":                                {says: `"api" is not a label; write it as key=value`},
		"app!=api":                           {says: "Only equality"},
		"app==api":                           {says: "Only equality"},
		"app in (a,b)":                       {says: `"app" is not a label`},
		"=api":                               {says: `"" is not the key of a label`},
		"-app=api":                           {says: `"-app" is not the key`},
		"app=-api":                           {says: `"-api" is not the value`},
		"app=a/b":                            {says: `"a/b" is not the value`},
		"App.IO/x=y":                         {says: "what stands before the slash is a DNS name"},
		"a/b/c=y":                            {says: `"a/b/c" is not the key`},
		"/x=y":                               {says: "before the slash"},
		"äpp=x":                              {says: `"äpp" is not the key`},
		"app=api\u200b":                      {says: `"api\u200b" is not the value`},
		"app=a, app=b":                       {says: `The label "app" is asked to be both "a" and "b"`},
		"app=" + strings.Repeat("x", 64):     {says: "at most 63"},
		strings.Repeat("x", 64) + "=y":       {says: "at most 63"},
		strings.Repeat("a.", 130) + "io/x=y": {says: "before the slash"},
		"a=" + strings.Repeat(" ", 2000):     {says: "at most 2000"},
		"l1=,l2=,l3=,l4=,l5=,l6=,l7=,l8=,l9=,l10=,l11=,l12=,l13=,l14=,l15=,l16=,l17=,l18=,l19=,l20=,l21=": {says: "21 labels; at most 20"},
	} {
		labels, message := workflow.ParseLabels(text)
		says(t, text, message, test.says)
		if !maps.Equal(labels, test.want) {
			t.Errorf("%q: read %v, want %v", text, labels, test.want)
		}
	}
}

func TestPortsAreReadAndComeSortedWithoutOverlap(t *testing.T) {
	for text, test := range map[string]struct{ want, says string }{
		"TCP 5432":                          {want: "TCP 5432"},
		"5432":                              {want: "TCP 5432"},
		"tcp 5432, udp 53":                  {want: "TCP 5432, UDP 53"},
		"UDP 53, TCP 8000-8100, TCP 5432":   {want: "TCP 5432, TCP 8000-8100, UDP 53"},
		"5432/TCP":                          {want: "TCP 5432"},
		"sctp/3868":                         {want: "SCTP 3868"},
		"TCP 8000 - 8100":                   {want: "TCP 8000-8100"},
		"TCP 8000–8100":                     {want: "TCP 8000-8100"},
		"80-80":                             {want: "TCP 80"},
		"TCP 80, TCP 80":                    {want: "TCP 80"},
		"TCP 80-90, TCP 85-100, TCP 82":     {want: "TCP 80-100"},
		"TCP 80-90, UDP 85-100":             {want: "TCP 80-90, UDP 85-100"},
		"TCP 80, TCP 81":                    {want: "TCP 80, TCP 81"},
		"TCP 1-65535":                       {want: "TCP 1-65535"},
		"TCP 443;\nUDP 53,":                 {want: "TCP 443, UDP 53"},
		"":                                  {says: "At least one port is needed"},
		" , ":                               {says: "At least one port is needed"},
		"https":                             {says: `"https" is a named port, which cannot be asked for: it would follow whatever the pods of the other side call so.`},
		"TCP http-alt":                      {says: `"http-alt" is a named port`},
		"TCP 8080-https":                    {says: "is a named port"},
		"TCP":                               {says: `"TCP" names no port`},
		"ICMP 8":                            {says: `"ICMP" is not a protocol; write TCP, UDP or SCTP`},
		"TCP UDP":                           {says: "names no port"},
		"TCP 80 443":                        {says: "and commas between ports"},
		"80 443":                            {says: `"80" is not a protocol`},
		"0":                                 {says: `"0" is not a port from 1 to 65535`},
		"65536":                             {says: "is not a port from 1 to 65535"},
		"-1":                                {says: "is not a port"},
		"80-":                               {says: "is not a port"},
		"80-90-100":                         {says: "is not a port"},
		"90-80":                             {says: `"90-80" ends before it begins; write the range as 80-90`},
		"٨٠":                                {says: "is not a port"},
		"80\u200b":                          {says: "is not a port"},
		strings.Repeat("80,", 700):          {says: "at most 2000"},
		"TCP " + strings.Repeat("x", 60000): {says: "at most 2000"},
	} {
		ports, message := workflow.ParsePorts(text)
		says(t, text, message, test.says)
		if got := workflow.PortsText(ports); test.want != "" && got != test.want {
			t.Errorf("%q: read %s, want %s", text, got, test.want)
		}
	}
	var many []string
	for i := range 51 {
		many = append(many, workflow.FlowPort{Protocol: "TCP", Port: int32(2*i + 1)}.String())
	}
	_, message := workflow.ParsePorts(strings.Join(many, ","))
	says(t, "51 ports", message, "51 ports and ranges; at most 50")
}

func TestARangeIsReadAndWhatIsNoneIsAnsweredWithWhatMayBeMeant(t *testing.T) {
	for text, test := range map[string]struct{ want, says string }{
		"10.20.0.0/16":           {want: "10.20.0.0/16"},
		" 10.20.0.0/16 ":         {want: "10.20.0.0/16"},
		"10.20.1.5":              {want: "10.20.1.5/32"},
		"fd00:20::/64":           {want: "fd00:20::/64"},
		"FD00:0020:0000::0/64":   {want: "fd00:20::/64"},
		"fd00::1":                {want: "fd00::1/128"},
		"0.0.0.0/0":              {want: "0.0.0.0/0"},
		"10.20.1.5/16":           {says: `"10.20.1.5/16" has bits set beyond its first 16. Write "10.20.0.0/16" for the whole range, or "10.20.1.5/32" for the one address.`},
		"fd00::1/64":             {says: `Write "fd00::/64" for the whole range, or "fd00::1/128"`},
		"::ffff:10.0.0.0/104":    {says: `is IPv4 written as IPv6. Write "10.0.0.0/8".`},
		"::ffff:169.254.169.254": {says: `Write "169.254.169.254/32".`},
		"::ffff:0:0/95":          {says: "bits set beyond"},
		"":                       {says: `"" is not a range of addresses`},
		"10.20.0.0/33":           {says: "is not a range"},
		"10.20.0.0/-1":           {says: "is not a range"},
		"10.20.0.0/016":          {says: "is not a range"},
		"010.020.0.0/16":         {says: "is not a range"},
		"10.20/16":               {says: "is not a range"},
		"10.20.0.0 - 10.20.0.9":  {says: "is not a range"},
		"fe80::1%eth0":           {says: "is not a range"},
		"fe80::%eth0/64":         {says: "is not a range"},
		"api.example.com":        {says: "is not a range"},
		"10.20.0.0/16\u200b":     {says: "is not a range"},
	} {
		r, message := workflow.ParseRange(text)
		says(t, text, message, test.says)
		if test.want != "" && r.String() != test.want {
			t.Errorf("%q: read %s, want %s", text, r, test.want)
		}
	}
}

func TestExceptedRangesLieInsideAndComeSortedWithoutOverlap(t *testing.T) {
	whole := netip.MustParsePrefix("10.20.0.0/16")
	for text, test := range map[string]struct{ want, says string }{
		"":                                {},
		"10.20.3.0/24, 10.20.1.0/24":      {want: "10.20.1.0/24 10.20.3.0/24"},
		"10.20.1.0/24 10.20.1.128/25\n":   {want: "10.20.1.0/24"},
		"10.20.1.7":                       {want: "10.20.1.7/32"},
		"10.20.0.0/16":                    {says: `"10.20.0.0/16" does not lie inside 10.20.0.0/16`},
		"10.0.0.0/8":                      {says: "does not lie inside"},
		"10.21.0.0/24":                    {says: "does not lie inside"},
		"fd00::/64":                       {says: "does not lie inside"},
		"10.20.1.7/24":                    {says: `Write "10.20.1.0/24"`},
		"the nodes":                       {says: `"the" is not a range`},
		"10.20.0.0/17, 10.20.128.0/17":    {says: "These leave nothing of 10.20.0.0/16."},
		strings.Repeat("10.20.1.7 ", 201): {says: "at most 2000"},
	} {
		except, message := workflow.ParseExcept(text, whole)
		says(t, text, message, test.says)
		if got := strings.Join(except, " "); got != test.want {
			t.Errorf("%q: read %q, want %q", text, got, test.want)
		}
	}
	var many []string
	for i := range 51 {
		many = append(many, netip.AddrFrom4([4]byte{10, 20, byte(i), 0}).String())
	}
	_, message := workflow.ParseExcept(strings.Join(many, ","), whole)
	says(t, "51 ranges", message, "51 ranges; at most 50")
}

func TestANameIsAFullDNSNameOfSomethingOutside(t *testing.T) {
	for text, test := range map[string]struct{ want, says string }{
		"api.example.com":                {want: "api.example.com"},
		" API.Example.COM. ":             {want: "api.example.com"},
		"*.example.com":                  {want: "*.example.com"},
		"xn--bcher-kva.example":          {want: "xn--bcher-kva.example"},
		"":                               {says: "is not a full DNS name"},
		"api":                            {says: "is not a full DNS name"},
		"*.com":                          {says: `"*.com" is too wide`},
		"*":                              {says: "elsewhere than at its start"},
		"*.*.example.com":                {says: "elsewhere than at its start"},
		"api.*.com":                      {says: "elsewhere than at its start"},
		"*api.example.com":               {says: "elsewhere than at its start"},
		"a..example.com":                 {says: "is not a full DNS name"},
		"-a.example.com":                 {says: "is not a full DNS name"},
		"a_b.example.com":                {says: "is not a full DNS name"},
		"*.a_b.example":                  {says: "is not a full DNS name"},
		"bücher.example":                 {says: "is not a full DNS name"},
		"https://api.example.com":        {says: "is not a full DNS name"},
		"api.example.com:443":            {says: "is not a full DNS name"},
		"api.example.com\u200b":          {says: "is not a full DNS name"},
		"169.254.169.254":                {says: "is an address, not a name"},
		"*.169.254.169.254":              {says: "is an address, not a name"},
		"fd00::1":                        {says: "is an address, not a name"},
		"kubernetes.default.svc":         {says: "is a name of the cluster"},
		"x.svc.cluster.local":            {says: "is a name of the cluster"},
		"*.cluster.local":                {says: "is a name of the cluster"},
		"localhost":                      {says: "is a name of the cluster or of the host"},
		strings.Repeat("a.", 127) + "io": {says: "256 characters; at most 253"},
		strings.Repeat("a", 64) + ".io":  {says: "is not a full DNS name"},
	} {
		name, message := workflow.ParseFQDN(text)
		says(t, text, message, test.says)
		if name != test.want {
			t.Errorf("%q: read %q, want %q", text, name, test.want)
		}
	}
}

func TestAnEndIsADateOrAnInstant(t *testing.T) {
	for text, test := range map[string]struct {
		want time.Time
		says string
	}{
		"2027-02-01":                {want: time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC)},
		" 2027-02-01 ":              {want: time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC)},
		"2027-02-01T18:30:00Z":      {want: time.Date(2027, 2, 1, 18, 30, 0, 0, time.UTC)},
		"2027-02-01T18:30:00+02:00": {want: time.Date(2027, 2, 1, 16, 30, 0, 0, time.UTC)},
		"2027-02-01T18:30:00.9Z":    {want: time.Date(2027, 2, 1, 18, 30, 0, 0, time.UTC)},
		"":                          {says: "Say when it ends"},
		"2027-02-30":                {says: `"2027-02-30" is neither a date`},
		"01.02.2027":                {says: "is neither a date"},
		"2027-02-01 18:30":          {says: "is neither a date"},
		"9999-12-31T23:59:59-23:59": {says: "is neither a date"},
		"tomorrow":                  {says: "is neither a date"},
	} {
		until, message := workflow.ParseUntil(text)
		says(t, text, message, test.says)
		if !until.Equal(test.want) || until.Location() != time.UTC {
			t.Errorf("%q: read %s, want %s", text, until, test.want)
		}
	}
}

func FuzzParseLabels(f *testing.F) {
	for _, text := range []string{"", "app=api, tier=web", "app.kubernetes.io/name=x", "a==b", "a!=b", "äpp=x", "a=b,a=c"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		labels, message := workflow.ParseLabels(text)
		if (message != "") && labels != nil {
			t.Fatalf("%q: refused, yet %v is read", text, labels)
		}
		if message != "" || len(labels) == 0 {
			return
		}
		again, message := workflow.ParseLabels(workflow.LabelsText(labels))
		if message != "" || !maps.Equal(labels, again) {
			t.Fatalf("%q: read %v, and again %v (%s)", text, labels, again, message)
		}
	})
}

func FuzzParsePorts(f *testing.F) {
	for _, text := range []string{"", "TCP 5432, TCP 8000-8100, UDP 53", "5432/TCP", "80-", "https", "TCP 1-65535, TCP 7", "–"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		ports, message := workflow.ParsePorts(text)
		if (message == "") != (len(ports) > 0) {
			t.Fatalf("%q: read %v, says %q", text, ports, message)
		}
		if message != "" {
			return
		}
		for _, p := range ports {
			if p.Port < 1 || p.Port > 65535 || (p.EndPort != 0 && (p.EndPort <= p.Port || p.EndPort > 65535)) || !slices.Contains([]string{"TCP", "UDP", "SCTP"}, p.Protocol) {
				t.Fatalf("%q: read %+v", text, p)
			}
		}
		again, message := workflow.ParsePorts(workflow.PortsText(ports))
		if message != "" || !slices.Equal(ports, again) || !slices.Equal(ports, workflow.MergePorts(ports)) {
			t.Fatalf("%q: read %v, and again %v (%s)", text, ports, again, message)
		}
	})
}

func FuzzParseRange(f *testing.F) {
	for _, text := range []string{"", "10.20.1.5/16", "10.20.1.5", "fd00::/64", "::ffff:10.0.0.1", "fe80::1%eth0", "::/0"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, message := workflow.ParseRange(text)
		if (message == "") != r.IsValid() {
			t.Fatalf("%q: read %s, says %q", text, r, message)
		}
		if message == "" && (r != r.Masked() || r.Addr().Is4In6() || r.Addr().Zone() != "") {
			t.Fatalf("%q: read %s", text, r)
		}
	})
}

func FuzzParseExcept(f *testing.F) {
	f.Add("10.20.0.0/16", "10.20.1.0/24, 10.20.1.0/25")
	f.Add("fd00::/8", "fd00::/16 fd01::1")
	f.Add("0.0.0.0/0", "0.0.0.0/1,128.0.0.0/1")
	f.Fuzz(func(t *testing.T, cidr, text string) {
		whole, message := workflow.ParseRange(cidr)
		if message != "" {
			return
		}
		except, message := workflow.ParseExcept(text, whole)
		if message != "" {
			return
		}
		var last netip.Prefix
		for _, item := range except {
			r := netip.MustParsePrefix(item)
			if r.Bits() <= whole.Bits() || !whole.Overlaps(r) || (last.IsValid() && (last.Overlaps(r) || !last.Addr().Less(r.Addr()))) {
				t.Fatalf("%q of %s: read %v", text, whole, except)
			}
			last = r
		}
	})
}

func FuzzParseFQDN(f *testing.F) {
	for _, text := range []string{"", "api.example.com.", "*.example.com", "*", "169.254.169.254", "x.svc.cluster.local", "a..b"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		name, message := workflow.ParseFQDN(text)
		if (message == "") != (name != "") {
			t.Fatalf("%q: read %q, says %q", text, name, message)
		}
		if again, message := workflow.ParseFQDN(name); name != "" && (again != name || message != "") {
			t.Fatalf("%q: read %q, and again %q (%s)", text, name, again, message)
		}
		if _, err := netip.ParseAddr(name); err == nil || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789.-*") != "" {
			t.Fatalf("%q: read %q", text, name)
		}
	})
}

func FuzzParseUntil(f *testing.F) {
	for _, text := range []string{"", "2027-02-01", "2027-02-01T18:00:00+02:00", "9999-12-31T23:59:59-23:59"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		until, message := workflow.ParseUntil(text)
		if message != "" {
			return
		}
		if until.Location() != time.UTC || until.Nanosecond() != 0 {
			t.Fatalf("%q: read %s", text, until)
		}
		if again, message := workflow.ParseUntil(until.Format(time.RFC3339)); message != "" || !again.Equal(until) {
			t.Fatalf("%q: read %s, and again %s (%s)", text, until, again, message)
		}
	})
}
