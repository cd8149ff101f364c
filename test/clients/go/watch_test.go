package clients

import (
	"context"
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/pager"
	watchtools "k8s.io/client-go/tools/watch"
)

// next is the next event of a watch.
func next(t *testing.T, events watch.Interface) watch.Event {
	t.Helper()
	select {
	case event, open := <-events.ResultChan():
		if !open {
			t.Fatal("the watch has ended")
		}
		return event
	case <-time.After(testTimeout):
		t.Fatal("no event came")
		return watch.Event{}
	}
}

func expectEvent(t *testing.T, events watch.Interface, kind watch.EventType, name string) {
	t.Helper()
	event := next(t, events)
	found, isConfigMap := event.Object.(*corev1.ConfigMap)
	if !isConfigMap {
		t.Fatalf("%s of a %T", event.Type, event.Object)
	}
	equal(t, "event", fmt.Sprint(event.Type, found.Name), fmt.Sprint(kind, name))
}

func TestWatchFollowsASelector(t *testing.T) {
	client, ctx := clientOf(t), contextOf(t)
	namespace := namespaceOf(t, client)
	maps := client.CoreV1().ConfigMaps(namespace)
	list, err := maps.List(ctx, metav1.ListOptions{})
	ok(t, err)
	events, err := maps.Watch(ctx, metav1.ListOptions{ResourceVersion: list.ResourceVersion, LabelSelector: "on=yes"})
	ok(t, err)
	defer events.Stop()

	object := configMapNamed("a", nil)
	object.Labels = map[string]string{"on": "yes"}
	made, err := maps.Create(ctx, object, metav1.CreateOptions{})
	ok(t, err)
	expectEvent(t, events, watch.Added, "a")
	made.Labels["on"] = "no"
	made, err = maps.Update(ctx, made, metav1.UpdateOptions{})
	ok(t, err)
	expectEvent(t, events, watch.Deleted, "a")
	made.Labels["on"] = "yes"
	made, err = maps.Update(ctx, made, metav1.UpdateOptions{})
	ok(t, err)
	expectEvent(t, events, watch.Added, "a")
	ok(t, maps.Delete(ctx, "a", metav1.DeleteOptions{}))
	expectEvent(t, events, watch.Deleted, "a")
}

func TestWatchBookmarkEndsInitialEvents(t *testing.T) {
	client, ctx := clientOf(t), contextOf(t)
	namespace := namespaceOf(t, client)
	create(t, client, namespace, "a")
	yes, seconds := true, int64(1)
	events, err := client.CoreV1().ConfigMaps(namespace).Watch(ctx, metav1.ListOptions{
		SendInitialEvents: &yes, AllowWatchBookmarks: true, TimeoutSeconds: &seconds,
		ResourceVersionMatch: metav1.ResourceVersionMatchNotOlderThan,
		FieldSelector:        "metadata.name=a",
	})
	ok(t, err)
	defer events.Stop()
	expectEvent(t, events, watch.Added, "a")
	event := next(t, events)
	equal(t, "event", event.Type, watch.Bookmark)
	marked := event.Object.(*corev1.ConfigMap)
	equal(t, "annotation", marked.Annotations[metav1.InitialEventsAnnotationKey], "true")
	equal(t, "resource version given", marked.ResourceVersion != "", true)
	for event := range events.ResultChan() {
		equal(t, "what comes before the end", event.Type, watch.Bookmark)
	}
}

func TestRetryWatcherAndUntilWithSync(t *testing.T) {
	client, ctx := clientOf(t), contextOf(t)
	namespace := namespaceOf(t, client)
	first := create(t, client, namespace, "first")
	source := cache.NewListWatchFromClient(client.CoreV1().RESTClient(), "configmaps", namespace, fields.Everything())
	retried, err := watchtools.NewRetryWatcherWithContext(ctx, first.ResourceVersion, source)
	ok(t, err)
	defer retried.Stop()
	create(t, client, namespace, "second")
	for {
		event := next(t, retried)
		if event.Object.(*corev1.ConfigMap).Name == "second" {
			break
		}
	}
	seen := func(event watch.Event) (bool, error) { return event.Object.(*corev1.ConfigMap).Name == "second", nil }
	_, err = watchtools.UntilWithSync(ctx, source, &corev1.ConfigMap{}, nil, seen)
	ok(t, err)
}

func TestPagesAreOneSnapshot(t *testing.T) {
	const count, size = 25, 10
	client, ctx := clientOf(t), contextOf(t)
	namespace := namespaceOf(t, client)
	maps := client.CoreV1().ConfigMaps(namespace)
	for index := range count {
		object := configMapNamed(fmt.Sprintf("page-%02d", index), nil)
		object.Labels = map[string]string{"paged": "yes"}
		_, err := maps.Create(ctx, object, metav1.CreateOptions{})
		ok(t, err)
	}
	page, err := maps.List(ctx, metav1.ListOptions{Limit: size})
	ok(t, err)
	equal(t, "remaining", *page.RemainingItemCount, int64(count+1-size)) // With kube-root-ca.crt.
	ok(t, maps.Delete(ctx, fmt.Sprintf("page-%02d", count-1), metav1.DeleteOptions{}))
	version, seen := page.ResourceVersion, len(page.Items)
	for page.Continue != "" {
		page, err = maps.List(ctx, metav1.ListOptions{Limit: size, Continue: page.Continue})
		ok(t, err)
		equal(t, "version", page.ResourceVersion, version)
		seen += len(page.Items)
	}
	equal(t, "seen", seen, count+1)

	names := map[string]bool{}
	lister := pager.New(pager.SimplePageFunc(func(options metav1.ListOptions) (runtime.Object, error) {
		return maps.List(ctx, options)
	}))
	lister.PageSize = size
	ok(t, lister.EachListItem(ctx, metav1.ListOptions{LabelSelector: "paged=yes"}, func(object runtime.Object) error {
		names[object.(*corev1.ConfigMap).Name] = true
		return nil
	}))
	equal(t, "seen by the pager", len(names), count-1)
	_, err = maps.List(context.Background(), metav1.ListOptions{Limit: size, Continue: "nonsense"})
	equal(t, "bad token", apierrors.IsBadRequest(err), true)
}
