package clients

import (
	"context"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	typedcore "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/tools/events"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"k8s.io/client-go/tools/record"
)

// electorOf campaigns for one lease until its context ends.
func electorOf(client kubernetes.Interface, namespace, identity string, onLead func()) leaderelection.LeaderElectionConfig {
	return leaderelection.LeaderElectionConfig{
		Lock: &resourcelock.LeaseLock{
			LeaseMeta:  metav1.ObjectMeta{Namespace: namespace, Name: "leader"},
			Client:     client.CoordinationV1(),
			LockConfig: resourcelock.ResourceLockConfig{Identity: identity},
		},
		ReleaseOnCancel: true,
		LeaseDuration:   3 * time.Second,
		RenewDeadline:   2 * time.Second,
		RetryPeriod:     200 * time.Millisecond,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(context.Context) { onLead() },
			OnStoppedLeading: func() {},
		},
	}
}

func TestLeaderElection(t *testing.T) {
	client, ctx := clientOf(t), contextOf(t)
	namespace := namespaceOf(t, client)
	leads := make(chan string, 2)
	campaign := func(identity string) context.CancelFunc {
		own, cancel := context.WithCancel(ctx)
		go leaderelection.RunOrDie(own, electorOf(client, namespace, identity, func() { leads <- identity }))
		return cancel
	}
	resign := campaign("one")
	equal(t, "leader", <-leads, "one")
	defer campaign("two")()
	time.Sleep(time.Second)
	equal(t, "leaders beside it", len(leads), 0)
	lease, err := client.CoordinationV1().Leases(namespace).Get(ctx, "leader", metav1.GetOptions{})
	ok(t, err)
	equal(t, "holder", *lease.Spec.HolderIdentity, "one")
	resign()
	equal(t, "next leader", <-leads, "two")
	lease, err = client.CoordinationV1().Leases(namespace).Get(ctx, "leader", metav1.GetOptions{})
	ok(t, err)
	equal(t, "transitions", *lease.Spec.LeaseTransitions >= 1, true)
}

func TestEviction(t *testing.T) {
	client, ctx := clientOf(t), contextOf(t)
	namespace := namespaceOf(t, client)
	evict := func(name string) error {
		eviction := &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace}}
		return client.PolicyV1().Evictions(namespace).Evict(ctx, eviction)
	}
	runPod(t, client, namespace, podNamed("kept"))
	runPod(t, client, namespace, podNamed("loose"))
	all := intstr.FromString("100%")
	budgets := client.PolicyV1().PodDisruptionBudgets(namespace)
	budget, err := budgets.Create(ctx, &policyv1.PodDisruptionBudget{
		ObjectMeta: metav1.ObjectMeta{Name: "all"},
		Spec: policyv1.PodDisruptionBudgetSpec{
			MinAvailable: &all,
			Selector:     &metav1.LabelSelector{MatchLabels: map[string]string{"app": "kept"}},
		},
	}, metav1.CreateOptions{})
	ok(t, err)
	// As its controller would write it, whichever of the two is first.
	budget.Status = policyv1.PodDisruptionBudgetStatus{ObservedGeneration: budget.Generation, CurrentHealthy: 1, DesiredHealthy: 1, ExpectedPods: 1}
	if _, err = budgets.UpdateStatus(ctx, budget, metav1.UpdateOptions{}); !apierrors.IsConflict(err) {
		ok(t, err)
	}

	err = evict("kept")
	equal(t, "too many requests", apierrors.IsTooManyRequests(err), true)
	equal(t, "cause", apierrors.HasStatusCause(err, policyv1.DisruptionBudgetCause), true)
	ok(t, evict("loose"))
	eventually(t, "it goes", func(ctx context.Context) (bool, error) {
		found, err := client.CoreV1().Pods(namespace).Get(ctx, "loose", metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return true, nil
		}
		return err == nil && found.DeletionTimestamp != nil, err
	})
	equal(t, "not found", apierrors.IsNotFound(evict("absent")), true)
}

func TestBindingIsASchedulersWrite(t *testing.T) {
	client, ctx := clientOf(t), contextOf(t)
	namespace := namespaceOf(t, client)
	pod := podNamed("bound")
	pod.Spec.SchedulerName = "mine"
	_, err := client.CoreV1().Pods(namespace).Create(ctx, pod, metav1.CreateOptions{})
	ok(t, err)
	nodes, err := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{LabelSelector: "!node-role.kubernetes.io/control-plane"})
	ok(t, err)
	binding := &corev1.Binding{
		ObjectMeta: metav1.ObjectMeta{Name: "bound"},
		Target:     corev1.ObjectReference{Kind: "Node", Name: nodes.Items[0].Name},
	}
	ok(t, client.CoreV1().Pods(namespace).Bind(ctx, binding, metav1.CreateOptions{}))
	eventually(t, "it runs there", func(ctx context.Context) (bool, error) {
		found, err := client.CoreV1().Pods(namespace).Get(ctx, "bound", metav1.GetOptions{})
		return err == nil && found.Spec.NodeName == nodes.Items[0].Name && isReady(found), err
	})
	err = client.CoreV1().Pods(namespace).Bind(ctx, binding, metav1.CreateOptions{})
	equal(t, "bound once only", apierrors.IsConflict(err), true)
}

func TestEventRecorders(t *testing.T) {
	client := clientOf(t)
	namespace := namespaceOf(t, client)
	about := create(t, client, namespace, "subject")
	about.Kind, about.APIVersion = "ConfigMap", "v1"

	legacy := record.NewBroadcaster()
	defer legacy.Shutdown()
	legacy.StartRecordingToSink(&typedcore.EventSinkImpl{Interface: client.CoreV1().Events("")})
	legacyRecorder := legacy.NewRecorder(scheme.Scheme, corev1.EventSource{Component: "legacy"})
	legacyRecorder.Event(about, corev1.EventTypeNormal, "Seen", "once")
	legacyRecorder.Event(about, corev1.EventTypeNormal, "Seen", "once")

	stop := make(chan struct{})
	defer close(stop)
	broadcaster := events.NewBroadcaster(&events.EventSinkImpl{Interface: client.EventsV1()})
	defer broadcaster.Shutdown()
	broadcaster.StartRecordingToSink(stop)
	recorder := broadcaster.NewRecorder(scheme.Scheme, "present")
	recorder.Eventf(about, nil, corev1.EventTypeWarning, "Failing", "Testing", "note %d", 1)

	eventually(t, "both are seen by both", func(ctx context.Context) (bool, error) {
		core, err := client.CoreV1().Events(namespace).Search(scheme.Scheme, about)
		if err != nil {
			return false, err
		}
		later, err := client.EventsV1().Events(namespace).List(ctx, metav1.ListOptions{})
		if err != nil {
			return false, err
		}
		return saysAll(core.Items, later.Items), nil
	})
}

func saysAll(core []corev1.Event, later []eventsv1.Event) bool {
	var seen, notes []string
	for _, event := range core {
		if event.Count == 2 || event.ReportingController == "present" {
			seen = append(seen, event.Reason)
		}
	}
	for _, event := range later {
		notes = append(notes, event.Note)
	}
	reasons, all := strings.Join(seen, " "), strings.Join(notes, " ")
	return strings.Contains(reasons, "Seen") && strings.Contains(reasons, "Failing") &&
		strings.Contains(all, "once") && strings.Contains(all, "note 1")
}
