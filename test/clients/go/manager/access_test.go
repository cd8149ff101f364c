package manager

import (
	"context"
	"errors"
	"fmt"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

var errRetry = errors.New("not yet")

func accountClient(t *testing.T) client.Client {
	t.Helper()
	own, err := client.New(accountConfig, client.Options{Scheme: operator.GetScheme()})
	ok(t, err)
	return own
}

func TestTheOperatorIsNoAdministrator(t *testing.T) {
	ctx, namespace := contextOf(t), namespaceOf(t)
	own := accountClient(t)
	const name = "system:serviceaccount:site-system:site-manager"
	review := &authenticationv1.SelfSubjectReview{}
	ok(t, own.Create(ctx, review))
	equal(t, "user", review.Status.UserInfo.Username, name)

	refused(t, own.List(ctx, &corev1.SecretList{}), apierrors.IsForbidden,
		`secrets is forbidden: User "`+name+`" cannot list resource "secrets" in API group "" at the cluster scope`)
	site := siteNamed(namespace, "mine")
	refused(t, own.Create(ctx, site), apierrors.IsForbidden,
		`sites.sites.example.com is forbidden: User "`+name+`" cannot create resource "sites" in API group "sites.example.com" in the namespace "`+namespace+`"`)
	binding := &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "climb"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "cluster-admin"},
		Subjects:   []rbacv1.Subject{{Kind: "ServiceAccount", Namespace: systemNamespace, Name: account}},
	}
	refused(t, own.Create(ctx, binding), apierrors.IsForbidden, `cannot create resource "clusterrolebindings"`)

	for verb, allowed := range map[string]bool{"patch": true, "delete": false} {
		access := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
			ResourceAttributes: &authorizationv1.ResourceAttributes{
				Verb: verb, Group: "sites.example.com", Resource: "sites", Namespace: namespace,
			},
		}}
		ok(t, own.Create(ctx, access))
		equal(t, verb, access.Status.Allowed, allowed)
	}
}

// holderOf reads who leads; the name is empty where nobody does.
func holderOf(ctx context.Context, name string) (string, error) {
	lease := &coordinationv1.Lease{}
	err := administrator.Get(ctx, client.ObjectKey{Namespace: systemNamespace, Name: name}, lease)
	if err != nil || lease.Spec.HolderIdentity == nil {
		return "", client.IgnoreNotFound(err)
	}
	return *lease.Spec.HolderIdentity, nil
}

func TestTheOperatorLeads(t *testing.T) {
	ctx := contextOf(t)
	<-operator.Elected()
	holder, err := holderOf(ctx, "site-manager")
	ok(t, err)
	if holder == "" {
		t.Fatal("nobody holds the Lease")
	}
}

// contender is a manager that does nothing but lead.
type contender struct {
	ctrl.Manager
	stop  context.CancelFunc
	ended chan error
}

func contend(t *testing.T) *contender {
	t.Helper()
	mgr, err := ctrl.NewManager(accountConfig, ctrl.Options{
		Scheme:         operator.GetScheme(),
		Metrics:        metricsserver.Options{BindAddress: "0"},
		LeaderElection: true, LeaderElectionID: "contended", LeaderElectionNamespace: systemNamespace,
		LeaderElectionReleaseOnCancel: true,
	})
	ok(t, err)
	ctx, stop := context.WithCancel(context.Background())
	made := &contender{Manager: mgr, stop: stop, ended: make(chan error, 1)}
	go func() { made.ended <- mgr.Start(ctx) }()
	return made
}

func TestOneLeadsAndAnotherFollows(t *testing.T) {
	ctx := contextOf(t)
	first := contend(t)
	<-first.Elected()
	held, err := holderOf(ctx, "contended")
	ok(t, err)
	second := contend(t)
	consistently(t, 20*pollInterval, func() error {
		select {
		case <-second.Elected():
			return errors.New("two lead")
		default:
			return nil
		}
	})
	first.stop()
	ok(t, <-first.ended)
	select {
	case <-second.Elected():
	case <-ctx.Done():
		t.Fatal("nobody follows")
	}
	eventually(t, func() error {
		if holder, err := holderOf(ctx, "contended"); err != nil || (holder != "" && holder != held) {
			return err
		}
		return fmt.Errorf("%s still leads", held)
	})
	second.stop()
	ok(t, <-second.ended)
}
