package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"tenure.dev/workflow"
)

// Request reads one request; workflow.ErrNoRequest when there is none.
func (s *Store) Request(ctx context.Context, id int64) (workflow.Request, error) {
	var requests []workflow.Request
	err := s.read(ctx, func(tx *gorm.DB) error {
		var err error
		requests, err = readRequests(tx, tx.Model(&requestRow{}).Where("id = ?", id))
		return err
	})
	if err != nil {
		return workflow.Request{}, fmt.Errorf("read request %d: %w", id, err)
	}
	if len(requests) == 0 {
		return workflow.Request{}, fmt.Errorf("read request %d: %w", id, workflow.ErrNoRequest)
	}
	return requests[0], nil
}

// Requests lists requests, newest first. A filter's list that is empty but not
// nil picks nothing: somebody who is in no tenant sees no tenant's requests.
func (s *Store) Requests(ctx context.Context, filter workflow.RequestFilter) ([]workflow.Request, error) {
	var requests []workflow.Request
	err := s.read(ctx, func(tx *gorm.DB) error {
		var err error
		requests, err = readRequests(tx, matching(tx.Model(&requestRow{}), filter))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list requests: %w", err)
	}
	return requests, nil
}

// matching narrows a query to what the filter picks, newest first.
func matching(query *gorm.DB, filter workflow.RequestFilter) *gorm.DB {
	switch {
	case filter.Tenants != nil && filter.Reaching != nil:
		query = query.Where("(tenant IN ? OR (peer_tenant <> '' AND peer_tenant IN ?))", filter.Tenants, filter.Reaching)
	case filter.Tenants != nil:
		query = query.Where("tenant IN ?", filter.Tenants)
	case filter.Reaching != nil:
		query = query.Where("peer_tenant <> '' AND peer_tenant IN ?", filter.Reaching)
	}
	if filter.States != nil {
		query = query.Where("state IN ?", filter.States)
	}
	if filter.Kinds != nil {
		query = query.Where("kind IN ?", filter.Kinds)
	}
	if !filter.RequestedBy.IsZero() {
		query = query.Where("requester_tid = ? AND requester_oid = ?", filter.RequestedBy.Tenant, filter.RequestedBy.Object)
	}
	if filter.Lingering {
		query = query.Where("lingers")
	}
	if filter.Before > 0 {
		query = query.Where("id < ?", filter.Before)
	}
	if filter.Limit > 0 {
		query = query.Limit(filter.Limit)
	}
	return query.Order("id DESC")
}

// readRequests runs a query over requests and adds the reviews.
func readRequests(tx, query *gorm.DB) ([]workflow.Request, error) {
	var rows []requestRow
	if err := query.Session(&gorm.Session{}).Find(&rows).Error; err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, nil
	}
	reviews, err := readReviews(tx, query.Session(&gorm.Session{}).Select("id"))
	if err != nil {
		return nil, err
	}
	requests := make([]workflow.Request, 0, len(rows))
	for _, row := range rows {
		request, err := row.request()
		if err != nil {
			return nil, err
		}
		request.Reviews = reviews[row.ID]
		requests = append(requests, request)
	}
	return requests, nil
}
