package sim

import "slices"

// SpendLimit is a hard limit in US cents (reference: "The spend limit object").
type SpendLimit struct {
	ThresholdAmount int64       `json:"threshold_amount"`
	Currency        string      `json:"currency"`
	Interval        string      `json:"interval"`
	Enforcement     Enforcement `json:"enforcement"` // the API's own; nothing is spent here, so it stays
}

// Enforcement is inactive or enforcing.
type Enforcement struct {
	Status string `json:"status"`
}

// SpendAlert sends mail when spending passes a threshold (reference: "The spend alert object"). Identical
// ones may stand side by side.
type SpendAlert struct {
	ID                  string  `json:"id"`
	ThresholdAmount     int64   `json:"threshold_amount"`
	Currency            string  `json:"currency"`
	Interval            string  `json:"interval"`
	NotificationChannel Channel `json:"notification_channel"`
}

// Channel is where an alert goes.
type Channel struct {
	Type          string   `json:"type"`
	Recipients    []string `json:"recipients"`
	SubjectPrefix *string  `json:"subject_prefix"`
}

func (a SpendAlert) key() string { return a.ID }

func money(least int64) []field {
	return []field{
		{name: "threshold_amount", is: integer, min: least, required: true},
		{name: "currency", is: text, enum: []string{"USD"}, required: true},
		{name: "interval", is: text, enum: []string{"month"}, required: true},
	}
}

func spendLimitBody() []field { return money(1) }

func spendAlertBody() []field {
	return append(money(0), field{name: "notification_channel", is: record, required: true, of: []field{
		{name: "type", is: text, enum: []string{"email"}, required: true},
		{name: "recipients", is: list, required: true},
		{name: "subject_prefix", is: text, nullable: true},
	}})
}

func spendAlertList() *listing {
	return &listing{limit: 20, least: 0, most: 100, order: "asc", before: true}
}

// spending is the money side of the scope in the path.
func (c *call) spending() *Spending {
	if c.project != nil {
		return &c.project.Spending
	}
	return &c.state.Spending
}

func (c *call) viewAlert(a SpendAlert) any { return object(c.scope()+".spend_alert", a) }

// getSpendLimit answers 404 when there is none: undocumented, but what clients rely on.
func getSpendLimit(c *call) (any, error) {
	l := c.spending().SpendLimit
	if l == nil {
		return nil, notFound("No spend limit is set.")
	}
	return object(c.scope()+".spend_limit", l), nil
}

func updateSpendLimit(c *call) (any, error) {
	l := SpendLimit{Enforcement: Enforcement{Status: "inactive"}}
	if err := c.into(&l); err != nil {
		return nil, err
	}
	c.spending().SpendLimit = &l
	return getSpendLimit(c)
}

func deleteSpendLimit(c *call) (any, error) {
	if c.spending().SpendLimit == nil {
		return nil, notFound("No spend limit is set.")
	}
	c.spending().SpendLimit = nil
	return deleted(c.scope()+".spend_limit", ""), nil
}

func listSpendAlerts(c *call) (any, error) {
	return page(c, c.spending().SpendAlerts, c.viewAlert)
}

func getSpendAlert(c *call) (any, error) {
	a, err := c.alert()
	if err != nil {
		return nil, err
	}
	return c.viewAlert(*a), nil
}

// createSpendAlert unsets the spend limit when the quirk is on: one report says that the live API did.
func createSpendAlert(c *call) (any, error) {
	var a SpendAlert
	if err := c.into(&a); err != nil {
		return nil, err
	}
	a.ID = c.state.next("alert_")
	s := c.spending()
	s.SpendAlerts = append(s.SpendAlerts, a)
	if c.disturb {
		s.SpendLimit = nil
	}
	return c.viewAlert(a), nil
}

// updateSpendAlert replaces the whole alert: a prefix that is left out is gone.
func updateSpendAlert(c *call) (any, error) {
	a, err := c.alert()
	if err != nil {
		return nil, err
	}
	next := SpendAlert{ID: a.ID}
	if err := c.into(&next); err != nil {
		return nil, err
	}
	*a = next
	return c.viewAlert(next), nil
}

func deleteSpendAlert(c *call) (any, error) {
	a, err := c.alert()
	if err != nil {
		return nil, err
	}
	id := a.ID
	s := c.spending()
	s.SpendAlerts = slices.DeleteFunc(s.SpendAlerts, func(a SpendAlert) bool { return a.ID == id })
	return deleted(c.scope()+".spend_alert", id), nil
}

func (c *call) alert() (*SpendAlert, error) {
	alerts := c.spending().SpendAlerts
	i := index(alerts, c.path["alert_id"])
	if i < 0 {
		return nil, notFound("Spend alert '%s' not found.", c.path["alert_id"])
	}
	return &alerts[i], nil
}
