package store_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/pressly/goose/v3"

	"tenure.dev/migrations"
	"tenure.dev/workflow"
	"tenure.dev/workflow/store"
)

func TestMigratingACurrentDatabaseChangesNothing(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db database) {
		s := db.migrated(t)
		before := create(t, s, fullRequest(), submitted())
		if err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		after, err := db.migrated(t).Request(t.Context(), before.ID)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "the request", before, after)
	})
}

func TestReplicasThatStartTogetherMigrateOnce(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db database) {
		// With its table of versions made beforehand, all of them find the same work to do.
		provider, err := goose.NewProvider(db.dialect(), db.sql(t), migrations.FS)
		if err != nil {
			t.Fatal(err)
		}
		if version, err := provider.GetDBVersion(t.Context()); err != nil || version != 0 {
			t.Fatalf("an empty database has version %d, %v", version, err)
		}
		replicas := make([]*store.Store, 6)
		for i := range replicas {
			replicas[i] = db.open(t)
		}
		_, faults := atOnce(len(replicas), replicas, func(s *store.Store) (bool, error) { return true, s.Migrate(t.Context()) })
		if err := errors.Join(faults...); err != nil {
			t.Fatal(err)
		}
		create(t, replicas[0], fullRequest(), submitted())
	})
}

func TestADatabaseWithoutSchemaSaysSo(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db database) {
		if _, err := db.open(t).AuditHead(t.Context()); err == nil || !strings.Contains(err.Error(), "audit_head") {
			t.Errorf("AuditHead gave %v; want an error that names the missing table", err)
		}
	})
}

func TestEveryStateIsAcceptedAndAnUnknownOneRefused(t *testing.T) {
	states := constants(t, "State")
	onEachDatabase(t, func(t *testing.T, db database) {
		s := db.migrated(t)
		for _, state := range states {
			request, event := smallRequest("payments"), submitted()[0]
			request.State, event.From, event.To = workflow.State(state), workflow.State(state), workflow.State(state)
			if _, err := s.CreateRequest(t.Context(), request, []workflow.Event{event}); err != nil {
				t.Errorf("state %q: %v", state, err)
			}
		}
		request := smallRequest("payments")
		request.State = "aproved"
		if _, err := s.CreateRequest(t.Context(), request, submitted()); err == nil {
			t.Errorf("the database accepted the state %q", request.State)
		}
		event := submitted()[0]
		event.To = "aproved"
		if _, err := s.CreateRequest(t.Context(), smallRequest("payments"), []workflow.Event{event}); err == nil {
			t.Errorf("the database accepted an event to the state %q", event.To)
		}
	})
}

func TestEveryVoteOfEveryRoleIsAcceptedAndAnUnknownOneRefused(t *testing.T) {
	votes := constants(t, "Vote")
	onEachDatabase(t, func(t *testing.T, db database) {
		s := db.migrated(t)
		vote := func(vote workflow.Vote, stage workflow.Role) error {
			request := smallRequest("payments")
			request.Reviews = []workflow.Review{{Person: sam, Stage: stage, Vote: vote, At: asked}}
			_, err := s.CreateRequest(t.Context(), request, submitted())
			return err
		}
		for _, v := range votes {
			for _, role := range append(workflow.Roles(), workflow.RolePeerOwner) {
				if err := vote(workflow.Vote(v), role); err != nil {
					t.Errorf("vote %q as %q: %v", v, role, err)
				}
			}
		}
		if vote("abstain", workflow.RoleOwner) == nil {
			t.Error("the database accepted an unknown vote")
		}
		if vote(workflow.VoteApprove, "boss") == nil {
			t.Error("the database accepted a vote in an unknown stage")
		}
	})
}

func TestEveryKindIsAcceptedAndAnUnknownOneRefused(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db database) {
		s := db.migrated(t)
		for _, kind := range append(workflow.Kinds(), "tenant", "quota", "network", "access", "exemption", "removal", "policy") {
			create(t, s, smallRequest("payments"), submitted())
			db.exec(t, "UPDATE requests SET kind = '"+string(kind)+"'")
		}
		if _, err := db.sql(t).ExecContext(t.Context(), "UPDATE requests SET kind = 'wish'"); err == nil {
			t.Error("the database accepted an unknown kind")
		}
		request := smallRequest("payments")
		request.Kind = "quota"
		if _, err := s.CreateRequest(t.Context(), request, submitted()); err == nil {
			t.Error("a change of one kind was stored as another")
		}
	})
}

func TestTheDatabaseItselfRefusesToChangeAnEvent(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db database) {
		create(t, db.migrated(t), smallRequest("payments"), submitted())
		statements := []string{"UPDATE events SET detail = 'x'", "DELETE FROM events"}
		if db.driver == "pgx" {
			statements = append(statements, "TRUNCATE events CASCADE")
		}
		for _, statement := range statements {
			_, err := db.sql(t).ExecContext(t.Context(), statement)
			if err == nil || !strings.Contains(err.Error(), "append-only") {
				t.Errorf("%s: %v; want a refusal", statement, err)
			}
		}
	})
}

// constants gives the values of the workflow package's constants of a type, so
// that one added later is tried too.
func constants(t *testing.T, typeName string) (values []string) {
	t.Helper()
	paths, err := filepath.Glob("../*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, source, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(node ast.Node) bool {
			spec, ok := node.(*ast.ValueSpec)
			if !ok {
				return true
			}
			name, ok := spec.Type.(*ast.Ident)
			if !ok || name.Name != typeName || len(spec.Values) != 1 {
				return true
			}
			if literal, ok := spec.Values[0].(*ast.BasicLit); ok {
				value, err := strconv.Unquote(literal.Value)
				if err != nil {
					t.Fatal(err)
				}
				values = append(values, value)
			}
			return true
		})
	}
	if len(values) == 0 {
		t.Fatalf("found no constant of type %s", typeName)
	}
	return values
}
