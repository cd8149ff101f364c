// Package clients drives a running Flotilla cluster with client-go, as a program would drive any cluster.
// KUBECONFIG names the cluster, which nothing else may be using.
package clients

import (
	"context"
	"net/http"
	"os"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

const (
	testTimeout  = 30 * time.Second
	pollInterval = 20 * time.Millisecond
)

// configOf reads KUBECONFIG; tests that need a server are skipped without it.
func configOf(t *testing.T) *rest.Config {
	t.Helper()
	path := os.Getenv("KUBECONFIG")
	if path == "" {
		t.Skip("KUBECONFIG is not set")
	}
	config, err := clientcmd.BuildConfigFromFlags("", path)
	ok(t, err)
	config.QPS = -1
	return config
}

func clientOf(t *testing.T) kubernetes.Interface {
	t.Helper()
	return clientFor(t, configOf(t))
}

func clientFor(t *testing.T, config *rest.Config) kubernetes.Interface {
	t.Helper()
	client, err := kubernetes.NewForConfig(config)
	ok(t, err)
	return client
}

func contextOf(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), testTimeout)
	t.Cleanup(cancel)
	return ctx
}

// namespaceOf makes a namespace that goes with the test.
func namespaceOf(t *testing.T, client kubernetes.Interface) string {
	t.Helper()
	object := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "go-"}}
	made, err := client.CoreV1().Namespaces().Create(contextOf(t), object, metav1.CreateOptions{})
	ok(t, err)
	t.Cleanup(func() {
		err := client.CoreV1().Namespaces().Delete(context.Background(), made.Name, metav1.DeleteOptions{})
		if err != nil {
			t.Errorf("the namespace stays: %v", err)
		}
	})
	return made.Name
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("%s: %v, want %v", what, got, want)
	}
}

// eventually asks until check is true; an error ends it at once.
func eventually(t *testing.T, what string, check func(context.Context) (bool, error)) {
	t.Helper()
	if err := wait.PollUntilContextTimeout(contextOf(t), pollInterval, testTimeout, true, check); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

// seenRequest is what a test asks about a request that its client made.
type seenRequest struct {
	method, path, query, contentType, accept string
	answerType                               string
}

// recorder is a transport that remembers what went through it.
type recorder struct {
	mutex sync.Mutex
	seen  []seenRequest
}

// recording makes a configuration whose requests are remembered.
func recording(config *rest.Config) (*rest.Config, *recorder) {
	recorded := &recorder{}
	config = rest.CopyConfig(config)
	config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(request *http.Request) (*http.Response, error) {
			response, err := next.RoundTrip(request)
			one := seenRequest{
				method: request.Method, path: request.URL.Path, query: request.URL.RawQuery,
				contentType: request.Header.Get("Content-Type"), accept: request.Header.Get("Accept"),
			}
			if response != nil {
				one.answerType = response.Header.Get("Content-Type")
			}
			recorded.mutex.Lock()
			defer recorded.mutex.Unlock()
			recorded.seen = append(recorded.seen, one)
			return response, err
		})
	})
	return config, recorded
}

func (r *recorder) requests() []seenRequest {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return append([]seenRequest(nil), r.seen...)
}

type roundTripper func(*http.Request) (*http.Response, error)

func (r roundTripper) RoundTrip(request *http.Request) (*http.Response, error) { return r(request) }

func configMapNamed(name string, data map[string]string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}, Data: data}
}

// podNamed has one container, which the caller may change.
func podNamed(name string) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"app": name}},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{
			Name: "app", Image: "registry.example/" + name + ":1",
			Ports: []corev1.ContainerPort{{ContainerPort: 8080}},
			Env:   []corev1.EnvVar{{Name: "GREETING", Value: "hi there"}},
		}}},
	}
}

// runPod resolves when the pod is ready.
func runPod(t *testing.T, client kubernetes.Interface, namespace string, pod *corev1.Pod) *corev1.Pod {
	t.Helper()
	_, err := client.CoreV1().Pods(namespace).Create(contextOf(t), pod, metav1.CreateOptions{})
	ok(t, err)
	var ready *corev1.Pod
	eventually(t, pod.Name+" is ready", func(ctx context.Context) (bool, error) {
		found, err := client.CoreV1().Pods(namespace).Get(ctx, pod.Name, metav1.GetOptions{})
		ready = found
		return err == nil && isReady(found), err
	})
	return ready
}

func isReady(pod *corev1.Pod) bool {
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.PodReady {
			return condition.Status == corev1.ConditionTrue
		}
	}
	return false
}
