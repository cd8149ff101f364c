package manager

import (
	"errors"
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	v1 "flotilla/clients/manager/api/v1"
	"flotilla/clients/manager/api/v1alpha1"
)

func TestTheCacheIsIndexed(t *testing.T) {
	ctx, namespace := contextOf(t), namespaceOf(t)
	first := createSite(t, ctx, siteNamed(namespace, "first"))
	createSite(t, ctx, siteNamed(namespace, "second"))
	found := &v1.SiteList{}
	ok(t, operator.GetClient().List(ctx, found, client.MatchingFields{hostIndex: first.Spec.Host}))
	equal(t, "found in the cache", len(found.Items), 1)
	equal(t, "found in the cache", found.Items[0].Name, "first")
	// The server selects by the same field, as the definition has it.
	ok(t, operator.GetAPIReader().List(ctx, found, client.MatchingFields{hostIndex: first.Spec.Host}))
	equal(t, "found by the server", len(found.Items), 1)
	err := operator.GetAPIReader().List(ctx, found, client.MatchingFields{"spec.image": defaultImage})
	equal(t, "refused", err != nil && err.Error() == "field label not supported: spec.image", true)
}

func TestTheIndexTellsWhoWasFirst(t *testing.T) {
	ctx, namespace := contextOf(t), namespaceOf(t)
	first := createSite(t, ctx, siteNamed(namespace, "a"))
	second := siteNamed(namespace, "b")
	second.Spec.Host = first.Spec.Host
	ok(t, administrator.Create(ctx, second))
	eventually(t, func() error {
		if err := administrator.Get(ctx, client.ObjectKeyFromObject(second), second); err != nil {
			return err
		}
		condition := meta.FindStatusCondition(second.Status.Conditions, readyCondition)
		if condition == nil || condition.Reason != "HostTaken" {
			return fmt.Errorf("condition %+v", condition)
		}
		return nil
	})
	if condition := meta.FindStatusCondition(second.Status.Conditions, readyCondition); condition.Status != metav1.ConditionFalse {
		t.Fatalf("condition %+v", condition)
	}
}

func TestTheCacheFollowsTheCluster(t *testing.T) {
	ctx, namespace := contextOf(t), namespaceOf(t)
	cached := operator.GetClient()
	key := client.ObjectKey{Namespace: namespace, Name: "cached"}
	made := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: key.Namespace, Name: key.Name}}
	ok(t, administrator.Create(ctx, made))
	seen := &corev1.ConfigMap{}
	eventually(t, func() error { return cached.Get(ctx, key, seen) })
	equal(t, "seen", seen.ResourceVersion, made.ResourceVersion)
	ok(t, administrator.Delete(ctx, made))
	eventually(t, func() error {
		if err := cached.Get(ctx, key, seen); err == nil {
			return errors.New("the cache has not seen it go")
		} else {
			return client.IgnoreNotFound(err)
		}
	})
}

func TestTheCacheSpeaksOfOlderVersions(t *testing.T) {
	ctx, namespace := contextOf(t), namespaceOf(t)
	site := createSite(t, ctx, siteNamed(namespace, "aged"))
	key := client.ObjectKeyFromObject(site)
	old := &v1alpha1.Site{}
	eventually(t, func() error { return operator.GetClient().Get(ctx, key, old) })
	equal(t, "address", old.Spec.Address, site.Spec.Host+":80")
	patch := client.RawPatch("application/merge-patch+json", []byte(`{"spec":{"port":8080}}`))
	ok(t, administrator.Patch(ctx, site, patch))
	// Its watch has every change converted.
	eventually(t, func() error {
		if err := operator.GetClient().Get(ctx, key, old); err != nil || old.Spec.Address == site.Spec.Host+":8080" {
			return err
		}
		return fmt.Errorf("the cache has %s", old.Spec.Address)
	})
}

func TestMetadataAloneCanBeCached(t *testing.T) {
	ctx, namespace := contextOf(t), namespaceOf(t)
	site := createSite(t, ctx, siteNamed(namespace, "partial"))
	partial := &metav1.PartialObjectMetadata{}
	partial.SetGroupVersionKind(v1.GroupVersion.WithKind("Site"))
	ok(t, operator.GetClient().Get(ctx, client.ObjectKeyFromObject(site), partial))
	equal(t, "uid", partial.UID, site.UID)
	list := &metav1.PartialObjectMetadataList{}
	list.SetGroupVersionKind(v1.GroupVersion.WithKind("SiteList"))
	ok(t, operator.GetClient().List(ctx, list, client.InNamespace(namespace)))
	equal(t, "listed", len(list.Items), 1)
}
