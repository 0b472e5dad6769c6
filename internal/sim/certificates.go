package sim

import (
	"crypto/x509"
	"encoding/pem"
	"slices"
	"strings"
)

// maxCertificates is how many an organization may have.
const maxCertificates = 50

// Certificate is one for mutual TLS (reference: "The certificate object"). Projects name the ones that
// are active in them.
type Certificate struct {
	ID        string  `json:"id"`
	Name      *string `json:"name"`
	CreatedAt int64   `json:"created_at"`
	ValidAt   int64   `json:"valid_at"`
	ExpiresAt int64   `json:"expires_at"`
	Content   string  `json:"content"` // PEM
	Active    bool    `json:"active"`  // in the organization
}

func (k Certificate) key() string { return k.ID }

var certificateCreate = []field{
	{name: "certificate", is: text, required: true},
	{name: "name", is: text},
}

var certificateUpdate = []field{{name: "name", is: text}}

var certificateToggle = []field{{name: "certificate_ids", is: list, min: 1, max: 10, required: true}}

func certificateList() *listing {
	return &listing{limit: 20, least: 1, most: 100, order: "desc"}
}

func certificateGet() *listing {
	return &listing{filters: []filter{{name: "include", is: list, enum: []string{"content"}}}, single: true}
}

// viewOne is a certificate by itself: no `active`, and the content only when it was asked for.
func (c *call) viewOne(k Certificate) any {
	details := map[string]any{"valid_at": k.ValidAt, "expires_at": k.ExpiresAt}
	if slices.Contains(c.values("include"), "content") {
		details["content"] = k.Content
	}
	return object("certificate", map[string]any{"id": k.ID, "name": k.Name, "created_at": k.CreatedAt, "certificate_details": details})
}

// viewCertificate is a certificate in lists and in the answers of activation.
func (c *call) viewCertificate(k Certificate) any {
	name, active := "organization.certificate", k.Active
	if c.project != nil {
		name, active = "organization.project.certificate", slices.Contains(c.project.Certificates, k.ID)
	}
	return object(name, map[string]any{"id": k.ID, "name": k.Name, "created_at": k.CreatedAt, "active": active,
		"certificate_details": map[string]any{"valid_at": k.ValidAt, "expires_at": k.ExpiresAt}})
}

// listCertificates shows all of the organization's, in a project too.
func listCertificates(c *call) (any, error) {
	return page(c, c.state.Certificates, c.viewCertificate)
}

func getCertificate(c *call) (any, error) {
	k, err := c.certificate()
	if err != nil {
		return nil, err
	}
	return c.viewOne(*k), nil
}

// createCertificate activates nothing.
func createCertificate(c *call) (any, error) {
	var in struct {
		Certificate string  `json:"certificate"`
		Name        *string `json:"name"`
	}
	if err := c.into(&in); err != nil {
		return nil, err
	}
	if len(c.state.Certificates) >= maxCertificates {
		return nil, invalid("", "too_many_certificates", "An organization can have at most %d certificates.", maxCertificates)
	}
	parsed, err := parseCertificate(in.Certificate)
	if err != nil {
		return nil, err
	}
	k := Certificate{ID: c.state.next("cert_"), Name: in.Name, CreatedAt: c.now, Content: in.Certificate,
		ValidAt: parsed.NotBefore.Unix(), ExpiresAt: parsed.NotAfter.Unix()}
	c.state.Certificates = append(c.state.Certificates, k)
	c.log("certificate.created", k.ID, "name", k.name())
	return c.viewOne(k), nil
}

// parseCertificate wants one certificate and nothing after it.
func parseCertificate(content string) (*x509.Certificate, error) {
	block, rest := pem.Decode([]byte(content))
	if block == nil || block.Type != "CERTIFICATE" || strings.TrimSpace(string(rest)) != "" {
		return nil, invalid("certificate", "invalid_certificate", "Invalid 'certificate': expected one certificate in PEM format.")
	}
	parsed, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, invalid("certificate", "invalid_certificate", "Invalid 'certificate': the certificate cannot be parsed.")
	}
	return parsed, nil
}

func (k Certificate) name() string {
	if k.Name == nil {
		return ""
	}
	return *k.Name
}

func updateCertificate(c *call) (any, error) {
	k, err := c.certificate()
	if err != nil {
		return nil, err
	}
	var in struct {
		Name *string `json:"name"`
	}
	if err := c.into(&in); err != nil {
		return nil, err
	}
	if in.Name != nil {
		k.Name = in.Name
	}
	c.log("certificate.updated", k.ID, "name", k.name())
	return c.viewOne(*k), nil
}

// deleteCertificate: "The certificate must be inactive for the organization and all projects." The answer
// has no `deleted`.
func deleteCertificate(c *call) (any, error) {
	k, err := c.certificate()
	if err != nil {
		return nil, err
	}
	used := slices.ContainsFunc(c.state.Projects, func(p Project) bool { return slices.Contains(p.Certificates, k.ID) })
	if k.Active || used {
		return nil, invalid("certificate_id", "certificate_active", "Certificate '%s' is still active and cannot be deleted.", k.ID)
	}
	gone := *k
	drop(&c.state.Certificates, gone.ID)
	c.log("certificate.deleted", gone.ID, "name", gone.name(), "certificate", gone.Content)
	return map[string]any{"object": "certificate.deleted", "id": gone.ID}, nil
}

func (c *call) certificate() (*Certificate, error) {
	return pick(c.state.Certificates, c.path["certificate_id"], "Certificate")
}

func activateCertificates(c *call) (any, error)   { return c.toggle(true) }
func deactivateCertificates(c *call) (any, error) { return c.toggle(false) }

// toggle is "atomic and idempotent": one unknown id refuses them all.
func (c *call) toggle(on bool) (any, error) {
	var in struct {
		IDs []string `json:"certificate_ids"`
	}
	if err := c.into(&in); err != nil {
		return nil, err
	}
	for _, id := range in.IDs {
		if index(c.state.Certificates, id) < 0 {
			return nil, invalid("certificate_ids", "certificate_not_found", "Certificate '%s' not found.", id)
		}
	}
	data, told := []any{}, []any{}
	for _, id := range in.IDs {
		k := c.turn(id, on)
		data = append(data, c.viewCertificate(k))
		told = append(told, map[string]any{"id": k.ID, "name": k.name()})
	}
	event, suffix := "certificates.activated", ".activation"
	if !on {
		event, suffix = "certificates.deactivated", ".deactivation"
	}
	c.log(event, "", "certificates", told)
	name := "organization.certificate"
	if c.project != nil {
		name = "organization.project.certificate"
	}
	return map[string]any{"object": name + suffix, "data": data}, nil
}

func (c *call) turn(id string, on bool) Certificate {
	k := &c.state.Certificates[index(c.state.Certificates, id)]
	switch {
	case c.project == nil:
		k.Active = on
	case on && !slices.Contains(c.project.Certificates, id):
		c.project.Certificates = append(c.project.Certificates, id)
	case !on:
		c.project.Certificates = without(c.project.Certificates, []string{id})
	}
	return *k
}
