package clients

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
)

var uid = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

const (
	objectsPerKind = 10
	postsPerKind   = 4
)

// exchanged is one object in both of its forms, for whoever compares them with another codec.
type exchanged struct {
	APIVersion string          `json:"apiVersion"`
	Kind       string          `json:"kind"`
	JSON       json.RawMessage `json:"json"`
	Protobuf   []byte          `json:"protobuf"`
}

// TestWriteGeneratedObjects writes objects of every kind, a line each, to the file that EXCHANGE names.
func TestWriteGeneratedObjects(t *testing.T) {
	path := os.Getenv("EXCHANGE")
	if path == "" {
		t.Skip("EXCHANGE names no file")
	}
	file, err := os.Create(path)
	ok(t, err)
	defer file.Close()
	out := bufio.NewWriter(file)
	lines := json.NewEncoder(out)
	filler := maker()
	for _, kind := range builtInKinds() {
		for range objectsPerKind {
			object := madeOf(filler, kind)
			if _, isMessage := object.(interface{ Marshal() ([]byte, error) }); !isMessage {
				continue
			}
			asJSON, asProtobuf := encoded(t, object)
			version, name := kind.ToAPIVersionAndKind()
			ok(t, lines.Encode(exchanged{APIVersion: version, Kind: name, JSON: asJSON, Protobuf: asProtobuf}))
		}
	}
	ok(t, out.Flush())
}

func encoded(t *testing.T, object runtime.Object) (asJSON, asProtobuf []byte) {
	t.Helper()
	var text, binary bytes.Buffer
	ok(t, jsonCodec.Encode(object, &text))
	ok(t, protobufOne.Encode(object, &binary))
	return bytes.TrimSpace(text.Bytes()), binary.Bytes()
}

// served are the resources whose objects client-go knows.
func served(t *testing.T, config *rest.Config, verb string) map[schema.GroupVersionResource]metav1.APIResource {
	t.Helper()
	client, err := discovery.NewDiscoveryClientForConfig(config)
	ok(t, err)
	_, lists, err := client.ServerGroupsAndResources()
	ok(t, err)
	found := map[schema.GroupVersionResource]metav1.APIResource{}
	for _, list := range lists {
		version, err := schema.ParseGroupVersion(list.GroupVersion)
		ok(t, err)
		for _, one := range list.APIResources {
			if slices.Contains(one.Verbs, verb) && !strings.Contains(one.Name, "/") && scheme.Scheme.Recognizes(version.WithKind(one.Kind)) {
				found[version.WithResource(one.Name)] = one
			}
		}
	}
	if len(found) < 40 {
		t.Fatalf("only %d resources can %s", len(found), verb)
	}
	return found
}

// raw sends one request, of which only the answer counts.
func raw(t *testing.T, config *rest.Config, method, path, contentType, accept string, body []byte) (int, []byte) {
	t.Helper()
	client, err := rest.HTTPClientFor(config)
	ok(t, err)
	request, err := http.NewRequestWithContext(context.Background(), method, config.Host+path, bytes.NewReader(body))
	ok(t, err)
	request.Header.Set("Accept", accept)
	if body != nil {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := client.Do(request)
	ok(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	ok(t, err)
	return response.StatusCode, text
}

func pathOf(resource schema.GroupVersionResource, namespace string) string {
	root := "/apis/" + resource.Group + "/" + resource.Version
	if resource.Group == "" {
		root = "/api/" + resource.Version
	}
	if namespace != "" {
		root += "/namespaces/" + namespace
	}
	return root + "/" + resource.Resource
}

func TestListsAreAlikeInBothForms(t *testing.T) {
	config := configOf(t)
	for resource, one := range served(t, config, "list") {
		if one.Kind == "Lease" || one.Kind == "Node" || one.Kind == "Event" {
			continue // Their time goes on between the two requests.
		}
		var lists [2]runtime.Object
		for index, accept := range []string{"application/json", protobufType} {
			code, body := raw(t, config, "GET", pathOf(resource, ""), "", accept, nil)
			equal(t, resource.String(), code, 200)
			object, _, err := scheme.Codecs.UniversalDeserializer().Decode(body, nil, nil)
			ok(t, err)
			lists[index] = object
		}
		if !equality.Semantic.DeepEqual(lists[0], lists[1]) {
			t.Errorf("%s is one thing in JSON, another in protobuf:\n%v\n%v", resource, lists[0], lists[1])
		}
	}
}

// What is wrong with an object, and what becomes of it if nothing is, must not depend on the form it is sent in.
func TestGeneratedObjectsAreTakenAlikeInBothForms(t *testing.T) {
	config := configOf(t)
	namespace := namespaceOf(t, clientFor(t, config))
	filler := maker()
	resources := served(t, config, "create")
	ordered := make([]schema.GroupVersionResource, 0, len(resources))
	for resource := range resources {
		ordered = append(ordered, resource)
	}
	slices.SortFunc(ordered, func(a, b schema.GroupVersionResource) int { return strings.Compare(a.String(), b.String()) })
	for _, resource := range ordered {
		one, in := resources[resource], ""
		if one.Namespaced {
			in = namespace
		}
		for range postsPerKind {
			object := madeOf(filler, resource.GroupVersion().WithKind(one.Kind))
			accessor, err := meta.Accessor(object)
			ok(t, err)
			for _, set := range []func(string){accessor.SetGenerateName, accessor.SetResourceVersion, accessor.SetSelfLink} {
				set("")
			}
			accessor.SetName("generated")
			accessor.SetNamespace(in)
			accessor.SetUID("")
			accessor.SetManagedFields(nil)
			asJSON, asProtobuf := encoded(t, object)
			path := pathOf(resource, in) + "?dryRun=All"
			code, answer := raw(t, config, "POST", path, "application/json", "application/json", asJSON)
			other, otherAnswer := raw(t, config, "POST", path, protobufType, "application/json", asProtobuf)
			first, second := difference(comparableOf(t, answer), comparableOf(t, otherAnswer))
			if code != other || first != second {
				t.Errorf("%s: in JSON %d\n%s\nin protobuf %d\n%s\nof %s", resource, code, first, other, second, asJSON)
				break
			}
		}
	}
}

// comparableOf leaves out what differs between any two creations.
func comparableOf(t *testing.T, answer []byte) string {
	t.Helper()
	var object map[string]any
	ok(t, json.Unmarshal(answer, &object))
	if metadata, isObject := object["metadata"].(map[string]any); isObject {
		for _, name := range []string{"uid", "creationTimestamp", "managedFields", "deletionTimestamp"} {
			delete(metadata, name)
		}
	}
	text, err := json.Marshal(object)
	ok(t, err)
	return uid.ReplaceAllString(string(text), "a-uid")
}

// difference cuts two texts to the place where they part.
func difference(one, other string) (string, string) {
	const around = 200
	start := 0
	for start < min(len(one), len(other)) && one[start] == other[start] {
		start++
	}
	cut := func(text string) string { return text[max(start-around, 0):min(start+around, len(text))] }
	return cut(one), cut(other)
}
