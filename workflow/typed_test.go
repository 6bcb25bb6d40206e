package workflow_test

import (
	"strings"
	"testing"

	"tenure.dev/workflow"
)

func TestAnAmountOfCPUIsReadAndSlipsAreAnsweredWithWhatWasMeant(t *testing.T) {
	for text, test := range map[string]struct{ want, says string }{
		"500m":     {want: "500m"},
		" 2 ":      {want: "2"},
		"1.5":      {want: "1500m"},
		"1000m":    {want: "1"},
		"0.25":     {want: "250m"},
		"007":      {want: "7"},
		"2k":       {want: "2k"},
		"2000":     {want: "2k"},
		"100000":   {want: "100k"},
		"1000000u": {want: "1"},

		"":                      {says: "Say how much CPU, such as 500m or 2."},
		"2 cores":               {says: `"2 cores" is not how Kubernetes writes it; did you mean "2"?`},
		"4 CPU":                 {says: `did you mean "4"?`},
		"4vCPUs":                {says: `did you mean "4"?`},
		"500 millicores":        {says: `did you mean "500m"?`},
		"500mCPU":               {says: `did you mean "500m"?`},
		"500 m":                 {says: `did you mean "500m"?`},
		"1,5":                   {says: `did you mean "1.5"?`},
		"1,000":                 {says: `did you mean "1000" or "1"?`},
		"0.5m":                  {says: `"0.5m" is finer than 1m, a thousandth of a core, which is the least that Kubernetes counts; did you mean "0.5" or "1m"?`},
		"0.0004":                {says: `which is the least that Kubernetes counts; did you mean "1m"?`},
		"1.0004":                {says: `did you mean "1001m"?`},
		"1n":                    {says: `did you mean "1m"?`},
		"4M":                    {says: `"4M" has a suffix that is not for CPU; did you mean "4m"?`},
		"4Gi":                   {says: `"4Gi" is not an amount of CPU; write it as Kubernetes does, such as 500m or 2.`},
		"-1":                    {says: `"-1" is negative; there is no less than nothing of CPU.`},
		"-500m":                 {says: "is negative"},
		"+1":                    {says: `"+1" is not how Kubernetes writes it; did you mean "1"?`},
		".5":                    {says: `did you mean "0.5"?`},
		"2.":                    {says: `did you mean "2"?`},
		"0":                     {says: `"0" is no CPU at all, and nothing runs on that; the least is 1m.`},
		"0m":                    {says: "is no CPU at all"},
		"1e3":                   {says: `did you mean "1000"?`},
		"1e30":                  {says: `"1e30" is not an amount of CPU`},
		"5e-1":                  {says: `did you mean "0.5"?`},
		"100001":                {says: `"100001" is more CPU than any cluster has; the most that can be asked for is 100k.`},
		"NaN":                   {says: `"NaN" is not an amount of CPU`},
		"Inf":                   {says: "is not an amount of CPU"},
		"two":                   {says: "is not an amount of CPU"},
		"50%":                   {says: "is not an amount of CPU"},
		"1.2.3":                 {says: "is not an amount of CPU"},
		"٢":                     {says: `"٢" is not an amount of CPU`},
		"2\u200b":               {says: `"2\u200b" is not an amount of CPU`},
		"1_000":                 {says: "is not an amount of CPU"},
		"0x10":                  {says: "is not an amount of CPU"},
		strings.Repeat("9", 31): {says: "is not an amount of CPU"},
		strings.Repeat("9", 30): {says: "is more CPU than any cluster has"},
	} {
		got, message := workflow.TypedQuantity(text, workflow.UnitCPU)
		says(t, text, message, test.says)
		if test.want != "" && got.String() != test.want {
			t.Errorf("%q: read %s, want %s", text, got.String(), test.want)
		}
	}
}

func TestAnAmountOfBytesIsReadAndSlipsAreAnsweredWithWhatWasMeant(t *testing.T) {
	for text, test := range map[string]struct{ want, says string }{
		"1Gi":         {want: "1Gi"},
		"512Mi":       {want: "512Mi"},
		"1024Mi":      {want: "1Gi"},
		"100G":        {want: "100G"},
		"1.5T":        {want: "1500G"},
		"1.5Gi":       {want: "1536Mi"},
		"1Ei":         {want: "1Ei"},
		"1E":          {want: "1E"},
		"1048576":     {want: "1048576"},
		"2000000000m": {says: "thousandths of a byte"},

		"":                        {says: "Say how much memory, such as 512Mi or 4Gi."},
		"1.5 TB":                  {says: `"1.5 TB" is not how Kubernetes writes it; did you mean "1.5T" (decimal) or "1536Gi"?`},
		"8GB":                     {says: `did you mean "8G" (decimal) or "8Gi"?`},
		"8 gb":                    {says: `did you mean "8G" (decimal) or "8Gi"?`},
		"8g":                      {says: `did you mean "8G" (decimal) or "8Gi"?`},
		"8 Gi":                    {says: `did you mean "8Gi"?`},
		"8Gib":                    {says: `did you mean "8Gi"?`},
		"8gi":                     {says: `did you mean "8Gi"?`},
		"8 gibibytes":             {says: `did you mean "8Gi"?`},
		"8 gigabytes":             {says: `did you mean "8G" (decimal) or "8Gi"?`},
		"8 gigs":                  {says: `did you mean "8G" (decimal) or "8Gi"?`},
		"2,5Gi":                   {says: `did you mean "2560Mi"?`},
		"2048K":                   {says: `did you mean "2048k" (decimal) or "2Mi"?`},
		"100m":                    {says: `"100m" means thousandths of a byte; did you mean "100M" (decimal) or "100Mi"?`},
		"8":                       {says: `"8" is only 8 bytes; the least memory that can be asked for is 1Mi; did you mean "8Mi" or "8Gi"?`},
		"1":                       {says: `"1" is only 1 byte;`},
		"1Ki":                     {says: "is only 1024 bytes"},
		"2097152 bytes":           {says: `did you mean "2097152"?`},
		"0.1Gi":                   {says: `"0.1Gi" is not a whole number of bytes; did you mean "103Mi"?`},
		"1.23456789G":             {want: "1234567890"},
		"1.2345678901G":           {says: `did you mean "1235M"?`},
		"0":                       {says: `"0" is no memory at all`},
		"-1Gi":                    {says: `"-1Gi" is negative; there is no less than nothing of memory.`},
		"2Ei":                     {says: `"2Ei" is more memory than any cluster has; the most that can be asked for is 1Ei.`},
		"999999999999999999999Ei": {says: "is more memory than any cluster has"},
		"1e9":                     {says: `did you mean "1000000000"?`},
		"4 cores":                 {says: `"4 cores" is not an amount of memory; write it as Kubernetes does, such as 512Mi or 4Gi.`},
		"Gi":                      {says: `"Gi" is not an amount of memory`},
		"8ZB":                     {says: "is not an amount of memory"},
		"8 Gi 2":                  {says: "is not an amount of memory"},
		"8Gi\u202e":               {says: `"8Gi\u202e" is not an amount of memory`},
	} {
		got, message := workflow.TypedQuantity(text, workflow.UnitMemory)
		says(t, text, message, test.says)
		if test.want != "" && got.String() != test.want {
			t.Errorf("%q: read %s, want %s", text, got.String(), test.want)
		}
	}
	got, message := workflow.TypedQuantity("0", workflow.UnitStorage)
	says(t, "no storage", message, "")
	if !got.IsZero() {
		t.Errorf("no storage is read as %s", got.String())
	}
}

func TestANumberOfObjectsIsAWholeOne(t *testing.T) {
	for text, test := range map[string]struct {
		want int64
		says string
	}{
		"0":                       {want: 0},
		"60":                      {want: 60},
		" 007 ":                   {want: 7},
		"1000000":                 {want: 1_000_000},
		"":                        {says: "Say how many, as a whole number from 0 to 1000000."},
		"1000001":                 {says: `"1000001" is too many; write a whole number from 0 to 1000000.`},
		"99999999999999999999":    {says: "is too many"},
		"1k":                      {says: `"1k" is not a whole number; did you mean "1000"?`},
		"1,000":                   {says: `did you mean "1000"?`},
		"1 000":                   {says: `did you mean "1000"?`},
		"10.5":                    {says: `"10.5" is not a whole number from 0 to 1000000.`},
		"-1":                      {says: `"-1" is negative; write a whole number`},
		"+1":                      {says: "is not a whole number"},
		"1e3":                     {says: "is not a whole number"},
		"٣":                       {says: `"٣" has digits other than 0 to 9; write a whole number from 0 to 1000000 with those.`},
		"３":                       {says: "has digits other than 0 to 9"},
		"ten":                     {says: `"ten" is not a whole number`},
		"1\u200b0":                {says: `"1\u200b0" is not a whole number`},
		strings.Repeat("x", 5000): {says: strings.Repeat("x", 60) + `…" is not a whole number`},
	} {
		got, message := workflow.ParseCount(text)
		says(t, text, message, test.says)
		if got != test.want {
			t.Errorf("%q: read %d, want %d", text, got, test.want)
		}
	}
}

func TestAnObjectIDIsALowerCaseUUIDAndNamesAreAnsweredWithWhereToFindIt(t *testing.T) {
	const id = "6f1c2a9e-0f0b-4a55-9d0e-3f6f2b8c1d20"
	for text, test := range map[string]struct{ want, says string }{
		id:                  {want: id},
		" " + id + "\n":     {want: id},
		strings.ToUpper(id): {want: id},

		"":                                     {says: "An object id is needed, such as"},
		"{" + id + "}":                         {says: `is not how an object id is written here; did you mean "` + id + `"?`},
		"urn:uuid:" + id:                       {says: `did you mean "` + id + `"?`},
		"URN:UUID:" + strings.ToUpper(id):      {says: `did you mean "` + id + `"?`},
		strings.ReplaceAll(id, "-", ""):        {says: `did you mean "` + id + `"?`},
		strings.ReplaceAll(id, "-", " "):       {says: `did you mean "` + id + `"?`},
		id + " " + id:                          {says: "is not a whole object id"},
		id[:35]:                                {says: "is not a whole object id: it has 32 hexadecimal digits"},
		"00000000-0000-0000-0000-000000000000": {says: "is the object id of nobody"},
		"dana@example.com":                     {says: `"dana@example.com" is a user name or an e-mail address, which can change hands; type the object id. The Entra admin center shows it as Object ID on the group's or the user's Overview page.`},
		"Payments owners":                      {says: `"Payments owners" is not an object id; names can change hands, so type the object id.`},
		"6f1c2a9e-0f0b-4a55-9d0e-3f6f2b8c1d2g": {says: "is not an object id"},
		"６" + id[1:]:                           {says: "is not an object id"},
		id + "\u200b":                          {says: `\u200b" is not an object id`},
	} {
		got, message := workflow.ParseObjectID(text)
		says(t, text, message, test.says)
		if got != test.want {
			t.Errorf("%q: read %q, want %q", text, got, test.want)
		}
	}
}

func TestAnImageIsNamedInFull(t *testing.T) {
	digest := "sha256:" + strings.Repeat("0123456789abcdef", 4)
	for text, test := range map[string]struct{ says string }{
		"docker.io/library/redis:7.2":             {},
		"docker.io/bitnami/redis:7.2":             {},
		"contoso.azurecr.io/team/app:v1.0.0_rc-1": {},
		"localhost:5000/app:1":                    {},
		"10.0.0.1:5000/app:1":                     {},
		"ghcr.io/a/b/c/d__e/f--g:1":               {},
		"docker.io/library/redis@" + digest:       {},
		"docker.io/library/redis:7.2@" + digest:   {},

		"":                                      {says: "Name one image in full, such as docker.io/library/redis:7.2."},
		"redis:7.2":                             {says: `"redis:7.2" does not say which registry it comes from; did you mean "docker.io/library/redis:7.2"?`},
		"bitnami/redis:7.2":                     {says: `did you mean "docker.io/bitnami/redis:7.2"?`},
		"localhost/app:1":                       {says: `"localhost/app:1" does not say which registry it comes from; write it in full`},
		"docker.io/redis:7.2":                   {says: `leaves out a part of its path that runtimes would fill in; did you mean "docker.io/library/redis:7.2"?`},
		"index.docker.io/library/redis:7.2":     {says: `names Docker Hub by an older name; did you mean "docker.io/library/redis:7.2"?`},
		"https://docker.io/library/redis:7":     {says: `is an address for a browser, not an image; did you mean "docker.io/library/redis:7"?`},
		"oci://ghcr.io/a/b:1":                   {says: `did you mean "ghcr.io/a/b:1"?`},
		"Docker.io/Library/Redis:7":             {says: `has upper-case letters in its name, where there can be none; did you mean "docker.io/library/redis:7"?`},
		"docker.io/library/redis":               {says: `has neither a tag nor a digest`},
		"docker.io/library/redis:":              {says: `has neither a tag nor a digest`},
		"docker.io/library/redis:7@":            {says: `ends with a separator; did you mean "docker.io/library/redis:7"?`},
		"docker.io/library/*":                   {says: "stands for several images"},
		"docker.io/library/redis:*":             {says: "stands for several images"},
		"docker.io/library/redis:7 ghcr.io/a:1": {says: "is more than one word"},
		"docker.io/library/redis:-7":            {says: "has a tag that is none"},
		"docker.io/library/redis:" + strings.Repeat("7", 129):                     {says: "has a tag that is none: at most 128"},
		"docker.io/library/redis@sha256:abc":                                      {says: "has a digest that is none: sha256: and 64 hexadecimal digits"},
		"docker.io/library/redis@" + strings.ToUpper(digest):                      {says: "has a digest that is none"},
		"docker.io/library/redis@sha512:" + strings.Repeat("0123456789abcdef", 8): {says: "has a digest that is none"},
		"docker.io//redis:7":               {says: "has a path that is none"},
		"docker.io/a../b:7":                {says: "has a path that is none"},
		"docker.io/../b:7":                 {says: "has a path that is none"},
		"docker.io/lïbrary/redis:7":        {says: "has a path that is none"},
		"doсker.io/library/redis:7":        {says: "does not begin with the DNS name of a registry"},
		"a_b.io/x:1":                       {says: "does not begin with the DNS name of a registry"},
		"a.io:99999/x:1":                   {says: "does not begin with the DNS name of a registry, perhaps with a port"},
		"[::1]:5000/x:1":                   {says: "does not begin with the DNS name of a registry"},
		"user@docker.io/library/redis:7":   {says: "does not say which registry"},
		"docker.io/library/redis\u200b:7":  {says: `\u200b:7" has a path that is none`},
		"a.io/" + strings.Repeat("x", 255): {says: "The image has 260 characters; at most 255 are allowed."},
	} {
		got, message := workflow.ParseImage(text)
		says(t, text, message, test.says)
		if (message == "" && got != text) || (message != "" && got != "") {
			t.Errorf("%q: read %q", text, got)
		}
	}
}
