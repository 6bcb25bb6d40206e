package workflow

import "sync"

// bell wakes one goroutine. It holds one ring, so that none is lost while that
// goroutine is busy. The zero value is ready.
type bell struct {
	once sync.Once
	c    chan struct{}
}

// rung is where a ring arrives.
func (b *bell) rung() chan struct{} {
	b.once.Do(func() { b.c = make(chan struct{}, 1) })
	return b.c
}

// ring never blocks.
func (b *bell) ring() {
	select {
	case b.rung() <- struct{}{}:
	default: // it is about to look anyway
	}
}
