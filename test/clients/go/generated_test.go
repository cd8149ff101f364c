package clients

import (
	"math/rand"
	"regexp"
	"slices"
	"strings"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	certificatesv1 "k8s.io/api/certificates/v1"
	"k8s.io/apimachinery/pkg/api/apitesting/fuzzer"
	"k8s.io/apimachinery/pkg/api/resource"
	metafuzzer "k8s.io/apimachinery/pkg/apis/meta/fuzzer"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/randfill"
)

const (
	seed        = 1
	nilChance   = 0.4
	elementsMax = 2
	integerMax  = 1 << 53
)

var (
	stable      = regexp.MustCompile(`^v[0-9]+$`)
	quantities  = []string{"0", "1", "100m", "1500m", "1Gi", "64Mi", "12e6", "-5", "1k", "250Ki", "0.1Gi", "9223372036854775807", "1n"}
	jsonCodec   = json.NewSerializerWithOptions(json.DefaultMetaFactory, scheme.Scheme, scheme.Scheme, json.SerializerOptions{})
	protobufOne = protobuf.NewSerializer(scheme.Scheme, scheme.Scheme)
)

// maker fills objects of Go's types at random; the same seed gives the same ones.
func maker() *randfill.Filler {
	own := func(serializer.CodecFactory) []any {
		return []any{
			// Larger ones are none that a program in which numbers are doubles tells apart.
			func(value *int64, c randfill.Continue) {
				*value = c.Int63n(integerMax) - c.Int63n(integerMax)
			},
			func(value *intstr.IntOrString, c randfill.Continue) {
				*value = intstr.FromInt32(c.Int31())
				if c.Bool() {
					*value = intstr.FromString(c.String(0))
				}
			},
			func(value *resource.Quantity, c randfill.Continue) {
				*value = resource.MustParse(quantities[c.Intn(len(quantities))])
			},
			func(value *metav1.Time, c randfill.Continue) {
				*value = metav1.Unix(c.Int63n(4_000_000_000), 0)
			},
			func(value *metav1.MicroTime, c randfill.Continue) {
				*value = metav1.NewMicroTime(time.UnixMicro(c.Int63n(4_000_000_000_000_000)))
			},
			func(value *metav1.Duration, c randfill.Continue) {
				value.Duration = time.Duration(c.Int63() - c.Int63())
			},
			// Protobuf does not tell a map's empty values from those that are nil, and JSON does.
			func(value *[]byte, c randfill.Continue) { *value = []byte("bytes" + c.String(0)) },
			func(value *authenticationv1.ExtraValue, c randfill.Continue) { *value = []string{c.String(0)} },
			func(value *authorizationv1.ExtraValue, c randfill.Continue) { *value = []string{c.String(0)} },
			func(value *certificatesv1.ExtraValue, c randfill.Continue) { *value = []string{c.String(0)} },
			func(value *runtime.RawExtension, _ randfill.Continue) {
				value.Raw = []byte(`{"apiVersion":"example.com/v1","kind":"Thing","spec":{"replicas":1}}`)
			},
			func(value *metav1.FieldsV1, _ randfill.Continue) {
				value.Raw = []byte(`{"f:metadata":{"f:labels":{".":{},"f:a":{}}}}`)
			},
		}
	}
	codecs := serializer.NewCodecFactory(scheme.Scheme)
	funcs := fuzzer.MergeFuzzerFuncs(metafuzzer.Funcs, own)
	return fuzzer.FuzzerFor(funcs, rand.NewSource(seed), codecs).NilChance(nilChance).NumElements(1, elementsMax)
}

// madeOf fills one object of a kind.
func madeOf(filler *randfill.Filler, kind schema.GroupVersionKind) runtime.Object {
	object, err := scheme.Scheme.New(kind)
	if err != nil {
		panic(err)
	}
	filler.Fill(object)
	object.GetObjectKind().SetGroupVersionKind(kind)
	return object
}

// builtInKinds are the stable ones that client-go knows, in order. Options and the like, which no path serves, are left out.
func builtInKinds() []schema.GroupVersionKind {
	var all []schema.GroupVersionKind
	for kind := range scheme.Scheme.AllKnownTypes() {
		isOption := slices.Contains([]string{
			"WatchEvent", "ListOptions", "GetOptions", "CreateOptions", "UpdateOptions", "PatchOptions", "DeleteOptions",
		}, kind.Kind)
		if stable.MatchString(kind.Version) && !isOption {
			all = append(all, kind)
		}
	}
	slices.SortFunc(all, func(a, b schema.GroupVersionKind) int { return strings.Compare(a.String(), b.String()) })
	return all
}
