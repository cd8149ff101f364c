import type { Simulation } from '../kernel/simulation.js';
import type { ResourceReader } from '../machinery/resource-reader.port.js';
import type { TextCodec } from '../machinery/text-codec.port.js';
import type { Backends } from './aggregation/backends.js';
import type { ClusterAuthentication } from './authentication/cluster-authentication.js';
import type { Conversions } from './custom-resources/conversions.js';
import type { ContainerSessions } from './container-sessions.port.js';
import type { KindRegistry } from './kind-registry.js';
import type { LogSource } from './logs.port.js';
import type { OutsideEffects } from './outside/outside-effects.js';
import type { Answers } from './answers.js';
import type { Applier } from './ownership/applier.js';
import type { FieldTracker } from './ownership/field-tracker.js';
import type { SpecMemory } from './spec-memory.js';
import type { ResourceStorage } from './storage/resource-storage.js';
import type { ObjectDeleter } from './writes/object-deleter.js';
import type { WriteAdmission } from './writes/write-admission.js';
import type { ObjectWriter } from './writes/object-writer.js';

/** What the handlers of one API server share. */
export interface ServerParts {
  readonly registry: KindRegistry;
  readonly storage: ResourceStorage;
  readonly reader: ResourceReader;
  readonly simulation: Simulation;
  readonly text: TextCodec;
  readonly answers: Answers;
  readonly admission: WriteAdmission;
  readonly writer: ObjectWriter;
  readonly deleter: ObjectDeleter;
  readonly conversions: Conversions;
  readonly outside: OutsideEffects;
  readonly backends: Backends;
  readonly fields: FieldTracker;
  readonly applier: Applier;
  readonly authentication: ClusterAuthentication;
  readonly specs: SpecMemory;
  readonly logs: LogSource | undefined;
  readonly sessions: ContainerSessions | undefined;
}
