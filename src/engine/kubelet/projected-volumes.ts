import type { Client } from '../client/client.js';
import { resolvePath } from '../container-runtime/files/path.js';
import type { Mount, MountedFile } from '../container-runtime/mount.port.js';
import { instant, parseTimestamp, timestamp, type Instant } from '../kernel/clock.js';
import { configMap as configMapKind } from '../kinds/config-map.js';
import { pod as podKind } from '../kinds/pod.js';
import { secret as secretKind } from '../kinds/secret.js';
import type {
  DownwardAPIVolumeFile,
  KeyToPath,
  Pod,
  ProjectedVolumeSource,
  VolumeProjection,
} from '../machinery/api/core-v1.js';
import { decodeBase64Url } from '../machinery/base64.js';
import { goQuote } from '../machinery/go-text.js';
import { keyOf } from '../machinery/object.js';
import type { TextCodec } from '../machinery/text-codec.port.js';
import type { PodTokens } from './pod-tokens.js';
import { podField } from './process-environment.js';

const FILE_MODE = 0o644;

export interface ProjectedVolumesOptions {
  readonly client: Client;
  readonly text: TextCodec;
  readonly tokens: PodTokens;
}

type Content = () => Uint8Array | undefined;

/**
 * What the projected volumes of a kubelet's pods hold: tokens of service accounts, ConfigMaps, Secrets and fields of the pod.
 * Contents are made when they are looked at, so a volume that nobody reads costs nothing. Left out are mounts of a `subPath`,
 * amounts of resources, bundles of trust, certificates of pods, and the file modes that follow from users and groups.
 */
export class ProjectedVolumes {
  readonly #options: ProjectedVolumesOptions;

  constructor(options: ProjectedVolumesOptions) {
    this.#options = options;
  }

  /** Those that a container mounts. */
  mountsOf(pod: Pod, containerName: string): readonly Mount[] {
    const { containers, initContainers = [], ephemeralContainers = [], volumes = [] } = pod.spec;
    const container = [...initContainers, ...containers, ...ephemeralContainers].find(
      ({ name }) => name === containerName,
    );
    const mounts: Mount[] = [];
    for (const { name, mountPath, subPath = '', subPathExpr = '' } of container?.volumeMounts ?? []) {
      const source = volumes.find((each) => each.name === name)?.projected;
      if (source === undefined || subPath !== '' || subPathExpr !== '') continue;
      const writtenAt = startOf(pod);
      const version = versionOf(pod, writtenAt);
      const path = resolvePath('/', mountPath);
      mounts.push({ path, version, writtenAt, files: () => this.#filesOf(pod, source) });
    }
    return mounts;
  }

  #filesOf(pod: Pod, { sources, defaultMode = FILE_MODE }: ProjectedVolumeSource): ReadonlyMap<string, MountedFile> {
    const current = this.#options.client.get(podKind, keyOf(pod));
    const asItIs = current?.metadata.uid === pod.metadata.uid ? current : pod;
    const files = new Map<string, MountedFile>();
    for (const source of sources ?? []) {
      for (const [path, mode, content] of this.#contentsOf(asItIs ?? pod, source)) {
        files.set(resolvePath('/', path).slice(1), { mode: mode ?? defaultMode, content });
      }
    }
    return files;
  }

  *#contentsOf(pod: Pod, source: VolumeProjection): Generator<readonly [string, number | undefined, Content]> {
    const { client, text, tokens } = this.#options;
    const { serviceAccountToken, configMap, secret, downwardAPI } = source;
    const { namespace = '' } = pod.metadata;
    if (serviceAccountToken !== undefined) {
      const content = (): Uint8Array | undefined => {
        const token = tokens.tokenOf(pod, serviceAccountToken);
        return token === undefined ? undefined : text.encode(token);
      };
      yield [serviceAccountToken.path, undefined, content];
    }
    if (configMap !== undefined) {
      const found = client.get(configMapKind, `${namespace}/${configMap.name ?? ''}`);
      const contents = new Map<string, Content>();
      for (const [key, value] of Object.entries(found?.data ?? {})) contents.set(key, () => text.encode(value));
      for (const [key, value] of Object.entries(found?.binaryData ?? {})) contents.set(key, () => bytesOf(value));
      yield* chosen(contents, configMap.items);
    }
    if (secret !== undefined) {
      const found = client.get(secretKind, `${namespace}/${secret.name ?? ''}`);
      const contents = new Map<string, Content>();
      for (const [key, value] of Object.entries(found?.data ?? {})) contents.set(key, () => bytesOf(value));
      yield* chosen(contents, secret.items);
    }
    for (const item of downwardAPI?.items ?? []) {
      const value = fieldText(pod, item);
      if (value !== undefined) yield [item.path, item.mode, () => text.encode(value)];
    }
  }
}

/** All keys under their own names, unless some are named. */
function* chosen(
  contents: ReadonlyMap<string, Content>,
  items: readonly KeyToPath[] = [],
): Generator<readonly [string, number | undefined, Content]> {
  if (items.length === 0) for (const [key, content] of contents) yield [key, undefined, content];
  for (const { key, path, mode } of items) {
    const content = contents.get(key);
    if (content !== undefined) yield [path, mode, content];
  }
}

function fieldText(pod: Pod, { fieldRef }: DownwardAPIVolumeFile): string | undefined {
  const path = fieldRef?.fieldPath;
  switch (path) {
    case undefined:
      return undefined;
    case 'metadata.labels':
      return mapText(pod.metadata.labels);
    case 'metadata.annotations':
      return mapText(pod.metadata.annotations);
    default:
      return podField(pod, path);
  }
}

const mapText = (map: Readonly<Record<string, string>> = {}): string =>
  Object.keys(map)
    .sort()
    .map((key) => `${key}=${goQuote(map[key] ?? '')}`)
    .join('\n');

const bytesOf = (base64: string): Uint8Array | undefined =>
  decodeBase64Url(base64.replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_')).bytes;

const startOf = ({ metadata, status }: Pod): Instant =>
  parseTimestamp(status?.startTime ?? metadata.creationTimestamp ?? '') ?? instant(0);

/** Named after the moment at which it was written, and a number that is the pod's own. */
function versionOf({ metadata: { uid = '' } }: Pod, writtenAt: Instant): string {
  const when = timestamp(writtenAt).slice(0, -1).replace(/[-T:]/g, '_');
  return `..${when}.${Number.parseInt(uid.slice(0, 8), 16) || 0}`;
}
