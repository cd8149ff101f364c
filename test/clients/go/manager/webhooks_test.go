package manager

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/retry"
	"sigs.k8s.io/controller-runtime/pkg/client"

	v1 "flotilla/clients/manager/api/v1"
	"flotilla/clients/manager/api/v1alpha1"
)

func TestDefaultsAreFilledIn(t *testing.T) {
	ctx, namespace := contextOf(t), namespaceOf(t)
	site := siteNamed(namespace, "defaulted")
	ok(t, administrator.Create(ctx, site, client.DryRunAll))
	equal(t, "image", site.Spec.Image, defaultImage)
	equal(t, "replicas", *site.Spec.Replicas, 1)
	equal(t, "port", site.Spec.Port, 80)
	equal(t, "made by", site.Annotations["sites.example.com/created-by"], "kubernetes-admin")
	err := administrator.Get(ctx, client.ObjectKeyFromObject(site), site)
	equal(t, "a trial leaves nothing", apierrors.IsNotFound(err), true)
}

func TestRulesAreKept(t *testing.T) {
	ctx, namespace := contextOf(t), namespaceOf(t)
	six := int32(6)
	site := siteNamed(namespace, "judged")
	site.Spec.Replicas = &six
	err := administrator.Create(ctx, site)
	refused(t, err, apierrors.IsInvalid, `admission webhook "rules.sites.example.com" denied the request: `+
		`Site.sites.example.com "judged" is invalid: spec.replicas: Invalid value: 6: must be at most 5`)
	zero := int32(0)
	site.Spec.Replicas = &zero
	ok(t, administrator.Create(ctx, site))
	equal(t, "warned", warnings.has("spec.replicas: nobody will serve "+site.Spec.Host), true)

	host := client.RawPatch("application/merge-patch+json", []byte(`{"spec":{"host":"other.example.com"}}`))
	refused(t, administrator.Patch(ctx, site, host), apierrors.IsInvalid,
		`Site.sites.example.com "judged" is invalid: spec.host: Invalid value: host is for ever`)

	keep := client.RawPatch("application/merge-patch+json", []byte(`{"metadata":{"annotations":{"sites.example.com/keep":"true"}}}`))
	ok(t, administrator.Patch(ctx, site, keep))
	refused(t, administrator.Delete(ctx, site), apierrors.IsForbidden,
		`admission webhook "rules.sites.example.com" denied the request: site "judged" is to be kept`)
	let := client.RawPatch("application/merge-patch+json", []byte(`{"metadata":{"annotations":{"sites.example.com/keep":null}}}`))
	ok(t, administrator.Patch(ctx, site, let))
	ok(t, administrator.Delete(ctx, site))
}

func TestRulesHoldInEveryVersion(t *testing.T) {
	ctx, namespace := contextOf(t), namespaceOf(t)
	six := int32(6)
	site := &v1alpha1.Site{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "old"},
		Spec:       v1alpha1.SiteSpec{Address: "old." + namespace + ".example.com:8080", Size: &six},
	}
	// The webhook knows v1 alone: the server converts for it.
	refused(t, administrator.Create(ctx, site), apierrors.IsInvalid, "must be at most 5")
	site.Spec.Size = nil
	ok(t, administrator.Create(ctx, site))
	equal(t, "default in the older version", site.Spec.Image, defaultImage)
	equal(t, "default in the older version", *site.Spec.Size, 1)
}

func TestRulesBehindAServiceAreKept(t *testing.T) {
	ctx, namespace := contextOf(t), namespaceOf(t)
	pages := &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "pages", Labels: map[string]string{"sites.example.com/pages": "true"}},
		Data:       map[string]string{"index.html": "<script src=x>"},
	}
	refused(t, administrator.Create(ctx, pages), apierrors.IsForbidden,
		`admission webhook "pages.sites.example.com" denied the request: index.html has a script`)
	pages.Data = map[string]string{"index.html": "<p>"}
	ok(t, administrator.Create(ctx, pages))
	// What the reconciler writes is judged, too.
	site := siteNamed(namespace, "scripted")
	site.Spec.Pages = map[string]string{"index.html": "<script>"}
	ok(t, administrator.Create(ctx, site))
	eventually(t, func() error {
		if passes := reconciler.Passes(client.ObjectKeyFromObject(site)); passes < 2 {
			return errRetry
		}
		return nil
	})
	err := administrator.Get(ctx, client.ObjectKeyFromObject(site), &corev1.ConfigMap{})
	equal(t, "no pages", apierrors.IsNotFound(err), true)
}

func refused(t *testing.T, err error, is func(error) bool, text string) {
	t.Helper()
	if err == nil || !is(err) || !strings.Contains(err.Error(), text) {
		t.Fatalf("refused with %v, want %s", err, text)
	}
}

func TestVersionsAreConverted(t *testing.T) {
	ctx, namespace := contextOf(t), namespaceOf(t)
	two := int32(2)
	old := &v1alpha1.Site{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "converted"},
		Spec:       v1alpha1.SiteSpec{Address: "converted." + namespace + ".example.com:8080", Image: "registry.example/x:1", Size: &two},
	}
	ok(t, administrator.Create(ctx, old))
	equal(t, "warned", warnings.has("sites.example.com/v1alpha1 Site is deprecated; use sites.example.com/v1 Site"), true)
	site := siteNamed(namespace, "converted")
	eventually(t, func() error { return isReady(ctx, site) })
	equal(t, "host", site.Spec.Host, "converted."+namespace+".example.com")
	equal(t, "port", site.Spec.Port, 8080)
	equal(t, "replicas", *site.Spec.Replicas, 2)

	before := site.DeepCopyObject().(*v1.Site)
	site.Spec.Pages = map[string]string{"a.html": "a"}
	ok(t, administrator.Patch(ctx, site, client.MergeFrom(before)))
	ok(t, administrator.Get(ctx, client.ObjectKeyFromObject(site), old))
	equal(t, "kept for the older version", old.Annotations["sites.example.com/pages"], `{"a.html":"a"}`)
	equal(t, "status in the older version", old.Status.ReadyReplicas, 2)
	// A round trip through the older version loses nothing.
	three := int32(3)
	ok(t, retry.RetryOnConflict(retry.DefaultRetry, func() error {
		if err := administrator.Get(ctx, client.ObjectKeyFromObject(old), old); err != nil {
			return err
		}
		old.Spec.Size = &three
		return administrator.Update(ctx, old)
	}))
	ok(t, administrator.Get(ctx, client.ObjectKeyFromObject(site), site))
	equal(t, "page", site.Spec.Pages["a.html"], "a")
	equal(t, "replicas", *site.Spec.Replicas, 3)

	list := &v1alpha1.SiteList{}
	ok(t, administrator.List(ctx, list, client.InNamespace(namespace), client.MatchingFields{"spec.address": old.Spec.Address}))
	equal(t, "listed", len(list.Items), 1)
	old.Spec.Address = "nowhere"
	if err := administrator.Update(ctx, old); err == nil || !strings.Contains(err.Error(), "conversion webhook for sites.example.com/v1alpha1, Kind=Site failed: spec.address: address nowhere: missing port in address") {
		t.Fatalf("refused with %v", err)
	}
}
