package api

import (
	"reflect"

	"tenure.dev/workflow"
)

// enums gives the values of each type of the domain that has a closed list of
// them. A test holds every entry against the constants of its type.
func enums() map[reflect.Type][]string {
	lists := map[reflect.Type][]string{}
	for _, add := range []func(map[reflect.Type][]string){requestEnums, grantEnums, policyEnums, networkEnums} {
		add(lists)
	}
	return lists
}

func requestEnums(lists map[reflect.Type][]string) {
	list(lists, workflow.Kinds()...)
	list(lists, workflow.States()...)
	list(lists, workflow.VoteApprove, workflow.VoteReject, workflow.VoteChanges)
	list(lists, append(workflow.Roles(), workflow.RolePeerOwner)...)
	list(lists, workflow.EventDrafted, workflow.EventSubmitted, workflow.EventResubmitted, workflow.EventApprovedStage, workflow.EventRejected,
		workflow.EventChangesRequested, workflow.EventWithdrawn, workflow.EventApproved, workflow.EventStale, workflow.EventPublishStarted,
		workflow.EventPublishDeferred, workflow.EventCommitted, workflow.EventActive, workflow.EventFailed,
		workflow.EventEndsSoon, workflow.EventEnded, workflow.EventGone, workflow.EventCommented)
	list(lists, workflow.ArrivalTrouble, workflow.ArrivalUnwatched, workflow.ArrivalUnknown, workflow.ArrivalBehind, workflow.ArrivalUnderWay, workflow.ArrivalDone)
	list(lists, workflow.SeverityInfo, workflow.SeverityWarning, workflow.SeverityDanger)
}

func grantEnums(lists map[reflect.Type][]string) {
	list(lists, workflow.LevelBaseline, workflow.LevelRestricted)
	list(lists, workflow.ObjectCounts()...)
	list(lists, workflow.AccessRoles()...)
	list(lists, workflow.SubjectMembers, workflow.SubjectOwners, workflow.SubjectGroup, workflow.SubjectPerson)
}

func policyEnums(lists map[reflect.Type][]string) {
	list(lists, workflow.EngineAzure, workflow.EngineCalico, workflow.EngineCilium)
	list(lists, workflow.ModeObserve, workflow.ModeWarn, workflow.ModeEnforce)
	list(lists, workflow.RuleOff, workflow.RuleWarn, workflow.RuleDeny)
	list(lists, workflow.AllOpens()...)
	list(lists, workflow.WithinCeiling, workflow.WithinHalf)
	list(lists, workflow.ValueImage, workflow.ValueLabel)
}

func networkEnums(lists map[reflect.Type][]string) {
	list(lists, workflow.Ingress, workflow.Egress)
	list(lists, workflow.PeerNamespace, workflow.PeerInternet, workflow.PeerCIDR, workflow.PeerFQDN)
	list(lists, workflow.EndPods, workflow.EndPlatform, workflow.EndCluster, workflow.EndInternet, workflow.EndAddresses, workflow.EndName)
	list(lists, workflow.FlowOpened, workflow.FlowClosed) // one that stays has none
}

func list[T ~string](lists map[reflect.Type][]string, values ...T) {
	for _, value := range values {
		lists[reflect.TypeFor[T]()] = append(lists[reflect.TypeFor[T]()], string(value))
	}
}

// enumOf gives the values of a type; nil where any text is one.
func enumOf(t reflect.Type) []string { return enums()[t] }

// ValuesOf gives the values of a type of the domain that has a closed list of
// them; nil for any other type.
func ValuesOf(t reflect.Type) []string { return enumOf(t) }
