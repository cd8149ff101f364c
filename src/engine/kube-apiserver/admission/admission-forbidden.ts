import { forbidden, type StatusError } from '../../machinery/status-error.js';
import type { AdmissionAttributes } from './admission.js';

/** A plugin's refusal in upstream's words. An object without a name yet is named by its prefix. */
export function admissionForbidden({ kind, name, object }: AdmissionAttributes, message: string): StatusError {
  const { name: given = '', generateName = '' } = object?.metadata ?? { name: '' };
  const shown = [name, given, generateName, 'Unknown'].find((each) => each !== '')!;
  return forbidden({ group: kind.group, resource: kind.plural }, shown, message);
}
