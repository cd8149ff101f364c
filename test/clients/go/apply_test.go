package clients

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	appsapply "k8s.io/client-go/applyconfigurations/apps/v1"
	coreapply "k8s.io/client-go/applyconfigurations/core/v1"
	metaapply "k8s.io/client-go/applyconfigurations/meta/v1"
)

func deploymentConfiguration(namespace, image string) *appsapply.DeploymentApplyConfiguration {
	labels := map[string]string{"app": "web"}
	return appsapply.Deployment("web", namespace).WithSpec(appsapply.DeploymentSpec().
		WithSelector(metaapply.LabelSelector().WithMatchLabels(labels)).
		WithTemplate(coreapply.PodTemplateSpec().WithLabels(labels).WithSpec(coreapply.PodSpec().
			WithContainers(coreapply.Container().WithName("app").WithImage(image).
				WithPorts(coreapply.ContainerPort().WithContainerPort(8080))))))
}

func TestApplyConfigurations(t *testing.T) {
	client, ctx := clientOf(t), contextOf(t)
	namespace := namespaceOf(t, client)
	deployments := client.AppsV1().Deployments(namespace)
	by := func(manager string, force bool) metav1.ApplyOptions {
		return metav1.ApplyOptions{FieldManager: manager, Force: force}
	}
	image := func(name string) string { return "registry.example/web:" + name }

	first, err := deployments.Apply(ctx, deploymentConfiguration(namespace, image("1")), by("one", false))
	ok(t, err)
	again, err := deployments.Apply(ctx, deploymentConfiguration(namespace, image("1")), by("one", false))
	ok(t, err)
	equal(t, "generation after the same", again.Generation, first.Generation)

	_, err = deployments.Apply(ctx, deploymentConfiguration(namespace, image("2")), by("two", false))
	equal(t, "conflict", apierrors.IsConflict(err), true)
	equal(t, "names the manager", strings.Contains(err.Error(), `conflict with "one"`), true)
	cause, found := apierrors.StatusCause(err, metav1.CauseTypeFieldManagerConflict)
	equal(t, "cause", found, true)
	equal(t, "field", cause.Field, `.spec.template.spec.containers[name="app"].image`)

	forced, err := deployments.Apply(ctx, deploymentConfiguration(namespace, image("2")), by("two", true))
	ok(t, err)
	equal(t, "image", forced.Spec.Template.Spec.Containers[0].Image, image("2"))
	extracted, err := appsapply.ExtractDeployment(forced, "one")
	ok(t, err)
	if extracted.Spec.Template.Spec.Containers[0].Image != nil {
		t.Fatal("the first manager still owns the image")
	}
	mine, err := appsapply.ExtractDeployment(forced, "two")
	ok(t, err)
	equal(t, "owned image", *mine.Spec.Template.Spec.Containers[0].Image, image("2"))

	condition := appsapply.DeploymentCondition().WithType("Example").WithStatus(corev1.ConditionTrue).WithReason("Applied")
	status := appsapply.Deployment("web", namespace).WithStatus(appsapply.DeploymentStatus().WithConditions(condition))
	applied, err := deployments.ApplyStatus(ctx, status, by("status", true))
	ok(t, err)
	equal(t, "generation after a status", applied.Generation, forced.Generation)
	_, err = appsapply.ExtractDeploymentStatus(applied, "status")
	ok(t, err)
}

func TestWhatIsNoLongerAppliedGoes(t *testing.T) {
	client, ctx := clientOf(t), contextOf(t)
	namespace := namespaceOf(t, client)
	maps := client.CoreV1().ConfigMaps(namespace)
	options := metav1.ApplyOptions{FieldManager: "one"}
	_, err := maps.Apply(ctx, coreapply.ConfigMap("shared", namespace).WithData(map[string]string{"a": "1", "b": "2"}), options)
	ok(t, err)
	_, err = maps.Apply(ctx, coreapply.ConfigMap("shared", namespace).WithData(map[string]string{"b": "2"}), metav1.ApplyOptions{FieldManager: "two"})
	ok(t, err)
	left, err := maps.Apply(ctx, coreapply.ConfigMap("shared", namespace).WithLabels(map[string]string{"x": "y"}), options)
	ok(t, err)
	if _, found := left.Data["a"]; found {
		t.Fatal("what its only owner gave up is still there")
	}
	equal(t, "what another applied", left.Data["b"], "2")
	equal(t, "label", left.Labels["x"], "y")
}
