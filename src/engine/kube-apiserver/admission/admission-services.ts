import type { TextCodec } from '../../machinery/text-codec.port.js';
import type { Authorizer } from '../authorizer.port.js';
import type { Conversions } from '../custom-resources/conversions.js';
import type { KindRegistry } from '../kind-registry.js';
import type { OutsideEffects } from '../outside/outside-effects.js';
import type { ConditionPrograms } from './matching/condition-programs.js';
import type { StatusWriter } from '../writes/status-writer.js';
import type { PolicyPrograms } from './policies/policy-programs.js';

/** What plugins may use of their API server, besides what they are told of a request. */
export interface AdmissionServices {
  readonly registry: KindRegistry;
  readonly authorizer: Authorizer;
  readonly text: TextCodec;
  readonly policies: PolicyPrograms;
  readonly outside: OutsideEffects;
  readonly conditions: ConditionPrograms;
  readonly statuses: StatusWriter;
  readonly conversions: Conversions;
}
