package clients

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/httpstream"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/tools/remotecommand"
	"k8s.io/client-go/transport/spdy"
	"k8s.io/client-go/util/exec"
)

// executorOf carries a command to a container.
type executorOf func(config *rest.Config, at *url.URL) (remotecommand.Executor, error)

var executors = map[string]executorOf{
	"WebSocket": func(config *rest.Config, at *url.URL) (remotecommand.Executor, error) {
		return remotecommand.NewWebSocketExecutor(config, http.MethodGet, at.String())
	},
	"SPDY": func(config *rest.Config, at *url.URL) (remotecommand.Executor, error) {
		return remotecommand.NewSPDYExecutor(config, http.MethodPost, at)
	},
	"WebSocket, else SPDY": func(config *rest.Config, at *url.URL) (remotecommand.Executor, error) {
		first, err := remotecommand.NewWebSocketExecutor(config, http.MethodGet, at.String())
		if err != nil {
			return nil, err
		}
		second, err := remotecommand.NewSPDYExecutor(config, http.MethodPost, at)
		if err != nil {
			return nil, err
		}
		return remotecommand.NewFallbackExecutor(first, second, httpstream.IsUpgradeFailure)
	},
}

// sizes hands on the sizes of a terminal and tells when the last was taken.
type sizes struct {
	pending []remotecommand.TerminalSize
	taken   chan struct{}
}

func (s *sizes) Next() *remotecommand.TerminalSize {
	if len(s.pending) == 0 {
		if s.taken != nil {
			close(s.taken)
			s.taken = nil
		}
		return nil
	}
	size := s.pending[0]
	s.pending = s.pending[1:]
	return &size
}

func execAt(client kubernetes.Interface, namespace string, options *corev1.PodExecOptions) *url.URL {
	return client.CoreV1().RESTClient().Post().Namespace(namespace).Resource("pods").Name("web").SubResource("exec").
		VersionedParams(options, scheme.ParameterCodec).URL()
}

func TestExec(t *testing.T) {
	config := configOf(t)
	client := clientFor(t, config)
	namespace := namespaceOf(t, client)
	runPod(t, client, namespace, podNamed("web"))

	for name, executorFor := range executors {
		t.Run(name, func(t *testing.T) {
			run := func(input io.Reader, command ...string) (string, string, error) {
				t.Helper()
				var stdout, stderr bytes.Buffer
				at := execAt(client, namespace, &corev1.PodExecOptions{Command: command, Stdin: input != nil, Stdout: true, Stderr: true})
				executor, err := executorFor(config, at)
				ok(t, err)
				err = executor.StreamWithContext(contextOf(t), remotecommand.StreamOptions{Stdin: input, Stdout: &stdout, Stderr: &stderr})
				return stdout.String(), stderr.String(), err
			}
			stdout, _, err := run(nil, "sh", "-c", "echo $GREETING")
			ok(t, err)
			equal(t, "output", stdout, "hi there\n")

			stdout, stderr, err := run(nil, "sh", "-c", "echo out; nosuch; exit 7")
			var exit exec.CodeExitError
			equal(t, "ended with a code", errors.As(err, &exit), true)
			equal(t, "code", exit.Code, 7)
			equal(t, "output", stdout, "out\n")
			equal(t, "errors", stderr, "sh: nosuch: not found\n")

			long := strings.Repeat("line of text\n", 20_000)
			stdout, _, err = run(strings.NewReader(long), "cat")
			ok(t, err)
			equal(t, "what came back", stdout == long, true)

			_, _, err = run(nil, "nosuch")
			equal(t, "the runtime says why", err != nil && strings.Contains(err.Error(), "executable file not found"), true)
		})
		t.Run(name+" with a terminal", func(t *testing.T) {
			input, typing := io.Pipe()
			output := &bytes.Buffer{}
			queue := &sizes{pending: []remotecommand.TerminalSize{{Width: 80, Height: 24}, {Width: 132, Height: 50}}, taken: make(chan struct{})}
			taken := queue.taken
			at := execAt(client, namespace, &corev1.PodExecOptions{Command: []string{"sh"}, Stdin: true, Stdout: true, TTY: true})
			executor, err := executorFor(config, at)
			ok(t, err)
			ended := make(chan error, 1)
			go func() {
				ended <- executor.StreamWithContext(contextOf(t), remotecommand.StreamOptions{
					Stdin: input, Stdout: output, Tty: true, TerminalSizeQueue: queue,
				})
			}()
			<-taken
			fmt.Fprint(typing, "echo typed $GREETING\n")
			fmt.Fprint(typing, "exit 4\n")
			err = <-ended
			_ = typing.Close()
			var exit exec.CodeExitError
			equal(t, "ended with a code", errors.As(err, &exit), true)
			equal(t, "code", exit.Code, 4)
			equal(t, "lines end as a terminal's", strings.Contains(output.String(), "typed hi there\r\n"), true)
		})
	}
}

func TestExecIsRefusedBeforeItStarts(t *testing.T) {
	config := configOf(t)
	client := clientFor(t, config)
	namespace := namespaceOf(t, client)
	for name, executorFor := range executors {
		executor, err := executorFor(config, execAt(client, namespace, &corev1.PodExecOptions{Command: []string{"ls"}, Stdout: true}))
		ok(t, err)
		err = executor.StreamWithContext(contextOf(t), remotecommand.StreamOptions{Stdout: io.Discard})
		equal(t, name+" says why", err != nil && strings.Contains(err.Error(), `pods "web" not found`), true)
	}
}

func TestPortForward(t *testing.T) {
	config := configOf(t)
	client := clientFor(t, config)
	namespace := namespaceOf(t, client)
	runPod(t, client, namespace, podNamed("web"))
	at := client.CoreV1().RESTClient().Post().Namespace(namespace).Resource("pods").Name("web").SubResource("portforward").URL()

	transport, upgrader, err := spdy.RoundTripperFor(config)
	ok(t, err)
	tunnel, err := portforward.NewSPDYOverWebsocketDialer(at, config)
	ok(t, err)
	dialers := map[string]httpstream.Dialer{
		"SPDY":                spdy.NewDialer(upgrader, &http.Client{Transport: transport}, http.MethodPost, at),
		"SPDY over WebSocket": tunnel,
	}
	for name, dialer := range dialers {
		t.Run(name, func(t *testing.T) {
			stop, ready := make(chan struct{}), make(chan struct{})
			forwarder, err := portforward.New(dialer, []string{"0:8080"}, stop, ready, io.Discard, io.Discard)
			ok(t, err)
			ended := make(chan error, 1)
			go func() { ended <- forwarder.ForwardPorts() }()
			select {
			case <-ready:
			case err := <-ended:
				t.Fatal(err)
			}
			ports, err := forwarder.GetPorts()
			ok(t, err)
			for index := range 3 {
				response, err := (&http.Client{Timeout: testTimeout}).Get(fmt.Sprintf("http://127.0.0.1:%d/path-%d", ports[0].Local, index))
				ok(t, err)
				body, err := io.ReadAll(response.Body)
				ok(t, err)
				equal(t, "answer", string(body), fmt.Sprintf("web: GET /path-%d\n", index))
			}
			close(stop)
			ok(t, <-ended)
		})
	}
}

func TestLogsAndProxy(t *testing.T) {
	client, ctx := clientOf(t), contextOf(t)
	namespace := namespaceOf(t, client)
	pod := podNamed("talker")
	pod.Spec.Containers[0].Image = "busybox"
	pod.Spec.Containers[0].Command = []string{"sh", "-c", "echo one; echo two; sleep 1; echo three; sleep 3600"}
	runPod(t, client, namespace, pod)
	follow, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	stream, err := client.CoreV1().Pods(namespace).GetLogs("talker", &corev1.PodLogOptions{Follow: true}).Stream(follow)
	ok(t, err)
	defer stream.Close()
	want := "one\ntwo\nthree\n"
	got := make([]byte, len(want))
	_, err = io.ReadFull(stream, got)
	ok(t, err)
	equal(t, "followed", string(got), want)
	tail := int64(1)
	last, err := client.CoreV1().Pods(namespace).GetLogs("talker", &corev1.PodLogOptions{TailLines: &tail}).DoRaw(ctx)
	ok(t, err)
	equal(t, "tail", string(last), "three\n")

	runPod(t, client, namespace, podNamed("web"))
	answer, err := client.CoreV1().Pods(namespace).ProxyGet("http", "web", "8080", "/deep/path", map[string]string{"q": "1"}).DoRaw(ctx)
	ok(t, err)
	equal(t, "proxied", strings.Contains(string(answer), "/deep/path"), true)
}
