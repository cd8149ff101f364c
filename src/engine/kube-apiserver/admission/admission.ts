import type { Simulation } from '../../kernel/simulation.js';
import type { Kind } from '../../machinery/kind.js';
import type { Draft, KubeObject } from '../../machinery/object.js';
import type { ResourceReader } from '../../machinery/resource-reader.port.js';
import type { StatusError } from '../../machinery/status-error.js';
import type { UserInfo } from '../../machinery/user.js';
import type { AuditLevel } from '../audit/audit-policy.js';
import type { AuditRecord } from '../audit/audit-record.js';
import type { ExpectedBody } from '../decode-body.js';
import type { AdmissionServices } from './admission-services.js';
import type { ObjectForms } from './matching/object-forms.js';
import type { RequestOptions } from './request-options.js';
import type { Reinvocation } from './reinvocation.js';

export type AdmissionOperation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

/** What is about to happen, as admission plugins judge it: `admission.Attributes` of upstream. */
export interface AdmissionAttributes {
  readonly operation: AdmissionOperation;
  readonly kind: Kind;
  readonly subresource: string | undefined;
  /** What `object` and `old` are, where a subresource takes something else than the object itself. */
  readonly body?: ExpectedBody;
  readonly namespace: string | undefined;
  /** Empty while a name is still to be generated. */
  readonly name: string;
  readonly user: UserInfo;
  readonly isDryRun: boolean;
  /** What the request says besides its body; CONNECT says nothing. */
  readonly options?: RequestOptions;
  /** What will be stored, or the body of a subresource; `undefined` on deletion. Mutating plugins may write to it. */
  readonly object: Draft<KubeObject> | undefined;
  /** What is stored; `undefined` on creation. */
  readonly old: KubeObject | undefined;
  /** Both in other versions, as somebody outside converted them. */
  readonly forms?: ObjectForms;
}

export interface AdmissionContext {
  readonly simulation: Simulation;
  readonly reader: ResourceReader;
  /** Adds a `Warning:` header to the answer. */
  warn(text: string): void;
  /** What mutating plugins remember of one request. */
  readonly reinvocation?: Reinvocation;
  /** Adds to what the audit log says of the request, from a level on; absent where it says nothing. */
  annotate?(key: string, value: string, level?: AuditLevel): void;
  /** To be called by a plugin that put in something whose defaults are still missing. */
  requestDefaults(): void;
}

/** The part of a context that the audit log is told by. */
export const annotating = (record: Pick<AuditRecord, 'annotate'> | undefined): Pick<AdmissionContext, 'annotate'> =>
  record === undefined ? {} : { annotate: (key, value, level) => record.annotate(key, value, level) };

/** A plugin's answer that is still to come, from outside the cluster. `resume` is called once. */
export interface PendingAdmission {
  settled(resume: (error?: StatusError) => void): void;
}

/** One admission plugin. Either callback throws a StatusError to refuse; both are pure but for the object they are given. */
export interface AdmissionPlugin {
  readonly name: string;
  readonly operations: readonly AdmissionOperation[];
  /** Plurals of the resources it looks at, `group/plural` outside the core group; all unless given. */
  readonly resources?: readonly string[];
  /** The versions in which it will look at the objects, where these are not those of the request. @throws StatusError */
  forms?(attributes: AdmissionAttributes, context: AdmissionContext, services: AdmissionServices): readonly Kind[];
  /** May change the object. */
  admit?(
    attributes: AdmissionAttributes,
    context: AdmissionContext,
    services: AdmissionServices,
  ): PendingAdmission | undefined;
  /** Sees the object as it will be stored. */
  validate?(
    attributes: AdmissionAttributes,
    context: AdmissionContext,
    services: AdmissionServices,
  ): PendingAdmission | undefined;
}

export const defineAdmissionPlugin = (plugin: AdmissionPlugin): AdmissionPlugin => Object.freeze(plugin);

/** The object, where the attributes are known to be about this kind and not about a subresource's own body. */
export const objectOf = <T extends KubeObject>(_kind: Kind<T>, attributes: AdmissionAttributes): Draft<T> =>
  attributes.object as Draft<T>;
