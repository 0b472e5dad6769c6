package sim_test

import (
	"context"

	"github.com/openai/openai-go/v3"

	"github.com/bylaw-dev/bylaw/internal/sim"
)

func (o *oracle) certificates(p string) {
	ctx, certs := context.Background(), o.Certificates
	content := sim.Demo().Certificates[0].Content
	k := ok[openai.Certificate](o.t)(certs.New(ctx, openai.AdminOrganizationCertificateNewParams{Certificate: content, Name: openai.String("copy")}))
	ok[openai.Certificate](o.t)(certs.Update(ctx, k.ID, openai.AdminOrganizationCertificateUpdateParams{Name: openai.String("spare")}))
	got := ok[openai.Certificate](o.t)(certs.Get(ctx, k.ID, openai.AdminOrganizationCertificateGetParams{Include: []string{"content"}}))
	if got.CertificateDetails.Content != content || got.Name != "spare" || got.JSON.Active.Valid() {
		o.t.Errorf("certificate is %s", got.RawJSON())
	}
	list, err := certs.List(ctx, openai.AdminOrganizationCertificateListParams{})
	if err != nil || len(list.Data) != 3 || list.Data[0].ID != k.ID || list.Data[0].Active || !list.Data[2].Active {
		o.t.Errorf("certificates are %v, %v", list, err)
	}
	valid(o.t, list)
	on, err := certs.Activate(ctx, openai.AdminOrganizationCertificateActivateParams{CertificateIDs: []string{k.ID, "cert_sim0001"}})
	if err != nil || len(on.Data) != 2 || !on.Data[0].Active {
		o.t.Errorf("activation gives %v, %v", on, err)
	}
	valid(o.t, on)
	off, err := certs.Deactivate(ctx, openai.AdminOrganizationCertificateDeactivateParams{CertificateIDs: []string{k.ID}})
	if err != nil || off.Data[0].Active {
		o.t.Errorf("deactivation gives %v, %v", off, err)
	}
	valid(o.t, off)
	o.projectCertificates(p, k.ID)
	ok[openai.AdminOrganizationCertificateDeleteResponse](o.t)(certs.Delete(ctx, k.ID))
}

func (o *oracle) projectCertificates(p, id string) {
	ctx, certs := context.Background(), o.Projects.Certificates
	on, err := certs.Activate(ctx, p, openai.AdminOrganizationProjectCertificateActivateParams{CertificateIDs: []string{id}})
	if err != nil || !on.Data[0].Active {
		o.t.Errorf("activation gives %v, %v", on, err)
	}
	valid(o.t, on)
	list, err := certs.List(ctx, p, openai.AdminOrganizationProjectCertificateListParams{Order: "asc"})
	if err != nil || len(list.Data) != 3 || list.Data[0].Active || !list.Data[2].Active {
		o.t.Errorf("certificates of the project are %v, %v", list, err)
	}
	valid(o.t, list)
	off, err := certs.Deactivate(ctx, p, openai.AdminOrganizationProjectCertificateDeactivateParams{CertificateIDs: []string{id}})
	if err != nil || off.Data[0].Active {
		o.t.Errorf("deactivation gives %v, %v", off, err)
	}
	valid(o.t, off)
}
