// Package manager is an operator as they are written with controller-runtime: two versions of a custom resource with
// conversion, admission webhooks, and a reconciler of what each object owns.
package manager

import (
	"context"
	"fmt"
	"sync"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	appsv1ac "k8s.io/client-go/applyconfigurations/apps/v1"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"
	metav1ac "k8s.io/client-go/applyconfigurations/meta/v1"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	v1 "flotilla/clients/manager/api/v1"
)

const (
	systemNamespace = "site-system"
	finalizer       = "sites.example.com/registration"
	hostIndex       = "spec.host"
	readyCondition  = "Ready"
)

// registry is the ConfigMap in which all hosts are registered; being in another namespace, it can have no owner.
var registry = client.ObjectKey{Namespace: systemNamespace, Name: "hosts"}

// SiteReconciler makes of each Site a Deployment and a ConfigMap, and registers its host.
type SiteReconciler struct {
	client.Client
	Recorder events.EventRecorder

	mutex  sync.Mutex
	passes map[client.ObjectKey]int
}

func (r *SiteReconciler) SetupWithManager(ctx context.Context, mgr ctrl.Manager) error {
	index := func(object client.Object) []string { return []string{object.(*v1.Site).Spec.Host} }
	if err := mgr.GetFieldIndexer().IndexField(ctx, &v1.Site{}, hostIndex, index); err != nil {
		return err
	}
	return ctrl.NewControllerManagedBy(mgr).
		For(&v1.Site{}, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Owns(&appsv1.Deployment{}).
		Owns(&corev1.ConfigMap{}, builder.MatchEveryOwner).
		Complete(r)
}

func (r *SiteReconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	r.count(request.NamespacedName)
	site := &v1.Site{}
	if err := r.Get(ctx, request.NamespacedName, site); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if !site.DeletionTimestamp.IsZero() {
		return ctrl.Result{}, r.cleanUp(ctx, site)
	}
	if !controllerutil.ContainsFinalizer(site, finalizer) {
		before := site.DeepCopyObject().(*v1.Site)
		controllerutil.AddFinalizer(site, finalizer)
		if err := r.Patch(ctx, site, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})); err != nil {
			return ctrl.Result{}, err
		}
	}
	holder, err := r.holderOf(ctx, site.Spec.Host)
	if err != nil {
		return ctrl.Result{}, err
	}
	if holder != nil && holder.UID != site.UID {
		r.Recorder.Eventf(site, holder, corev1.EventTypeWarning, "HostTaken", "Register", "%s has it", holder.Name)
		return ctrl.Result{}, r.report(ctx, site, nil, metav1.ConditionFalse, "HostTaken")
	}
	if err := r.register(ctx, site, true); err != nil {
		return ctrl.Result{}, err
	}
	if err := r.writePages(ctx, site); err != nil {
		return ctrl.Result{}, err
	}
	if err := r.Apply(ctx, deploymentOf(site), client.FieldOwner("site-manager"), client.ForceOwnership); err != nil {
		return ctrl.Result{}, err
	}
	deployment := &appsv1.Deployment{}
	if err := r.Get(ctx, request.NamespacedName, deployment); err != nil {
		// The cache has not seen it yet; it will wake this up when it does.
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if !isRolledOut(deployment, site) {
		return ctrl.Result{}, r.report(ctx, site, deployment, metav1.ConditionFalse, "Starting")
	}
	return ctrl.Result{}, r.report(ctx, site, deployment, metav1.ConditionTrue, "Serving")
}

// holderOf reads the index: the oldest of all that want the host.
func (r *SiteReconciler) holderOf(ctx context.Context, host string) (*v1.Site, error) {
	sites := &v1.SiteList{}
	if err := r.List(ctx, sites, client.MatchingFields{hostIndex: host}); err != nil {
		return nil, err
	}
	var oldest *v1.Site
	for i := range sites.Items {
		each := &sites.Items[i]
		if oldest == nil || isOlder(each, oldest) {
			oldest = each
		}
	}
	return oldest, nil
}

func isOlder(a, b *v1.Site) bool {
	if !a.CreationTimestamp.Equal(&b.CreationTimestamp) {
		return a.CreationTimestamp.Before(&b.CreationTimestamp)
	}
	return a.Name < b.Name
}

// register writes the host to the registry, or takes it out.
func (r *SiteReconciler) register(ctx context.Context, site *v1.Site, isWanted bool) error {
	hosts := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: registry.Namespace, Name: registry.Name}}
	_, err := controllerutil.CreateOrUpdate(ctx, r.Client, hosts, func() error {
		if hosts.Data == nil {
			hosts.Data = map[string]string{}
		}
		if isWanted {
			hosts.Data[site.Spec.Host] = site.Namespace + "." + site.Name
		} else if hosts.Data[site.Spec.Host] == site.Namespace+"."+site.Name {
			delete(hosts.Data, site.Spec.Host)
		}
		return nil
	})
	return err
}

func (r *SiteReconciler) writePages(ctx context.Context, site *v1.Site) error {
	pages := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: site.Namespace, Name: site.Name}}
	result, err := controllerutil.CreateOrUpdate(ctx, r.Client, pages, func() error {
		metav1.SetMetaDataLabel(&pages.ObjectMeta, "sites.example.com/pages", "true")
		pages.Data = site.Spec.Pages
		return controllerutil.SetControllerReference(site, pages, r.Scheme())
	})
	if result == controllerutil.OperationResultCreated {
		r.Recorder.Eventf(site, pages, corev1.EventTypeNormal, "Created", "WritePages", "wrote %d pages", len(pages.Data))
	}
	return err
}

func deploymentOf(site *v1.Site) *appsv1ac.DeploymentApplyConfiguration {
	labels := map[string]string{"site": site.Name}
	owner := metav1ac.OwnerReference().
		WithAPIVersion(v1.GroupVersion.String()).WithKind("Site").WithName(site.Name).WithUID(site.UID).
		WithController(true).WithBlockOwnerDeletion(true)
	container := corev1ac.Container().WithName("web").WithImage(site.Spec.Image).
		WithPorts(corev1ac.ContainerPort().WithContainerPort(site.Spec.Port))
	return appsv1ac.Deployment(site.Name, site.Namespace).
		WithLabels(labels).
		WithOwnerReferences(owner).
		WithSpec(appsv1ac.DeploymentSpec().
			WithReplicas(*site.Spec.Replicas).
			WithSelector(metav1ac.LabelSelector().WithMatchLabels(labels)).
			WithTemplate(corev1ac.PodTemplateSpec().
				WithLabels(labels).
				WithSpec(corev1ac.PodSpec().WithContainers(container))))
}

// isRolledOut also tells a Deployment that the cache still has from before it was applied.
func isRolledOut(deployment *appsv1.Deployment, site *v1.Site) bool {
	spec, status, wanted := deployment.Spec, deployment.Status, *site.Spec.Replicas
	return *spec.Replicas == wanted && spec.Template.Spec.Containers[0].Image == site.Spec.Image && status.ObservedGeneration == deployment.Generation &&
		status.UpdatedReplicas == wanted && status.Replicas == wanted && status.ReadyReplicas == wanted
}

// report writes the status, if it changes anything.
func (r *SiteReconciler) report(
	ctx context.Context, site *v1.Site, deployment *appsv1.Deployment, status metav1.ConditionStatus, reason string,
) error {
	before := site.DeepCopyObject().(*v1.Site)
	if deployment != nil {
		site.Status.Replicas = deployment.Status.Replicas
		site.Status.ReadyReplicas = deployment.Status.ReadyReplicas
		site.Status.Selector = metav1.FormatLabelSelector(deployment.Spec.Selector)
	}
	condition := metav1.Condition{
		Type: readyCondition, Status: status, Reason: reason, ObservedGeneration: site.Generation,
		Message: fmt.Sprintf("%d of %d pods are ready", site.Status.ReadyReplicas, *site.Spec.Replicas),
	}
	wasReady := meta.IsStatusConditionTrue(before.Status.Conditions, readyCondition)
	if meta.SetStatusCondition(&site.Status.Conditions, condition) && !wasReady && status == metav1.ConditionTrue {
		r.Recorder.Eventf(site, deployment, corev1.EventTypeNormal, "Serving", "Report", "%s is served", site.Spec.Host)
	}
	if patch, err := client.MergeFrom(before).Data(site); err != nil || string(patch) == "{}" {
		return err
	}
	return r.Status().Update(ctx, site)
}

func (r *SiteReconciler) cleanUp(ctx context.Context, site *v1.Site) error {
	if !controllerutil.ContainsFinalizer(site, finalizer) {
		return nil
	}
	if err := r.register(ctx, site, false); err != nil {
		return err
	}
	controllerutil.RemoveFinalizer(site, finalizer)
	if err := r.Update(ctx, site); err != nil && !apierrors.IsNotFound(err) {
		return err
	}
	return nil
}

func (r *SiteReconciler) count(key client.ObjectKey) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.passes == nil {
		r.passes = map[client.ObjectKey]int{}
	}
	r.passes[key]++
}

// Passes is how often a Site has been looked at.
func (r *SiteReconciler) Passes(key client.ObjectKey) int {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.passes[key]
}
