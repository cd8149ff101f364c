package clients

import (
	"errors"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/retry"
)

const protobufType = "application/vnd.kubernetes.protobuf"

func deploymentNamed(name string, replicas int32) *appsv1.Deployment {
	pod := podNamed(name)
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas,
			Selector: &metav1.LabelSelector{MatchLabels: pod.Labels},
			Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: pod.Labels}, Spec: pod.Spec},
		},
	}
}

func TestTypedClientSpeaksProtobuf(t *testing.T) {
	config, recorded := recording(configOf(t))
	client, ctx := clientFor(t, config), contextOf(t)
	deployments := client.AppsV1().Deployments(namespaceOf(t, client))

	made, err := deployments.Create(ctx, deploymentNamed("web", 2), metav1.CreateOptions{})
	ok(t, err)
	equal(t, "defaulted strategy", made.Spec.Strategy.Type, appsv1.RollingUpdateDeploymentStrategyType)
	equal(t, "generation", made.Generation, 1)

	ok(t, retry.RetryOnConflict(retry.DefaultRetry, func() error {
		found, err := deployments.Get(ctx, "web", metav1.GetOptions{})
		if err != nil {
			return err
		}
		found.Spec.Template.Spec.Containers[0].Image = "registry.example/web:2"
		_, err = deployments.Update(ctx, found, metav1.UpdateOptions{})
		return err
	}))
	patch := []byte(`{"spec":{"template":{"spec":{"containers":[{"name":"app","image":"registry.example/web:3"}]}}}}`)
	patched, err := deployments.Patch(ctx, "web", types.StrategicMergePatchType, patch, metav1.PatchOptions{})
	ok(t, err)
	equal(t, "patched container's environment", patched.Spec.Template.Spec.Containers[0].Env[0].Value, "hi there")
	equal(t, "generation", patched.Generation, 3)

	list, err := deployments.List(ctx, metav1.ListOptions{})
	ok(t, err)
	equal(t, "listed", len(list.Items), 1)
	foreground := metav1.DeletePropagationForeground
	ok(t, deployments.Delete(ctx, "web", metav1.DeleteOptions{PropagationPolicy: &foreground}))

	for _, request := range recorded.requests() {
		if request.method == "POST" || request.method == "PUT" || request.method == "DELETE" {
			equal(t, request.method+" is sent as", request.contentType, protobufType)
		}
		if !strings.HasPrefix(request.answerType, protobufType) {
			t.Errorf("%s %s was answered in %s", request.method, request.path, request.answerType)
		}
	}
}

func TestErrorsAreToldApart(t *testing.T) {
	client, ctx := clientOf(t), contextOf(t)
	maps := client.CoreV1().ConfigMaps(namespaceOf(t, client))

	_, err := maps.Get(ctx, "absent", metav1.GetOptions{})
	equal(t, "not found", apierrors.IsNotFound(err), true)
	first, err := maps.Create(ctx, configMapNamed("settings", nil), metav1.CreateOptions{})
	ok(t, err)
	_, err = maps.Create(ctx, configMapNamed("settings", nil), metav1.CreateOptions{})
	equal(t, "already exists", apierrors.IsAlreadyExists(err), true)

	first.Data = map[string]string{"a": "1"}
	_, err = maps.Update(ctx, first, metav1.UpdateOptions{})
	ok(t, err)
	_, err = maps.Update(ctx, first, metav1.UpdateOptions{})
	equal(t, "conflict", apierrors.IsConflict(err), true)

	_, err = maps.Create(ctx, configMapNamed("Bad Name", nil), metav1.CreateOptions{})
	equal(t, "invalid", apierrors.IsInvalid(err), true)
	cause, found := apierrors.StatusCause(err, metav1.CauseTypeFieldValueInvalid)
	equal(t, "cause", found, true)
	equal(t, "cause's field", cause.Field, "metadata.name")

	var status *apierrors.StatusError
	_, err = maps.List(ctx, metav1.ListOptions{FieldSelector: "data.a=1"})
	equal(t, "status", errors.As(err, &status), true)
	equal(t, "bad request", apierrors.IsBadRequest(err), true)
	err = client.CoreV1().RESTClient().Get().Resource("configmaps").Param("resourceVersion", "999999999").
		Param("resourceVersionMatch", "NotOlderThan").MaxRetries(0).Do(ctx).Error()
	equal(t, "too large a version", apierrors.IsTimeout(err) && apierrors.HasStatusCause(err, metav1.CauseTypeResourceVersionTooLarge), true)

	uid := types.UID("another")
	err = maps.Delete(ctx, "settings", metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &uid}})
	equal(t, "precondition", apierrors.IsConflict(err), true)
}

func TestDryRunChangesNothing(t *testing.T) {
	client, ctx := clientOf(t), contextOf(t)
	maps := client.CoreV1().ConfigMaps(namespaceOf(t, client))
	made, err := maps.Create(ctx, configMapNamed("dry", nil), metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
	ok(t, err)
	equal(t, "uid given", made.UID != "", true)
	_, err = maps.Get(ctx, "dry", metav1.GetOptions{})
	equal(t, "not found", apierrors.IsNotFound(err), true)
}

func TestFieldValidationOfWhatTheTypeLacks(t *testing.T) {
	client, ctx := clientOf(t), contextOf(t)
	namespace := namespaceOf(t, client)
	err := client.CoreV1().RESTClient().Post().Namespace(namespace).Resource("configmaps").
		Param("fieldValidation", metav1.FieldValidationStrict).
		SetHeader("Content-Type", "application/json").
		Body([]byte(`{"metadata":{"name":"strict"},"dat":{},"data":{"a":"1","a":"2"}}`)).Do(ctx).Error()
	equal(t, "bad request", apierrors.IsBadRequest(err), true)
	want := `strict decoding error: unknown field "dat", duplicate field "data.a"`
	equal(t, "both faults are named", strings.Contains(err.Error(), want), true)
}
