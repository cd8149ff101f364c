import type { Instant } from '../../kernel/clock.js';
import { timestamp } from '../../kernel/clock.js';
import type { KubeObject } from '../../machinery/object.js';
import type { JsonValue } from '../../machinery/structure.js';

/** One object of every new cluster, without what the server gives it (uid, times, version). Shared: never mutated. */
export interface BootstrapTemplate {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [key: string]: JsonValue };
  readonly [key: string]: JsonValue;
}

/** What one cluster's copies differ in. */
export interface BootstrapValues {
  /** When the cluster came to be. */
  readonly now: Instant;
  /** The cluster's certificate authority, in PEM. */
  readonly caCertificate: string;
  /** The IPv4 address of the control-plane node, where its API server listens at port 6443. */
  readonly apiServerAddress: string;
  /** The authority of clients' certificates, in PEM; that of the cluster's unless given. */
  readonly clientAuthority?: string | undefined;
  /** The authority behind the certificate that the aggregator shows, in PEM; the same. */
  readonly frontProxyAuthority?: string | undefined;
}

const DATE_LENGTH = 'YYYY-MM-DD'.length;

/** The template with its placeholders filled; parts without any stay shared with all clusters. */
export function fill(
  template: BootstrapTemplate,
  { now, caCertificate, apiServerAddress, clientAuthority, frontProxyAuthority }: BootstrapValues,
): KubeObject {
  const time = timestamp(now);
  const values: Readonly<Record<string, string>> = {
    '<time>': time,
    '<date>': time.slice(0, DATE_LENGTH),
    '<pem>': caCertificate,
    '<client-ca>': clientAuthority ?? caCertificate,
    '<front-proxy-ca>': frontProxyAuthority ?? caCertificate,
    '<address>': apiServerAddress,
  };
  return filled(template, values);
}

function filled<T extends JsonValue>(value: T, values: Readonly<Record<string, string>>): T;
function filled(value: JsonValue, values: Readonly<Record<string, string>>): JsonValue {
  if (typeof value === 'string') return value.startsWith('<') ? (values[value] ?? value) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const items = value as readonly JsonValue[];
    const copies: readonly JsonValue[] = items.map((each) => filled(each, values));
    return copies.some((each, index) => each !== items[index]) ? copies : value;
  }
  let copy: Record<string, JsonValue> | undefined;
  for (const [key, each] of Object.entries(value)) {
    const next = filled(each, values);
    if (next !== each) (copy ??= { ...value } as Record<string, JsonValue>)[key] = next;
  }
  return copy ?? value;
}
