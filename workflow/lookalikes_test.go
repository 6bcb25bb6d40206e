package workflow_test

import (
	"strings"
	"testing"

	"tenure.dev/workflow"
)

func TestWordsInAnyLanguageAreTakenAndThoseThatReadAsOthersAreNot(t *testing.T) {
	for text, want := range map[string]string{
		"The payments API needs its database.":                        "",
		"Сервису платежей нужна база данных PostgreSQL в westeurope.": "",
		"Миграция на Redis 7.2; см. тикет PAY-1234.":                  "",
		"Потрібен доступ до черги RabbitMQ, її використовує їжа.":     "",
		"IT-отдел, e-mail-рассылка и web/сервер":                      "",
		"Η υπηρεσία πληρωμών χρειάζεται τη βάση PostgreSQL.":          "",
		"Dienst für Überweisungen, größer als üblich; naïve Brücke":   "",
		"支払いサービスのAPIはRedisを使います":                                      "",
		"결제 API용 네임스페이스":                                              "",
		"خدمة المدفوعات تحتاج PostgreSQL":                             "",
		"भुगतान सेवा API":                                             "",
		"ΔT and Ωm, π-mode, 5µs":                                      "",
		"Đặt hàng, Łódź, İstanbul, São Paulo":                         "",
		"":                      "",
		"approve p\u0430yments": `The word "pаyments" mixes Latin letters with U+0430 CYRILLIC SMALL LETTER A, which looks like "a". Type the word again in one script.`,
		"\u0410dmin":            `U+0410 CYRILLIC CAPITAL LETTER A, which looks like "A"`,
		"g\u03BF\u03BFgle":      `U+03BF GREEK SMALL LETTER OMICRON, which looks like "o"`,
		"H2\u041E":              `The word "H2О" mixes`,
		"docker.io/p\u0430y":    `The word "pаy" mixes`,
		"payments-\u0430pi":     `The word "аpi" mixes`,
		"line one\nli\u0456ne":  `U+0456 CYRILLIC SMALL LETTER BYELORUSSIAN-UKRAINIAN I`,
		"e\u0301t\u0435":        `U+0435 CYRILLIC SMALL LETTER IE`,
		"zero\u200bwidth":       "The invisible character U+200B",
		"right\u202eto left":    "The invisible character U+202E",
		strings.Repeat("x", 100) + "\u0430" + strings.Repeat("x", 100): strings.Repeat("x", 60) + `…" mixes`,
	} {
		says(t, text, workflow.CheckText(text, 500, true), want)
	}
}

func FuzzCheckText(f *testing.F) {
	for _, text := range []string{"", "p\u0430yments", "Привет, Redis", "\xff", "a\u0301\u0430", "\U0001D41A"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		message := workflow.CheckText(text, 500, true)
		// A word apart from others is judged alike.
		if again := workflow.CheckText("Привет "+text+" hello", 600, true); message == "" && again != "" {
			t.Fatalf("%q: taken alone, but among words it says %q", text, again)
		}
	})
}
