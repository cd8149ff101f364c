package clients

import (
	"context"
	"slices"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/scale"
	"k8s.io/client-go/util/retry"
)

func TestDiscoveryIsAggregated(t *testing.T) {
	config, recorded := recording(configOf(t))
	client, err := discovery.NewDiscoveryClientForConfig(config)
	ok(t, err)
	groups, resources, err := client.ServerGroupsAndResources()
	ok(t, err)
	equal(t, "requests", len(recorded.requests()), 2)
	equal(t, "groups are many", len(groups) > 15, true)
	var all int
	for _, list := range resources {
		all += len(list.APIResources)
	}
	equal(t, "resources are many", all > 60, true)

	version, err := client.ServerVersion()
	ok(t, err)
	equal(t, "version", version.GitVersion, "v1.35.2")
	preferred, err := client.ServerPreferredNamespacedResources()
	ok(t, err)
	deletable := discovery.FilteredBy(discovery.SupportsAllVerbs{Verbs: []string{"delete", "list", "watch"}}, preferred)
	found, err := discovery.GroupVersionResources(deletable)
	ok(t, err)
	_, has := found[deployments]
	equal(t, "deployments can be deleted", has, true)
}

func TestDiscoveryWithoutAggregationSaysTheSame(t *testing.T) {
	aggregated, err := discovery.NewDiscoveryClientForConfig(configOf(t))
	ok(t, err)
	legacy, err := discovery.NewDiscoveryClientForConfig(configOf(t))
	ok(t, err)
	legacy.UseLegacyDiscovery = true
	names := func(client discovery.DiscoveryInterface) []string {
		_, resources, err := client.ServerGroupsAndResources()
		ok(t, err)
		var all []string
		for _, list := range resources {
			for _, one := range list.APIResources {
				slices.Sort(one.Verbs)
				all = append(all, list.GroupVersion+" "+one.Name+" "+one.Kind+" "+one.Verbs.String())
			}
		}
		slices.Sort(all)
		return all
	}
	one, other := names(aggregated), names(legacy)
	equal(t, "resources", len(one), len(other))
	for index := range one {
		equal(t, "resource", one[index], other[index])
	}
}

func TestOpenAPI(t *testing.T) {
	client := clientOf(t).Discovery()
	second, err := client.OpenAPISchema()
	ok(t, err)
	equal(t, "definitions are many", len(second.GetDefinitions().GetAdditionalProperties()) > 300, true)
	paths, err := client.OpenAPIV3().Paths()
	ok(t, err)
	document, err := paths["apis/apps/v1"].Schema("application/json")
	ok(t, err)
	equal(t, "it says something", len(document) > 100_000, true)
}

func TestScaleClient(t *testing.T) {
	config := configOf(t)
	client, ctx := clientFor(t, config), contextOf(t)
	namespace := namespaceOf(t, client)
	_, err := client.AppsV1().Deployments(namespace).Create(ctx, deploymentNamed("web", 1), metav1.CreateOptions{})
	ok(t, err)

	cached := memory.NewMemCacheClient(client.Discovery())
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(cached)
	scales, err := scale.NewForConfig(config, mapper, dynamic.LegacyAPIPathResolverFunc, scale.NewDiscoveryScaleKindResolver(cached))
	ok(t, err)
	resource := schema.GroupResource{Group: "apps", Resource: "deployments"}
	mine := scales.Scales(namespace)
	found, err := mine.Get(ctx, resource, "web", metav1.GetOptions{})
	ok(t, err)
	equal(t, "replicas", found.Spec.Replicas, 1)
	equal(t, "selector", found.Status.Selector, "app=web")
	ok(t, retry.RetryOnConflict(retry.DefaultRetry, func() error {
		found, err := mine.Get(ctx, resource, "web", metav1.GetOptions{})
		if err != nil {
			return err
		}
		found.Spec.Replicas = 3
		_, err = mine.Update(ctx, resource, found, metav1.UpdateOptions{})
		return err
	}))
	_, err = mine.Patch(ctx, deployments, "web", "application/merge-patch+json", []byte(`{"spec":{"replicas":2}}`), metav1.PatchOptions{})
	ok(t, err)
	eventually(t, "two are there", func(ctx context.Context) (bool, error) {
		found, err := mine.Get(ctx, resource, "web", metav1.GetOptions{})
		return err == nil && found.Status.Replicas == 2, err
	})
	typed, err := client.AppsV1().Deployments(namespace).GetScale(ctx, "web", metav1.GetOptions{})
	ok(t, err)
	equal(t, "typed", typed.Spec.Replicas, 2)
}
