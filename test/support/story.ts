import type { CommitRecord } from '../../src/engine/cluster/cluster.js';
import { ClusterHarness, type ClusterHarnessOptions } from './cluster-harness.js';
import type { Json } from './engine-harness.js';

const SEED = 7;
const STORY_MS_MAX = 300_000;

export const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
export const JOBS = '/apis/batch/v1/namespaces/default/jobs';
export const PODS = '/api/v1/namespaces/default/pods';

export interface Story {
  /** The cluster in which it happens. */
  readonly cluster?: ClusterHarnessOptions;
  /** Drives the cluster, and says what must be seen of it on the way. */
  tell(cluster: ClusterHarness): void;
}

/** A test that tells a story twice, to two clusters with one seed: both times everything is written alike, byte for byte. */
export function story(title: string, { cluster = {}, tell }: Story): void {
  const told = (): readonly CommitRecord[] => {
    const harness = new ClusterHarness({ seed: SEED, ...cluster });
    tell(harness);
    return harness.history;
  };
  it(
    title,
    () => {
      const [first, second] = [told(), told()];
      expect(second).toHaveLength(first.length);
      const at = first.findIndex((record, index) => lineOf(record) !== lineOf(second[index]));
      expect(lineOf(second[at])).toBe(lineOf(first[at]));
    },
    STORY_MS_MAX,
  );
}

/** Seconds of the cluster's time since it was handed over. */
export const elapsed = ({ cluster, spec }: ClusterHarness): number => (cluster.now - spec.start) / 1_000;

/** The same of something's timestamp. */
export const secondsAt = ({ spec }: ClusterHarness, time: string): number => (Date.parse(time) - spec.start) / 1_000;

/** Lets time pass until so many seconds after the cluster was handed over. */
export const runTo = (harness: ClusterHarness, second: number): void => harness.runFor(second - elapsed(harness));

export const conditionOf = ({ status }: Json, wanted: string): Json =>
  status?.conditions?.find(({ type }: Json) => type === wanted);

export const nameOf = ({ metadata }: Json): string => metadata.name;

export interface Workload {
  readonly name: string;
  readonly replicas: number;
  /** Of the Deployment's own spec. */
  readonly spec?: Json;
  readonly pod?: Json;
  readonly container?: Json;
}

/** A Deployment whose pods are labelled `app: <name>` and end within a second. */
export function deploy(harness: ClusterHarness, { name, replicas, spec, pod, container }: Workload): void {
  const labels = { app: name };
  const containers = [{ name: 'app', image: 'registry.example/app:1', ...container }];
  const template = { metadata: { labels }, spec: { terminationGracePeriodSeconds: 1, containers, ...pod } };
  const body = { metadata: { name }, spec: { replicas, selector: { matchLabels: labels }, template, ...spec } };
  harness.request('POST', DEPLOYMENTS, body);
}

/** Gives the containers of a Deployment another image. */
export function setImage(harness: ClusterHarness, name: string, image: string): void {
  const [container] = harness.get(`${DEPLOYMENTS}/${name}`).spec.template.spec.containers;
  const containers = [{ ...container, image }];
  harness.patch(`${DEPLOYMENTS}/${name}`, { spec: { template: { spec: { containers } } } });
}

const lineOf = (record: CommitRecord | undefined): string =>
  record === undefined
    ? ''
    : `${record.revision} ${record.key} ${record.createRevision} ${Buffer.from(record.value ?? []).toString()}`;
