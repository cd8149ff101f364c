// Package v1alpha1 is the first version of the API: one address for host and port, and no pages.
package v1alpha1

import (
	"encoding/json"
	"fmt"
	"net"
	"slices"
	"strconv"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/conversion"

	v1 "flotilla/clients/manager/api/v1"
)

var GroupVersion = schema.GroupVersion{Group: v1.GroupVersion.Group, Version: "v1alpha1"}

// pagesAnnotation keeps what this version has no field for.
const pagesAnnotation = "sites.example.com/pages"

type Site struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec   SiteSpec      `json:"spec,omitempty"`
	Status v1.SiteStatus `json:"status,omitempty"`
}

type SiteSpec struct {
	Address string `json:"address"`
	Image   string `json:"image,omitempty"`
	Size    *int32 `json:"size,omitempty"`
}

type SiteList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []Site `json:"items"`
}

func AddToScheme(scheme *runtime.Scheme) error {
	scheme.AddKnownTypes(GroupVersion, &Site{}, &SiteList{})
	metav1.AddToGroupVersion(scheme, GroupVersion)
	return nil
}

func (s *Site) ConvertTo(hub conversion.Hub) error {
	to := hub.(*v1.Site)
	host, port, err := net.SplitHostPort(s.Spec.Address)
	if err != nil {
		return fmt.Errorf("spec.address: %w", err)
	}
	number, err := strconv.ParseInt(port, 10, 32)
	if err != nil {
		return fmt.Errorf("spec.address: %w", err)
	}
	to.ObjectMeta = *s.ObjectMeta.DeepCopy()
	to.Spec = v1.SiteSpec{Host: host, Port: int32(number), Image: s.Spec.Image, Replicas: s.Spec.Size}
	to.Status = s.Status
	if kept, found := to.Annotations[pagesAnnotation]; found {
		delete(to.Annotations, pagesAnnotation)
		return json.Unmarshal([]byte(kept), &to.Spec.Pages)
	}
	return nil
}

func (s *Site) ConvertFrom(hub conversion.Hub) error {
	from := hub.(*v1.Site)
	s.ObjectMeta = *from.ObjectMeta.DeepCopy()
	s.Spec = SiteSpec{
		Address: net.JoinHostPort(from.Spec.Host, strconv.Itoa(int(from.Spec.Port))),
		Image:   from.Spec.Image,
		Size:    from.Spec.Replicas,
	}
	s.Status = from.Status
	if len(from.Spec.Pages) == 0 {
		return nil
	}
	pages, err := json.Marshal(from.Spec.Pages)
	metav1.SetMetaDataAnnotation(&s.ObjectMeta, pagesAnnotation, string(pages))
	return err
}

func (s *Site) DeepCopyInto(out *Site) {
	*out = *s
	out.ObjectMeta = *s.ObjectMeta.DeepCopy()
	if s.Spec.Size != nil {
		size := *s.Spec.Size
		out.Spec.Size = &size
	}
	out.Status.Conditions = slices.Clone(s.Status.Conditions)
}

func (s *Site) DeepCopyObject() runtime.Object {
	out := &Site{}
	s.DeepCopyInto(out)
	return out
}

func (l *SiteList) DeepCopyObject() runtime.Object {
	out := &SiteList{TypeMeta: l.TypeMeta, ListMeta: *l.ListMeta.DeepCopy(), Items: make([]Site, len(l.Items))}
	for i := range l.Items {
		l.Items[i].DeepCopyInto(&out.Items[i])
	}
	return out
}
