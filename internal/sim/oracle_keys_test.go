package sim_test

import (
	"context"

	"github.com/openai/openai-go/v3"
)

func (o *oracle) projectKeys(p string) {
	ctx, keys := context.Background(), o.Projects.APIKeys
	accounts, err := o.Projects.ServiceAccounts.List(ctx, p, openai.AdminOrganizationProjectServiceAccountListParams{})
	if err != nil {
		o.t.Fatal(err)
	}
	made := ok[openai.AdminOrganizationProjectServiceAccountAPIKeyNewResponse](o.t)(o.Projects.ServiceAccounts.APIKeys.New(ctx, p, accounts.Data[0].ID,
		openai.AdminOrganizationProjectServiceAccountAPIKeyNewParams{Name: openai.String("ci"), Scopes: []string{"api.all.read"}}))
	k := ok[openai.ProjectAPIKey](o.t)(keys.Update(ctx, p, made.ID, openai.AdminOrganizationProjectAPIKeyUpdateParams{ExpiresInSeconds: 60, Scopes: []string{}}))
	if k.ExpiresAt != fixed().Unix()+60 || k.Owner.ServiceAccount.ID != accounts.Data[0].ID || k.OwnerProjectAccess != "active" {
		o.t.Errorf("key is %s", k.RawJSON())
	}
	ok[openai.ProjectAPIKey](o.t)(keys.Get(ctx, p, made.ID))
	page, err := keys.List(ctx, p, openai.AdminOrganizationProjectAPIKeyListParams{OwnerProjectAccess: "any"})
	if err != nil || len(page.Data) != 1 {
		o.t.Errorf("keys are %v, %v", page, err)
	}
	valid(o.t, page)
	ok[openai.AdminOrganizationProjectAPIKeyDeleteResponse](o.t)(keys.Delete(ctx, p, made.ID))
	o.demoKeys()
}

// demoKeys: the seed's keys of users come with all that the contract says of them.
func (o *oracle) demoKeys() {
	page, err := o.Projects.APIKeys.List(context.Background(), "proj_sim0002", openai.AdminOrganizationProjectAPIKeyListParams{OwnerProjectAccess: "inactive"})
	if err != nil || len(page.Data) != 2 || page.Data[0].Owner.User.Email != "ken@acme.example" {
		o.t.Errorf("keys of people without access are %v, %v", page, err)
	}
}
