package plan

import (
	"maps"
	"slices"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// diff lists the declared fields that differ from the live ones, in schema order.
func (m *maker) diff(w, live *kind.Object) []FieldDiff { return m.diffOf(w.Kind, w, live) }

// diffOf compares the fields of a kind, which for a Pending kind are fewer than the object's own. The
// key is compared too, so that a rename is a field like any other, unless it only names another object.
func (m *maker) diffOf(k *kind.Kind, w, live *kind.Object) []FieldDiff {
	var out []FieldDiff
	for _, f := range k.Fields() {
		v, declared := w.Fields[f.Name]
		ref, isRef := k.Ref(f.Name)
		switch {
		case !declared || isRef && ref.Read == "":
		case isRef:
			out = append(out, m.diffRef(w, live, ref)...)
		default:
			out = append(out, diffField(f, f.Name, v, live.Fields[f.Name])...)
		}
	}
	return out
}

// diffRef compares what a field names with the id that the API answers.
func (m *maker) diffRef(w, live *kind.Object, r kind.Ref) []FieldDiff {
	t := m.target(w, r)
	if old := live.Fields[r.Field]; !t.unread && (old == nil || old != t.id) {
		return []FieldDiff{{Name: r.Field, Old: m.nameOf(t.addr.Collection(), old), New: w.Fields[r.Field]}}
	}
	return nil
}

// nameOf is the key of the live object with an id, or the id.
func (m *maker) nameOf(collection kind.Address, id any) any {
	if o := m.ix.withID(collection, id); o != nil {
		return o.Addr.Key()
	}
	return id
}

// diffField compares one field. Members of an object compare one by one; lists and free maps whole.
func diffField(f kind.Field, name string, want, live any) []FieldDiff {
	wm, isMap := want.(map[string]any)
	if isMap && !f.Free {
		lm, _ := live.(map[string]any)
		var out []FieldDiff
		for _, member := range f.Fields {
			if v, declared := wm[member.Name]; declared {
				out = append(out, diffField(member, name+"."+member.Name, v, lm[member.Name])...)
			}
		}
		return out
	}
	if f.Equal(want, live) {
		return nil
	}
	return []FieldDiff{{Name: name, Old: f.Show(live), New: f.Show(want), Unit: f.Unit}}
}

// creation lists the declared fields of an object that is created as one of kind k, but for its key and
// for what the schema fills in.
func (m *maker) creation(w *kind.Object, k *kind.Kind) []FieldDiff {
	var out []FieldDiff
	for _, f := range k.Fields() {
		if v, declared := w.Fields[f.Name]; declared && !kind.Has(k.Key, f.Name) {
			out = append(out, created(f, f.Name, v)...)
		}
	}
	return out
}

func created(f kind.Field, name string, want any) []FieldDiff {
	members, isMap := want.(map[string]any)
	if isMap && !f.Free {
		var out []FieldDiff
		for _, member := range f.Fields {
			if v, declared := members[member.Name]; declared {
				out = append(out, created(member, name+"."+member.Name, v)...)
			}
		}
		return out
	}
	if f.Default != nil && f.Equal(want, f.Default) {
		return nil
	}
	return []FieldDiff{{Name: name, New: f.Show(want), Unit: f.Unit}}
}

// merge lays a declared value over the live one: members that are not declared stay as they live, as
// far as the schema knows them; the rest is the server's own.
func merge(f kind.Field, want, live any) any {
	wm, wantMap := want.(map[string]any)
	lm, liveMap := live.(map[string]any)
	switch {
	case want == nil:
		return f.Canon(live)
	case !wantMap || !liveMap || f.Free || variant(f, wm, lm):
		return want
	}
	out := map[string]any{}
	for _, member := range f.Fields {
		if v := merge(member, wm[member.Name], lm[member.Name]); v != nil {
			out[member.Name] = v
		}
	}
	return out
}

// variant says that a declared word, such as a type, makes another thing of an object: what belongs to
// the live one does not go with it.
func variant(f kind.Field, want, live map[string]any) bool {
	return slices.ContainsFunc(f.Fields, func(member kind.Field) bool {
		w, l := want[member.Name], live[member.Name]
		return len(member.Enum) > 0 && w != nil && l != nil && !member.Equal(w, l)
	})
}

// fullBody is the whole object: what is declared over what lives.
func fullBody(k *kind.Kind, want, live map[string]any) map[string]any {
	body := map[string]any{}
	for _, f := range k.Fields() {
		if v := merge(f, want[f.Name], live[f.Name]); v != nil {
			body[f.Name] = v
		} else if f.Default != nil {
			body[f.Name] = f.Default
		}
	}
	return body
}

// changedBody is the fields of a diff, each merged over what lives.
func changedBody(k *kind.Kind, diff []FieldDiff, want, live map[string]any) map[string]any {
	all, body := fullBody(k, want, live), map[string]any{}
	for _, d := range diff {
		body[topLevel(d.Name)] = all[topLevel(d.Name)]
	}
	return body
}

func cloneMap(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return maps.Clone(m)
}
