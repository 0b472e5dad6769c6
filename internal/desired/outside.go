package desired

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// A Fragment is a file of a directory but the root file.
type Fragment struct {
	File     string                         // as places name it
	Path     string                         // below the directory, with slashes: lanes go by it
	Sections map[kind.Address]kind.Position // its collections at the top; of those that several files declare, Declared has only the first
}

func fragment(f file) Fragment {
	out := Fragment{File: f.name, Path: f.rel, Sections: map[kind.Address]kind.Position{}}
	for _, k := range topKinds() {
		if m := f.root.member(k.Section()); m != nil && !m.bad && !k.Setting() {
			out.Sections[kind.Address(k.Section())] = m.keyPos()
		}
	}
	return out
}

// strays reports what fragments declare outside their lanes. Where the lanes have a mistake themselves, what
// was meant is not known, and that mistake stops the load.
func (l *loader) strays(o Org) {
	if slices.ContainsFunc(l.mistakes, func(m Mistake) bool { return strings.HasPrefix(m.Path, "policy/lanes") }) {
		return
	}
	for _, m := range o.Outside(o.Policy.Lanes) {
		l.add(m)
	}
}

// Outside is what the fragments declare, or lay hold on, outside the lanes: those of this document, or of
// another one, where this one may have changed its own. No lanes allow everything. Of what is outside only the
// outermost is reported, a section or an object.
//
// A file is judged by what stands in it: an alias repeats only what is in the same file, and merge keys are
// refused. To declare something absent or archived is to declare it. What a profile says of a project belongs to
// the project; it stands in the root file.
func (o Org) Outside(lanes []kind.Lane) Mistakes {
	var c collector
	if len(lanes) == 0 {
		return nil
	}
	parts := o.parts()
	for _, f := range o.Fragments {
		c.outside(*parts[f.File], laneOf(f, lanes))
	}
	return c.sorted()
}

// parts are what each fragment declares, by the file's name.
func (o Org) parts() map[string]*part {
	out := map[string]*part{}
	for _, f := range o.Fragments {
		out[f.File] = &part{sections: maps.Clone(f.Sections)}
	}
	for a, pos := range o.Declared {
		if p := out[pos.File]; p != nil && a.Parent() != "" && !a.Kind().Setting() {
			p.sections[a] = pos
		}
	}
	for i := range o.Objects {
		if p := out[o.Objects[i].Pos.File]; p != nil {
			p.objects = append(p.objects, &o.Objects[i])
		}
	}
	return out
}

// A part is what one file declares.
type part struct {
	sections map[kind.Address]kind.Position // its collections
	objects  []*kind.Object
}

// outside reports what one file declares outside its lane.
func (c *collector) outside(p part, in lane) {
	out := map[kind.Address]kind.Position{}
	for a, pos := range p.sections {
		if !in.mayIn(a) { // an empty list manages the collection as well: what is in it may be pruned
			out[a] = pos
		}
	}
	for _, o := range p.objects {
		if !in.may.Match(o.Addr) {
			out[o.Addr] = o.Pos
		}
	}
	message, hint := in.refusal()
	for _, a := range slices.Sorted(maps.Keys(out)) { // an alias gives several the same place: the first counts
		if !within(a, out) {
			c.add(mistake(out[a], string(a), message, hint))
		}
	}
	for _, o := range p.objects {
		if _, told := out[o.Addr]; !told && !within(o.Addr, out) {
			c.claims(o, in)
		}
	}
}

// within says that the address lies below one of the others.
func within(a kind.Address, others map[kind.Address]kind.Position) bool {
	for i := strings.LastIndexByte(string(a), '/'); i > 0; i = strings.LastIndexByte(string(a[:i]), '/') {
		if _, ok := others[a[:i]]; ok {
			return true
		}
	}
	return false
}

// claims reports where an object within the lane lays hold on one that is not: names are no fence if a file
// can take over what has another name.
func (c *collector) claims(o *kind.Object, in lane) {
	at := func(word, message, hint string) {
		c.add(mistake(o.FieldPos.Of(word), string(o.Addr)+"/"+word, message, hint))
	}
	// The live object with an earlier name is renamed, and from then on is this one.
	for _, name := range o.Previously {
		if was := o.Addr.Collection().Join(name); !in.may.Match(was) {
			at("previously", fmt.Sprintf("the earlier name %s is outside %s", short(name), in.name()), "it would take over "+string(was)+"; "+in.choices())
		}
	}
	// Whose id it is, only the live organization knows.
	if all := o.Addr.Collection(); o.ID != "" && !in.covers(all) {
		at("id", fmt.Sprintf("%s allows no pinned id, which may be that of any object", in.name()), fmt.Sprintf("pin it in the root file, or in a lane that may declare %s/*", all))
	}
	c.reaches(o, in, at)
}

// reaches reports references to what stands within an object of another lane, such as the service account that
// a federation rule hands out: what is in there acts with its power. To name a whole object, a person or a
// group, gives nothing of it away.
func (c *collector) reaches(o *kind.Object, in lane, at func(word, message, hint string)) {
	for _, r := range o.Kind.Refs {
		if o.FieldPos.Of(r.Field).File != o.Pos.File {
			continue // omitted, or the profile's doing
		}
		for _, template := range r.To {
			to := o.Resolve(template)
			if up := to.Parent(); up != "" && !o.Addr.Under(up) && !in.may.Match(to) {
				at(r.Field, fmt.Sprintf("%s is outside %s", to, in.name()), "what refers to it can act for it; "+in.choices())
			}
		}
	}
}

// A lane is what one file may declare.
type lane struct {
	files []string // the globs of the lanes that it is in
	may   kind.Globs
	all   []string // the globs of all lanes
}

func laneOf(f Fragment, lanes []kind.Lane) lane {
	var out lane
	for _, l := range lanes {
		out.all = append(out.all, string(l.Files))
		if l.Has(f.Path) {
			out.files = append(out.files, string(l.Files))
			out.may = append(out.may, l.May...)
		}
	}
	return out
}

func (in lane) mayIn(collection kind.Address) bool {
	return slices.ContainsFunc(in.may, func(g kind.Glob) bool { return g.MayMatchIn(collection) })
}

func (in lane) covers(collection kind.Address) bool {
	return slices.ContainsFunc(in.may, func(g kind.Glob) bool { return g.Covers(collection) })
}

// refusal says that something is outside the lane.
func (in lane) refusal() (message, hint string) {
	if len(in.files) == 0 {
		return "this file is in no lane, so it may declare nothing", "lanes: " + few(in.all)
	}
	return "outside " + in.name(), in.choices()
}

// name is how messages call the lane.
func (in lane) name() string {
	if len(in.files) == 1 {
		return "the lane " + in.files[0]
	}
	return "the lanes " + few(in.files)
}

// choices is what may be declared there.
func (in lane) choices() string {
	if len(in.may) == 0 {
		return "files there may declare nothing"
	}
	may := make([]string, len(in.may))
	for i, g := range in.may {
		may[i] = string(g)
	}
	return "files there may declare " + few(may)
}

// few is a list for a line.
func few(words []string) string {
	if more := len(words) - fewChoices; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(words[:fewChoices], ", "), more)
	}
	return strings.Join(words, ", ")
}
