package manager

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/go-logr/logr"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/rest"
	certutil "k8s.io/client-go/util/cert"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/webhook"

	v1 "flotilla/clients/manager/api/v1"
)

const (
	account      = "site-manager"
	webhooksHost = "site-webhooks.site-system.svc"
	testTimeout  = 30 * time.Second
	pollInterval = 20 * time.Millisecond
)

// The environment of all tests: one cluster with the operator running against it. KUBECONFIG names the cluster, and
// WEBHOOK_PORT the port of this host that the cluster maps the Service site-system/site-webhooks to.
var (
	administrator client.Client
	accountConfig *rest.Config
	operator      ctrl.Manager
	reconciler    *SiteReconciler
	warnings      = &warningLog{}
)

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	if os.Getenv("KUBECONFIG") == "" {
		return m.Run()
	}
	ctrl.SetLogger(logr.Discard())
	ctx, cancel := context.WithCancel(context.Background())
	environment := &envtest.Environment{}
	ended, err := start(ctx, environment)
	if err != nil {
		fmt.Fprintln(os.Stderr, "the operator does not start:", err)
		cancel()
		return 1
	}
	code := m.Run()
	cancel()
	if err := errors.Join(<-ended, environment.Stop()); err != nil {
		fmt.Fprintln(os.Stderr, "the operator does not end well:", err)
		return 1
	}
	return code
}

// start installs and runs the operator as its users would: definitions and webhooks by envtest, access by manifests,
// and the manager as the service account of these.
func start(ctx context.Context, environment *envtest.Environment) (<-chan error, error) {
	port, err := strconv.Atoi(os.Getenv("WEBHOOK_PORT"))
	if err != nil {
		return nil, fmt.Errorf("WEBHOOK_PORT: %w", err)
	}
	scheme, err := NewScheme()
	if err != nil {
		return nil, err
	}
	existing := true
	environment.UseExistingCluster = &existing
	environment.Scheme = scheme
	environment.CRDDirectoryPaths = []string{filepath.Join("manifests", "definition.yaml")}
	environment.ErrorIfCRDPathMissing = true
	environment.WebhookInstallOptions = envtest.WebhookInstallOptions{
		Paths:            []string{filepath.Join("manifests", "webhooks.yaml")},
		LocalServingHost: "127.0.0.1", LocalServingPort: port,
	}
	config, err := environment.Start()
	if err != nil {
		return nil, err
	}
	config.WarningHandler = warnings
	if administrator, err = client.New(config, client.Options{Scheme: scheme}); err != nil {
		return nil, err
	}
	if err := applyFile(ctx, filepath.Join("manifests", "access.yaml")); err != nil {
		return nil, err
	}
	if accountConfig, err = configOfAccount(ctx, config); err != nil {
		return nil, err
	}
	certificates, authority, err := certificatesOf(environment.WebhookInstallOptions.LocalServingCertDir)
	if err != nil {
		return nil, err
	}
	if err := administrator.Create(ctx, pagesConfiguration(authority)); err != nil {
		return nil, err
	}
	options := ctrl.Options{
		Scheme:  scheme,
		Metrics: metricsserver.Options{BindAddress: "0"},
		WebhookServer: webhook.NewServer(webhook.Options{
			Host: "127.0.0.1", Port: port,
			TLSOpts: []func(*tls.Config){func(config *tls.Config) { config.GetCertificate = certificates }},
		}),
		LeaderElection: true, LeaderElectionID: "site-manager", LeaderElectionNamespace: systemNamespace,
		LeaderElectionReleaseOnCancel: true,
	}
	if operator, reconciler, err = New(ctx, accountConfig, options); err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- operator.Start(ctx) }()
	return ended, webhooksAnswer(ctx)
}

// configOfAccount has a token that the API server issues for the service account.
func configOfAccount(ctx context.Context, config *rest.Config) (*rest.Config, error) {
	holder := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: systemNamespace, Name: account}}
	request := &authenticationv1.TokenRequest{}
	if err := administrator.SubResource("token").Create(ctx, holder, request); err != nil {
		return nil, err
	}
	own := rest.AnonymousClientConfig(config)
	own.BearerToken = request.Status.Token
	return own, nil
}

// certificatesOf answers with what envtest made for this host, or with one for the name of the Service.
func certificatesOf(directory string) (func(*tls.ClientHelloInfo) (*tls.Certificate, error), []byte, error) {
	own, err := tls.LoadX509KeyPair(filepath.Join(directory, "tls.crt"), filepath.Join(directory, "tls.key"))
	if err != nil {
		return nil, nil, err
	}
	authority, key, err := certutil.GenerateSelfSignedCertKey(webhooksHost, nil, nil)
	if err != nil {
		return nil, nil, err
	}
	named, err := tls.X509KeyPair(authority, key)
	if err != nil {
		return nil, nil, err
	}
	return func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		if hello.ServerName == webhooksHost {
			return &named, nil
		}
		return &own, nil
	}, authority, nil
}

// pagesConfiguration keeps its Service, where envtest would put a URL.
func pagesConfiguration(authority []byte) *admissionv1.ValidatingWebhookConfiguration {
	path, none := PagesPath, admissionv1.SideEffectClassNone
	return &admissionv1.ValidatingWebhookConfiguration{
		ObjectMeta: metav1.ObjectMeta{Name: "page-rules"},
		Webhooks: []admissionv1.ValidatingWebhook{{
			Name: "pages.sites.example.com",
			ClientConfig: admissionv1.WebhookClientConfig{
				Service:  &admissionv1.ServiceReference{Namespace: systemNamespace, Name: "site-webhooks", Path: &path},
				CABundle: authority,
			},
			AdmissionReviewVersions: []string{"v1"},
			SideEffects:             &none,
			ObjectSelector:          &metav1.LabelSelector{MatchLabels: map[string]string{"sites.example.com/pages": "true"}},
			Rules: []admissionv1.RuleWithOperations{{
				Operations: []admissionv1.OperationType{admissionv1.Create, admissionv1.Update},
				Rule:       admissionv1.Rule{APIGroups: []string{""}, APIVersions: []string{"v1"}, Resources: []string{"configmaps"}},
			}},
		}},
	}
}

// applyFile applies every object of a file on the server side.
func applyFile(ctx context.Context, path string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(content), 4096)
	for {
		object := &unstructured.Unstructured{}
		if err := decoder.Decode(object); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		configuration := client.ApplyConfigurationFromUnstructured(object)
		if err := administrator.Apply(ctx, configuration, client.FieldOwner("installer")); err != nil {
			return err
		}
	}
}

func webhooksAnswer(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, testTimeout)
	defer cancel()
	check := operator.GetWebhookServer().StartedChecker()
	for {
		err := check(&http.Request{})
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pollInterval):
		}
	}
}

// warningLog is told of the warnings in answers.
type warningLog struct {
	mutex sync.Mutex
	texts []string
}

func (w *warningLog) HandleWarningHeader(_ int, _ string, text string) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.texts = append(w.texts, text)
}

func (w *warningLog) has(text string) bool {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	for _, each := range w.texts {
		if each == text {
			return true
		}
	}
	return false
}

// contextOf ends with the test, and skips it where there is no cluster.
func contextOf(t *testing.T) context.Context {
	t.Helper()
	if os.Getenv("KUBECONFIG") == "" {
		t.Skip("KUBECONFIG is not set")
	}
	ctx, cancel := context.WithTimeout(context.Background(), testTimeout)
	t.Cleanup(cancel)
	return ctx
}

// namespaceOf makes a namespace that goes with the test.
func namespaceOf(t *testing.T) string {
	t.Helper()
	made := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "sites-"}}
	ok(t, administrator.Create(contextOf(t), made))
	t.Cleanup(func() {
		if err := administrator.Delete(context.Background(), made); err != nil {
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

// eventually asks until check finds nothing wrong.
func eventually(t *testing.T, check func() error) {
	t.Helper()
	end := time.Now().Add(testTimeout)
	for {
		err := check()
		if err == nil {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("still: %v", err)
		}
		time.Sleep(pollInterval)
	}
}

// consistently asks for a while, and check must never find anything wrong.
func consistently(t *testing.T, while time.Duration, check func() error) {
	t.Helper()
	for end := time.Now().Add(while); time.Now().Before(end); time.Sleep(pollInterval) {
		ok(t, check())
	}
}

func siteNamed(namespace, name string) *v1.Site {
	return &v1.Site{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec: v1.SiteSpec{
			Host: name + "." + namespace + ".example.com", Pages: map[string]string{"index.html": "<h1>" + name + "</h1>"},
		},
	}
}

// createSite makes a Site and waits until it is served.
func createSite(t *testing.T, ctx context.Context, site *v1.Site) *v1.Site {
	t.Helper()
	ok(t, administrator.Create(ctx, site))
	eventually(t, func() error { return isReady(ctx, site) })
	return site
}
