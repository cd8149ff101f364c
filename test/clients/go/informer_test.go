package clients

import (
	"context"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
)

// informerOf starts an informer over the config maps of one namespace.
type informerOf func(t *testing.T, config *rest.Config, namespace string, stop <-chan struct{}) cache.SharedIndexInformer

var informerKinds = map[string]informerOf{
	"typed": func(t *testing.T, config *rest.Config, namespace string, stop <-chan struct{}) cache.SharedIndexInformer {
		factory := informers.NewSharedInformerFactoryWithOptions(clientFor(t, config), 0, informers.WithNamespace(namespace))
		informer := factory.Core().V1().ConfigMaps().Informer()
		factory.Start(stop)
		return informer
	},
	"dynamic": func(t *testing.T, config *rest.Config, namespace string, stop <-chan struct{}) cache.SharedIndexInformer {
		client, err := dynamic.NewForConfig(config)
		ok(t, err)
		factory := dynamicinformer.NewFilteredDynamicSharedInformerFactory(client, 0, namespace, nil)
		informer := factory.ForResource(configMaps).Informer()
		factory.Start(stop)
		return informer
	},
	"metadata": func(t *testing.T, config *rest.Config, namespace string, stop <-chan struct{}) cache.SharedIndexInformer {
		client, err := metadata.NewForConfig(config)
		ok(t, err)
		factory := metadatainformer.NewFilteredSharedInformerFactory(client, 0, namespace, nil)
		informer := factory.ForResource(configMaps).Informer()
		factory.Start(stop)
		return informer
	},
}

func TestInformersSyncByWatchList(t *testing.T) {
	for name, start := range informerKinds {
		t.Run(name, func(t *testing.T) {
			client, ctx := clientOf(t), contextOf(t)
			namespace := namespaceOf(t, client)
			maps := client.CoreV1().ConfigMaps(namespace)
			create(t, client, namespace, "first")

			config, recorded := recording(configOf(t))
			stop := make(chan struct{})
			defer close(stop)
			informer := start(t, config, namespace, stop)
			equal(t, "synced", cache.WaitForCacheSync(ctx.Done(), informer.HasSynced), true)
			has := func(name string, want bool) {
				t.Helper()
				eventually(t, name, func(context.Context) (bool, error) {
					_, found, err := informer.GetStore().GetByKey(namespace + "/" + name)
					return found == want, err
				})
			}
			has("first", true)
			create(t, client, namespace, "second")
			has("second", true)
			ok(t, maps.Delete(ctx, "first", metav1.DeleteOptions{}))
			has("first", false)

			for _, request := range recorded.requests() {
				if !strings.Contains(request.query, "sendInitialEvents=true") {
					t.Errorf("it fell back to %s %s?%s", request.method, request.path, request.query)
				}
			}
		})
	}
}

func create(t *testing.T, client kubernetes.Interface, namespace, name string) *corev1.ConfigMap {
	t.Helper()
	made, err := client.CoreV1().ConfigMaps(namespace).Create(contextOf(t), configMapNamed(name, nil), metav1.CreateOptions{})
	ok(t, err)
	return made
}
