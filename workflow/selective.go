package workflow

// SelectiveRenderer is a Renderer that can tell without rendering that another
// policy leaves a tenancy's files as they are.
type SelectiveRenderer interface {
	Renderer
	// SameFiles says whether the tenancy's files are the same under both policies.
	// False leaves it open.
	SameFiles(before, after Policy, tenancy Tenancy) (bool, error)
}

// SameFiles asks a renderer whether a tenancy's files are the same under both
// policies. Of one that cannot tell they may differ.
func SameFiles(renderer Renderer, before, after Policy, tenancy Tenancy) (bool, error) {
	selective, ok := renderer.(SelectiveRenderer)
	if !ok {
		return false, nil
	}
	return selective.SameFiles(before, after, tenancy)
}
