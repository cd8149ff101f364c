package clients

import (
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/restmapper"
)

var (
	configMaps  = schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}
	deployments = schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}
)

func TestDynamicClient(t *testing.T) {
	config, ctx := configOf(t), contextOf(t)
	client, err := dynamic.NewForConfig(config)
	ok(t, err)
	typed := clientFor(t, config)
	namespace := namespaceOf(t, typed)

	mapper := restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(typed.Discovery()))
	mapping, err := mapper.RESTMapping(schema.GroupKind{Group: "apps", Kind: "Deployment"})
	ok(t, err)
	equal(t, "mapped resource", mapping.Resource, deployments)
	equal(t, "scope", mapping.Scope.Name(), meta.RESTScopeNameNamespace)

	object := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "apps/v1", "kind": "Deployment",
		"metadata": map[string]any{"name": "web"},
		"spec": map[string]any{
			"replicas": int64(1),
			"selector": map[string]any{"matchLabels": map[string]any{"app": "web"}},
			"template": map[string]any{
				"metadata": map[string]any{"labels": map[string]any{"app": "web"}},
				"spec":     map[string]any{"containers": []any{map[string]any{"name": "app", "image": "registry.example/web:1"}}},
			},
		},
	}}
	mine := client.Resource(mapping.Resource).Namespace(namespace)
	made, err := mine.Create(ctx, object, metav1.CreateOptions{})
	ok(t, err)
	policy, _, err := unstructured.NestedString(made.Object, "spec", "template", "spec", "restartPolicy")
	ok(t, err)
	equal(t, "default", policy, "Always")

	object.SetLabels(map[string]string{"tier": "front"})
	applied, err := mine.Apply(ctx, "web", object, metav1.ApplyOptions{FieldManager: "dynamic", Force: true})
	ok(t, err)
	equal(t, "applied label", applied.GetLabels()["tier"], "front")
	patched, err := mine.Patch(ctx, "web", types.JSONPatchType, []byte(`[{"op":"replace","path":"/spec/replicas","value":2}]`), metav1.PatchOptions{})
	ok(t, err)
	replicas, _, err := unstructured.NestedInt64(patched.Object, "spec", "replicas")
	ok(t, err)
	equal(t, "replicas", replicas, 2)

	list, err := client.Resource(deployments).List(ctx, metav1.ListOptions{LabelSelector: "tier=front"})
	ok(t, err)
	equal(t, "found by label", len(list.Items), 1)
	scale, err := mine.Get(ctx, "web", metav1.GetOptions{}, "scale")
	ok(t, err)
	equal(t, "kind of the subresource", scale.GetKind(), "Scale")
	ok(t, mine.DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{LabelSelector: "tier=front"}))
}

func TestMetadataClient(t *testing.T) {
	config, recorded := recording(configOf(t))
	ctx := contextOf(t)
	client, err := metadata.NewForConfig(config)
	ok(t, err)
	typed := clientOf(t)
	namespace := namespaceOf(t, typed)
	for _, name := range []string{"a", "b"} {
		_, err := typed.CoreV1().ConfigMaps(namespace).Create(ctx, configMapNamed(name, map[string]string{"key": "value"}), metav1.CreateOptions{})
		ok(t, err)
	}
	mine := client.Resource(configMaps).Namespace(namespace)
	list, err := mine.List(ctx, metav1.ListOptions{FieldSelector: "metadata.name=b"})
	ok(t, err)
	equal(t, "listed", len(list.Items), 1)
	equal(t, "name", list.Items[0].Name, "b")
	patched, err := mine.Patch(ctx, "b", types.MergePatchType, []byte(`{"metadata":{"labels":{"x":"y"}}}`), metav1.PatchOptions{})
	ok(t, err)
	equal(t, "label", patched.Labels["x"], "y")
	found, err := typed.CoreV1().ConfigMaps(namespace).Get(ctx, "b", metav1.GetOptions{})
	ok(t, err)
	equal(t, "data is untouched", found.Data["key"], "value")
	ok(t, mine.Delete(ctx, "a", metav1.DeleteOptions{}))
	for _, request := range recorded.requests() {
		if request.method == "GET" {
			equal(t, "answered as", request.answerType[:len(protobufType)], protobufType)
		}
	}
}
