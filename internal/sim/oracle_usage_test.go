package sim_test

import (
	"context"

	"github.com/openai/openai-go/v3"
)

// usage asks every meter for three days of the seed's history.
func (o *oracle) usage() {
	ctx, u, start := context.Background(), o.Usage, fixed().Unix()-3*24*3600
	o.used(u.AudioSpeeches(ctx, openai.AdminOrganizationUsageAudioSpeechesParams{StartTime: start, GroupBy: []string{"project_id", "user_id", "api_key_id", "model"}}))
	o.used(u.AudioTranscriptions(ctx, openai.AdminOrganizationUsageAudioTranscriptionsParams{StartTime: start}))
	o.used(u.CodeInterpreterSessions(ctx, openai.AdminOrganizationUsageCodeInterpreterSessionsParams{StartTime: start}))
	o.used(u.Completions(ctx, openai.AdminOrganizationUsageCompletionsParams{StartTime: start, GroupBy: []string{"batch", "service_tier", "api_source"}}))
	o.used(u.Decisions(ctx, openai.AdminOrganizationUsageDecisionsParams{StartTime: start}))
	o.used(u.Embeddings(ctx, openai.AdminOrganizationUsageEmbeddingsParams{StartTime: start}))
	o.used(u.FileSearchCalls(ctx, openai.AdminOrganizationUsageFileSearchCallsParams{StartTime: start, GroupBy: []string{"vector_store_id"}}))
	o.used(u.Images(ctx, openai.AdminOrganizationUsageImagesParams{StartTime: start, GroupBy: []string{"size", "source"}}))
	o.used(u.Moderations(ctx, openai.AdminOrganizationUsageModerationsParams{StartTime: start}))
	o.used(u.VectorStores(ctx, openai.AdminOrganizationUsageVectorStoresParams{StartTime: start}))
	o.used(u.WebSearchCalls(ctx, openai.AdminOrganizationUsageWebSearchCallsParams{StartTime: start, GroupBy: []string{"context_level"}}))
	costs, err := u.Costs(ctx, openai.AdminOrganizationUsageCostsParams{StartTime: start, GroupBy: []string{"project_id", "line_item"}, ProjectIDs: []string{"proj_sim0002"}})
	o.used(costs, err)
	r := costs.Data[0].Results[0].AsOrganizationCostsResult()
	if r.Amount.Currency != "usd" || r.Amount.Value <= 0 || r.ProjectID != "proj_sim0002" || r.QuantityUnit != "tokens" {
		o.t.Errorf("costs are %s", r.RawJSON())
	}
}

func (o *oracle) used(v any, err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
	valid(o.t, v)
}
