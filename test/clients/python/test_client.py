"""Drives a running Flotilla cluster with the official Python client, as a program would drive any cluster.

KUBECONFIG names the cluster, which nothing else may be using.
"""

import json
import os
import tempfile
import time
import unittest

import yaml
from kubernetes import client, config, dynamic, utils, watch
from kubernetes.client.exceptions import ApiException
from kubernetes.dynamic.exceptions import ConflictError
from kubernetes.stream import portforward, stream

TIME_LIMIT_SECONDS = 30
POLL_SECONDS = 0.05
MANIFEST = """
apiVersion: v1
kind: ConfigMap
metadata: {name: from-yaml}
data: {a: "1"}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: from-yaml}
spec:
  replicas: 2
  selector: {matchLabels: {app: from-yaml}}
  template:
    metadata: {labels: {app: from-yaml}}
    spec:
      containers: [{name: app, image: "registry.example/web:1"}]
"""


def setUpModule():
    config.load_kube_config()


def eventually(what, check):
    """Asks until check gives something true, and gives that."""
    end = time.monotonic() + TIME_LIMIT_SECONDS
    while time.monotonic() < end:
        found = check()
        if found:
            return found
        time.sleep(POLL_SECONDS)
    raise AssertionError(f"{what} did not come about")


class ClientTest(unittest.TestCase):
    """One namespace for each test."""

    def setUp(self):
        self.core = client.CoreV1Api()
        self.apps = client.AppsV1Api()
        made = self.core.create_namespace({"metadata": {"generateName": "python-"}})
        self.namespace = made.metadata.name
        self.addCleanup(self.core.delete_namespace, self.namespace)

    def create_config_map(self, name, data=None, labels=None):
        body = client.V1ConfigMap(metadata=client.V1ObjectMeta(name=name, labels=labels), data=data)
        return self.core.create_namespaced_config_map(self.namespace, body)

    def run_pod(self, name):
        container = client.V1Container(
            name="app",
            image=f"registry.example/{name}:1",
            ports=[client.V1ContainerPort(container_port=8080)],
            env=[client.V1EnvVar(name="GREETING", value="hi there")],
        )
        pod = client.V1Pod(metadata=client.V1ObjectMeta(name=name), spec=client.V1PodSpec(containers=[container]))
        self.core.create_namespaced_pod(self.namespace, pod)
        eventually(f"{name} is ready", lambda: self.is_ready(name))

    def is_ready(self, name):
        conditions = self.core.read_namespaced_pod(name, self.namespace).status.conditions or []
        return any(each.type == "Ready" and each.status == "True" for each in conditions)


class TypedClientTest(ClientTest):
    def test_creates_reads_changes_and_deletes(self):
        self.create_config_map("settings", {"a": "1"}, {"tier": "front"})
        patched = self.core.patch_namespaced_config_map("settings", self.namespace, {"data": {"b": "2"}})
        self.assertEqual(patched.data, {"a": "1", "b": "2"})
        patched.data = {"c": "3"}
        replaced = self.core.replace_namespaced_config_map("settings", self.namespace, patched)
        self.assertEqual(replaced.data, {"c": "3"})
        listed = self.core.list_namespaced_config_map(self.namespace, label_selector="tier=front")
        self.assertEqual([each.metadata.name for each in listed.items], ["settings"])
        self.core.delete_namespaced_config_map("settings", self.namespace)
        with self.assertRaises(ApiException) as refused:
            self.core.read_namespaced_config_map("settings", self.namespace)
        self.assertEqual(refused.exception.status, 404)
        self.assertEqual(json.loads(refused.exception.body)["reason"], "NotFound")

    def test_says_why_an_object_is_refused(self):
        with self.assertRaises(ApiException) as refused:
            self.create_config_map("Bad Name")
        self.assertEqual(refused.exception.status, 422)
        causes = json.loads(refused.exception.body)["details"]["causes"]
        self.assertEqual(causes[0]["field"], "metadata.name")
        first = self.create_config_map("settings")
        self.core.replace_namespaced_config_map("settings", self.namespace, {**first.to_dict(), "metadata": {"name": "settings"}})
        self.core.patch_namespaced_config_map("settings", self.namespace, {"data": {"a": "1"}})
        with self.assertRaises(ApiException) as late:
            self.core.replace_namespaced_config_map("settings", self.namespace, first)
        self.assertEqual(late.exception.status, 409)

    def test_pages(self):
        for index in range(7):
            self.create_config_map(f"page-{index}", labels={"paged": "yes"})
        names, token = [], None
        while token != "":
            page = self.core.list_namespaced_config_map(
                self.namespace, label_selector="paged=yes", limit=3, _continue=token
            )
            names += [each.metadata.name for each in page.items]
            token = page.metadata._continue or ""
        self.assertEqual(names, [f"page-{index}" for index in range(7)])

    def test_knows_every_field_of_what_there_is(self):
        """The client's models refuse values that its OpenAPI document rules out."""
        self.assertGreaterEqual(len(self.core.list_node().items), 2)
        self.assertGreater(len(self.core.list_pod_for_all_namespaces().items), 0)
        self.assertGreater(len(client.RbacAuthorizationV1Api().list_cluster_role().items), 20)
        self.assertEqual(client.VersionApi().get_code().git_version, "v1.35.2")
        groups = [each.name for each in client.ApisApi().get_api_versions().groups]
        self.assertIn("apps", groups)

    def test_creates_from_yaml(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "objects.yaml")
            with open(path, "w", encoding="utf-8") as file:
                file.write(MANIFEST)
            made = utils.create_from_yaml(client.ApiClient(), path, namespace=self.namespace)
        self.assertEqual([each[0].metadata.name for each in made], ["from-yaml", "from-yaml"])
        eventually("it is available", lambda: self.available("from-yaml") == 2)
        with self.assertRaises(utils.FailToCreateError):
            utils.create_from_yaml(
                client.ApiClient(), yaml_objects=yaml.safe_load_all(MANIFEST), namespace=self.namespace
            )

    def available(self, name):
        return self.apps.read_namespaced_deployment(name, self.namespace).status.available_replicas


class WatchTest(ClientTest):
    def test_follows_what_happens(self):
        start = self.core.list_namespaced_config_map(self.namespace).metadata.resource_version
        self.create_config_map("a", {"n": "1"})
        self.core.patch_namespaced_config_map("a", self.namespace, {"data": {"n": "2"}})
        self.core.delete_namespaced_config_map("a", self.namespace)
        watched = watch.Watch()
        events = watched.stream(
            self.core.list_namespaced_config_map,
            self.namespace,
            resource_version=start,
            field_selector="metadata.name=a",
            timeout_seconds=TIME_LIMIT_SECONDS,
        )
        seen = []
        for event in events:
            seen.append((event["type"], event["object"].data))
            if event["type"] == "DELETED":
                watched.stop()
        self.assertEqual(seen, [("ADDED", {"n": "1"}), ("MODIFIED", {"n": "2"}), ("DELETED", {"n": "2"})])

    def test_keeps_a_cache_like_an_informer(self):
        self.create_config_map("first")
        cache, watched = {}, watch.Watch()
        for event in watched.stream(
            self.core.list_namespaced_config_map,
            self.namespace,
            send_initial_events=True,
            allow_watch_bookmarks=True,
            resource_version_match="NotOlderThan",
            timeout_seconds=TIME_LIMIT_SECONDS,
        ):
            if event["type"] == "BOOKMARK":
                annotations = event["raw_object"]["metadata"].get("annotations", {})
                if annotations.get("k8s.io/initial-events-end") == "true":
                    self.assertIn("first", cache)
                    self.create_config_map("second")
            elif event["type"] == "DELETED":
                del cache[event["object"].metadata.name]
            else:
                cache[event["object"].metadata.name] = event["object"]
            if "second" in cache:
                watched.stop()
        self.assertLessEqual({"first", "second"}, set(cache))

    def test_follows_a_log(self):
        script = "echo one; sleep 1; echo two"
        container = client.V1Container(name="app", image="busybox", command=["sh", "-c", script])
        spec = client.V1PodSpec(containers=[container], restart_policy="Never")
        self.core.create_namespaced_pod(
            self.namespace, client.V1Pod(metadata=client.V1ObjectMeta(name="talker"), spec=spec)
        )
        eventually(
            "it has run",
            lambda: self.core.read_namespaced_pod("talker", self.namespace).status.phase in ("Running", "Succeeded"),
        )
        lines = watch.Watch().stream(self.core.read_namespaced_pod_log, name="talker", namespace=self.namespace)
        self.assertEqual(list(lines), ["one", "two"])


class StreamTest(ClientTest):
    def setUp(self):
        super().setUp()
        self.run_pod("web")

    def exec(self, command, **options):
        return stream(
            self.core.connect_get_namespaced_pod_exec,
            "web",
            self.namespace,
            command=command,
            **{"stdin": False, "stdout": True, "stderr": True, "tty": False, **options},
        )

    def test_runs_a_command(self):
        self.assertEqual(self.exec(["sh", "-c", "echo $GREETING"]), "hi there\n")

    def test_hands_over_input_and_exit_code(self):
        session = self.exec(["sh"], stdin=True, _preload_content=False)
        session.write_stdin("echo to you\n")
        self.assertEqual(session.readline_stdout(timeout=TIME_LIMIT_SECONDS), "to you")
        session.write_stdin("exit 3\n")
        session.run_forever(timeout=TIME_LIMIT_SECONDS)
        self.assertEqual(session.returncode, 3)

    def test_forwards_a_port(self):
        forward = portforward(self.core.connect_get_namespaced_pod_portforward, "web", self.namespace, ports="8080")
        socket = forward.socket(8080)
        socket.settimeout(TIME_LIMIT_SECONDS)
        socket.sendall(b"GET /path HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n")
        answer = b""
        while b"GET /path\n" not in answer:
            received = socket.recv(1024)
            self.assertNotEqual(received, b"")
            answer += received
        socket.close()
        self.assertIsNone(forward.error(8080))


class DynamicClientTest(ClientTest):
    def setUp(self):
        super().setUp()
        self.dynamic = dynamic.DynamicClient(client.ApiClient())
        self.config_maps = self.dynamic.resources.get(api_version="v1", kind="ConfigMap")

    def apply(self, manager, data, force=False):
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "shared"}, "data": data}
        return self.dynamic.server_side_apply(
            self.config_maps,
            body=body,
            name="shared",
            namespace=self.namespace,
            field_manager=manager,
            force_conflicts=force,
        )

    def test_applies_with_owners(self):
        self.apply("one", {"a": "1", "b": "1"})
        with self.assertRaises(ConflictError) as refused:
            self.apply("two", {"a": "2"})
        self.assertIn('conflict with "one"', json.loads(refused.exception.body)["message"])
        self.assertEqual(self.apply("two", {"a": "2"}, force=True).data.to_dict(), {"a": "2", "b": "1"})
        self.assertEqual(self.apply("one", {}).data.to_dict(), {"a": "2"})

    def test_finds_creates_and_deletes(self):
        deployments = self.dynamic.resources.get(api_version="apps/v1", kind="Deployment")
        self.assertTrue(deployments.namespaced)
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "made"}}
        made = self.config_maps.create(body=body, namespace=self.namespace)
        self.assertEqual(made.kind, "ConfigMap")
        patch = [{"op": "add", "path": "/data", "value": {"x": "y"}}]
        patched = self.config_maps.patch(
            body=patch, name="made", namespace=self.namespace, content_type="application/json-patch+json"
        )
        self.assertEqual(patched.data.x, "y")
        self.config_maps.delete(name="made", namespace=self.namespace)
        names = [each.metadata.name for each in self.config_maps.get(namespace=self.namespace).items]
        self.assertNotIn("made", names)


if __name__ == "__main__":
    unittest.main()
