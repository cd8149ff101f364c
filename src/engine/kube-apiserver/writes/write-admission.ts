import type { Simulation } from '../../kernel/simulation.js';
import type { ManagedFieldsEntry } from '../../machinery/api/meta-v1.js';
import { managersFault } from '../../machinery/managed-fields/managers-fault.js';
import type { ResourceReader } from '../../machinery/resource-reader.port.js';
import {
  annotating,
  type AdmissionAttributes,
  type AdmissionContext,
  type PendingAdmission,
} from '../admission/admission.js';
import type { AdmissionChain } from '../admission/admission-chain.js';
import { setField } from '../strategy/update-rules.js';
import { dropDoubledOwners } from './owner-references.js';
import { attempt, type Settle } from './settled.js';
import type { WriteScope } from './write-scope.js';

export interface WriteAdmissionOptions {
  readonly chain: AdmissionChain;
  readonly simulation: Simulation;
  readonly reader: ResourceReader;
}

/** Admission as writes and connections ask for it: what the plugins leave is put right, and the rest goes on once they agree. */
export class WriteAdmission {
  readonly #options: WriteAdmissionOptions;

  constructor(options: WriteAdmissionOptions) {
    this.#options = options;
  }

  /** Runs the mutating plugins, and once they have agreed, the rest of the write. */
  admit(attributes: AdmissionAttributes, scope: WriteScope, settle: Settle<never>, next: () => void): void {
    let wantsDefaults = false;
    const context = this.#context(scope, () => {
      wantsDefaults = true;
    });
    const managers = attributes.object?.metadata?.managedFields;
    resume(this.#options.chain.admit(attributes, context), settle, () => {
      const { object, body } = attributes;
      if (object?.metadata !== undefined) {
        restoreManagers(object.metadata, managers, (text) => context.warn(text));
        dropDoubledOwners(object, true, (text) => context.warn(text));
        if (wantsDefaults && body === undefined) scope.kind.defaults?.(object);
      }
      next();
    });
  }

  /** Shows the finished object to the validating plugins, and once they have agreed, goes on. */
  validate(attributes: AdmissionAttributes, scope: WriteScope, settle: Settle<never>, next: () => void): void {
    const context = this.#context(scope, () => undefined);
    resume(this.#options.chain.validate(named(attributes), context), settle, next);
  }

  #context({ warnings, audit }: WriteScope, requestDefaults: () => void): AdmissionContext {
    const { simulation, reader } = this.#options;
    return { simulation, reader, warn: (text) => void warnings?.push(text), ...annotating(audit), requestDefaults };
  }
}

function resume(pending: PendingAdmission | undefined, settle: Settle<never>, next: () => void): void {
  if (pending === undefined) return next();
  pending.settled((error) => (error === undefined ? attempt(settle, next) : settle({ error })));
}

/** A generated name is known by now. */
function named(attributes: AdmissionAttributes): AdmissionAttributes {
  const { name, object } = attributes;
  const generated = object?.metadata?.name ?? '';
  return name !== '' || generated === '' ? attributes : { ...attributes, name: generated };
}

type Managers = readonly ManagedFieldsEntry[] | undefined;

/** What a webhook made of the managers counts only where it makes sense. */
function restoreManagers(metadata: { managedFields?: unknown }, before: unknown, warn: (text: string) => void): void {
  const { managedFields } = metadata;
  if (managedFields === before) return;
  const fault = managersFault(managedFields as Managers);
  if (fault === undefined) return;
  setField(metadata, 'managedFields', before);
  warn(
    `.metadata.managedFields was in an invalid state after admission; this could be caused by an outdated mutating admission controller; please fix your requests: ${fault}`,
  );
}
