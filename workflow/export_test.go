package workflow

// Remembered is of how many requests the observer remembers a trouble.
func (o *Observer) Remembered() int { return len(o.trouble) }
