package manager

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	v1 "flotilla/clients/manager/api/v1"
)

const (
	defaultImage   = "registry.example/pages:1"
	replicasMax    = 5
	keepAnnotation = "sites.example.com/keep"
	// PagesPath is where what is written to ConfigMaps of pages is judged.
	PagesPath = "/validate-pages"
)

// siteDefaults fills in what is left out, and says who asked for it.
type siteDefaults struct{}

func (siteDefaults) Default(ctx context.Context, site *v1.Site) error {
	request, err := admission.RequestFromContext(ctx)
	if err != nil {
		return err
	}
	if site.Spec.Image == "" {
		site.Spec.Image = defaultImage
	}
	if site.Spec.Replicas == nil {
		one := int32(1)
		site.Spec.Replicas = &one
	}
	if request.Operation == "CREATE" {
		if site.Annotations == nil {
			site.Annotations = map[string]string{}
		}
		site.Annotations["sites.example.com/created-by"] = request.UserInfo.Username
	}
	return nil
}

// siteRules are the rules of which a schema knows nothing.
type siteRules struct{}

func (siteRules) ValidateCreate(_ context.Context, site *v1.Site) (admission.Warnings, error) {
	return judge(site)
}

func (siteRules) ValidateUpdate(_ context.Context, _, site *v1.Site) (admission.Warnings, error) {
	return judge(site)
}

func (siteRules) ValidateDelete(_ context.Context, site *v1.Site) (admission.Warnings, error) {
	if site.Annotations[keepAnnotation] == "true" {
		return nil, fmt.Errorf("site %q is to be kept", site.Name)
	}
	return nil, nil
}

func judge(site *v1.Site) (admission.Warnings, error) {
	replicas := *site.Spec.Replicas
	if replicas > replicasMax {
		path := field.NewPath("spec", "replicas")
		errors := field.ErrorList{field.Invalid(path, replicas, fmt.Sprintf("must be at most %d", replicasMax))}
		return nil, apierrors.NewInvalid(v1.GroupVersion.WithKind("Site").GroupKind(), site.Name, errors)
	}
	if replicas == 0 {
		return admission.Warnings{"spec.replicas: nobody will serve " + site.Spec.Host}, nil
	}
	return nil, nil
}

// pageRules are asked through a Service, and about a built-in kind.
type pageRules struct{ decoder admission.Decoder }

func (p pageRules) Handle(_ context.Context, request admission.Request) admission.Response {
	pages := &corev1.ConfigMap{}
	if err := p.decoder.Decode(request, pages); err != nil {
		return admission.Errored(400, err)
	}
	for name, text := range pages.Data {
		if strings.Contains(text, "<script") {
			return admission.Denied(name + " has a script")
		}
	}
	return admission.Allowed("")
}
