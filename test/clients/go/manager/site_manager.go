package manager

import (
	"context"

	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	v1 "flotilla/clients/manager/api/v1"
	"flotilla/clients/manager/api/v1alpha1"
)

// NewScheme knows the built-in kinds, and both versions of Site.
func NewScheme() (*runtime.Scheme, error) {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			return nil, err
		}
	}
	return scheme, nil
}

// New makes the whole operator: a manager with the reconciler and the webhooks.
func New(ctx context.Context, config *rest.Config, options ctrl.Options) (ctrl.Manager, *SiteReconciler, error) {
	mgr, err := ctrl.NewManager(config, options)
	if err != nil {
		return nil, nil, err
	}
	reconciler := &SiteReconciler{Client: mgr.GetClient(), Recorder: mgr.GetEventRecorder("site-manager")}
	if err := reconciler.SetupWithManager(ctx, mgr); err != nil {
		return nil, nil, err
	}
	webhooks := ctrl.NewWebhookManagedBy(mgr, &v1.Site{}).WithDefaulter(siteDefaults{}).WithValidator(siteRules{})
	if err := webhooks.Complete(); err != nil {
		return nil, nil, err
	}
	pages := &admission.Webhook{Handler: pageRules{decoder: admission.NewDecoder(mgr.GetScheme())}}
	mgr.GetWebhookServer().Register(PagesPath, pages)
	return mgr, reconciler, nil
}
