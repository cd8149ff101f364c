package manager

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	v1 "flotilla/clients/manager/api/v1"
)

// isReady reads the Site and finds its condition to be of its newest generation.
func isReady(ctx context.Context, site *v1.Site) error {
	if err := administrator.Get(ctx, client.ObjectKeyFromObject(site), site); err != nil {
		return err
	}
	condition := meta.FindStatusCondition(site.Status.Conditions, readyCondition)
	if condition == nil || condition.Status != metav1.ConditionTrue || condition.ObservedGeneration != site.Generation {
		return fmt.Errorf("generation %d has the condition %+v", site.Generation, condition)
	}
	return nil
}

func TestMakesWhatASiteOwns(t *testing.T) {
	ctx, namespace := contextOf(t), namespaceOf(t)
	site := createSite(t, ctx, siteNamed(namespace, "owner"))
	key := client.ObjectKeyFromObject(site)
	deployment, pages := &appsv1.Deployment{}, &corev1.ConfigMap{}
	ok(t, administrator.Get(ctx, key, deployment))
	ok(t, administrator.Get(ctx, key, pages))
	for _, owned := range []client.Object{deployment, pages} {
		owner := metav1.GetControllerOf(owned)
		if owner == nil || owner.UID != site.UID || owner.APIVersion != "sites.example.com/v1" {
			t.Fatalf("%T is controlled by %+v", owned, owner)
		}
	}
	equal(t, "image", deployment.Spec.Template.Spec.Containers[0].Image, defaultImage)
	equal(t, "page", pages.Data["index.html"], "<h1>owner</h1>")
	equal(t, "ready replicas", site.Status.ReadyReplicas, 1)
	equal(t, "finalizer", controllerutil.ContainsFinalizer(site, finalizer), true)
	// The server says who applied what.
	managers := map[string]metav1.ManagedFieldsOperationType{}
	for _, entry := range deployment.ManagedFields {
		managers[entry.Manager] = entry.Operation
	}
	equal(t, "operation of the manager", managers["site-manager"], metav1.ManagedFieldsOperationApply)
}

func TestRepairsWhatASiteOwns(t *testing.T) {
	ctx, namespace := contextOf(t), namespaceOf(t)
	site := createSite(t, ctx, siteNamed(namespace, "repaired"))
	key := client.ObjectKeyFromObject(site)
	deployment, pages := &appsv1.Deployment{}, &corev1.ConfigMap{}
	ok(t, administrator.Get(ctx, key, deployment))
	gone := deployment.UID
	ok(t, administrator.Delete(ctx, deployment))
	eventually(t, func() error {
		if err := administrator.Get(ctx, key, deployment); err != nil {
			return err
		}
		if deployment.UID == gone || deployment.Status.ReadyReplicas != 1 {
			return errors.New("the Deployment is not made again")
		}
		return nil
	})
	ok(t, administrator.Get(ctx, key, pages))
	ok(t, administrator.Patch(ctx, pages, client.RawPatch("application/merge-patch+json", []byte(`{"data":{"index.html":"?"}}`))))
	eventually(t, func() error {
		if err := administrator.Get(ctx, key, pages); err != nil || pages.Data["index.html"] == "<h1>repaired</h1>" {
			return err
		}
		return errors.New("the pages are not written again")
	})
}

func TestFollowsItsSpecification(t *testing.T) {
	ctx, namespace := contextOf(t), namespaceOf(t)
	site := createSite(t, ctx, siteNamed(namespace, "followed"))
	before := site.DeepCopyObject().(*v1.Site)
	three := int32(3)
	site.Spec.Replicas = &three
	site.Spec.Image = "registry.example/pages:2"
	ok(t, administrator.Patch(ctx, site, client.MergeFrom(before)))
	equal(t, "generation", site.Generation, before.Generation+1)
	eventually(t, func() error { return isReady(ctx, site) })
	equal(t, "ready replicas", site.Status.ReadyReplicas, 3)
	// A patch that says which version it is of is refused when that has passed.
	stale := before.DeepCopyObject().(*v1.Site)
	stale.Labels = map[string]string{"late": "true"}
	err := administrator.Patch(ctx, stale, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}))
	equal(t, "conflict", apierrors.IsConflict(err), true)
}

func TestIsScaledThroughItsSubresource(t *testing.T) {
	ctx, namespace := contextOf(t), namespaceOf(t)
	site := createSite(t, ctx, siteNamed(namespace, "scaled"))
	scale := &autoscalingv1.Scale{}
	ok(t, administrator.SubResource("scale").Get(ctx, site, scale))
	equal(t, "scale", scale.Spec.Replicas, 1)
	equal(t, "selector", scale.Status.Selector, "site=scaled")
	scale.Spec.Replicas = 2
	ok(t, administrator.SubResource("scale").Update(ctx, site, client.WithSubResourceBody(scale)))
	eventually(t, func() error { return isReady(ctx, site) })
	equal(t, "ready replicas", site.Status.ReadyReplicas, 2)
}

func TestTellsOfItByEvents(t *testing.T) {
	ctx, namespace := contextOf(t), namespaceOf(t)
	site := createSite(t, ctx, siteNamed(namespace, "told"))
	eventually(t, func() error {
		list := &eventsv1.EventList{}
		if err := administrator.List(ctx, list, client.InNamespace(namespace)); err != nil {
			return err
		}
		notes := map[string]string{}
		for _, event := range list.Items {
			if event.Regarding.UID == site.UID && event.ReportingController == "site-manager" {
				notes[event.Reason] = event.Note
			}
		}
		if notes["Created"] != "wrote 1 pages" || notes["Serving"] != site.Spec.Host+" is served" {
			return fmt.Errorf("events: %v", notes)
		}
		return nil
	})
}

func TestIsNotWokenByWhatIsNoneOfItsBusiness(t *testing.T) {
	ctx, namespace := contextOf(t), namespaceOf(t)
	site := createSite(t, ctx, siteNamed(namespace, "quiet"))
	key := client.ObjectKeyFromObject(site)
	settled := reconciler.Passes(key)
	eventually(t, func() error {
		if now := reconciler.Passes(key); now != settled {
			settled = now
			return errors.New("it is still being looked at")
		}
		time.Sleep(10 * pollInterval)
		if reconciler.Passes(key) != settled {
			return errors.New("it is still being looked at")
		}
		return nil
	})
	patch := client.RawPatch("application/merge-patch+json", []byte(`{"metadata":{"labels":{"seen":"true"}}}`))
	ok(t, administrator.Patch(ctx, site, patch))
	cached := &v1.Site{}
	eventually(t, func() error {
		if err := operator.GetClient().Get(ctx, key, cached); err != nil || cached.Labels["seen"] == "true" {
			return err
		}
		return errors.New("the cache has not seen it")
	})
	consistently(t, 10*pollInterval, func() error {
		if passes := reconciler.Passes(key); passes != settled {
			return fmt.Errorf("%d passes, and %d before", passes, settled)
		}
		return nil
	})
}

func TestCleansUpBeforeASiteGoes(t *testing.T) {
	ctx, namespace := contextOf(t), namespaceOf(t)
	site := createSite(t, ctx, siteNamed(namespace, "leaving"))
	hosts := &corev1.ConfigMap{}
	ok(t, administrator.Get(ctx, registry, hosts))
	equal(t, "registered", hosts.Data[site.Spec.Host], namespace+".leaving")
	ok(t, administrator.Delete(ctx, site))
	key := client.ObjectKeyFromObject(site)
	for _, owned := range []client.Object{&v1.Site{}, &appsv1.Deployment{}, &corev1.ConfigMap{}} {
		eventually(t, func() error {
			if err := administrator.Get(ctx, key, owned); !apierrors.IsNotFound(err) {
				return fmt.Errorf("%T is there: %v", owned, err)
			}
			return nil
		})
	}
	ok(t, administrator.Get(ctx, registry, hosts))
	equal(t, "still registered", hosts.Data[site.Spec.Host], "")
	eventually(t, func() error {
		pods := &corev1.PodList{}
		if err := administrator.List(ctx, pods, client.InNamespace(namespace)); err != nil || len(pods.Items) == 0 {
			return err
		}
		return fmt.Errorf("%d pods are left", len(pods.Items))
	})
}

func TestAFinalizerHoldsASiteBack(t *testing.T) {
	ctx, namespace := contextOf(t), namespaceOf(t)
	site := siteNamed(namespace, "held")
	site.Finalizers = []string{"sites.example.com/somebody-else"}
	createSite(t, ctx, site)
	ok(t, administrator.Delete(ctx, site))
	eventually(t, func() error {
		if err := administrator.Get(ctx, client.ObjectKeyFromObject(site), site); err != nil {
			return err
		}
		if site.DeletionTimestamp.IsZero() || controllerutil.ContainsFinalizer(site, finalizer) {
			return fmt.Errorf("finalizers %v", site.Finalizers)
		}
		return nil
	})
	site.Finalizers = nil
	ok(t, administrator.Update(ctx, site))
	err := administrator.Get(ctx, client.ObjectKeyFromObject(site), site)
	equal(t, "gone", apierrors.IsNotFound(err), true)
}
