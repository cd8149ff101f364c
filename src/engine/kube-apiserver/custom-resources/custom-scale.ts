/** The replica count of custom resources, wherever their definition says it is; mirrors apiextensions' ScaleREST. */
import { invalid, type FieldError } from '../../machinery/field-error.js';
import { goFormat, goTypeName } from '../../machinery/go-text.js';
import type { CustomScale } from '../../machinery/custom-form.js';
import type { Report, ScaleAccess } from '../../machinery/kind.js';
import type { KubeObject } from '../../machinery/object.js';
import { NumberLiteral } from '../../machinery/schema/number-literal.js';
import {
  isJsonObject,
  ownValue,
  withKey,
  type JsonObject,
  type JsonValue,
  type ParsedValue,
} from '../../machinery/structure.js';

const REPLICAS_MAX = 2 ** 31 - 1;

export const scaleAccessOf = (paths: CustomScale): ScaleAccess<KubeObject> => ({
  replicas: (object) => numberAt(object, paths.specReplicasPath),
  statusReplicas: (object) => numberAt(object, paths.statusReplicasPath),
  selector(object) {
    const found = paths.labelSelectorPath === undefined ? undefined : valueAt(object, paths.labelSelectorPath);
    return typeof found === 'string' ? found : '';
  },
  isSet: (object) => valueAt(object, paths.specReplicasPath) !== undefined,
  withReplicas: (object, replicas) => withValueAt(object, stepsOf(paths.specReplicasPath), replicas),
});

/** Which counts a client wrote as `2.0`: JSON would not tell them from whole numbers, Go does. */
export function wholeFloats(value: ParsedValue, paths: CustomScale | undefined): readonly string[] {
  if (paths === undefined) return [];
  return [paths.specReplicasPath, paths.statusReplicasPath].filter((path) => {
    let found: ParsedValue | undefined = value;
    for (const step of stepsOf(path)) found = isJsonObject(found) ? ownValue(found, step) : undefined;
    return found instanceof NumberLiteral && /[.eE]/.test(found.text) && Number.isInteger(Number(found.text));
  });
}

/** `floats` are the paths of counts that were written as floats. */
export function checkScale(report: Report, object: KubeObject, paths: CustomScale, floats: readonly string[]): void {
  checkReplicas(report, object, paths.specReplicasPath, floats);
  checkStatusScale(report, object, paths, floats);
}

export function checkStatusScale(
  report: Report,
  object: KubeObject,
  paths: CustomScale,
  floats: readonly string[],
): void {
  checkReplicas(report, object, paths.statusReplicasPath, floats);
  const path = paths.labelSelectorPath;
  if (path === undefined) return;
  const fault = accessFault(object, path, 'string', '');
  if (fault !== undefined) report(fault);
}

function checkReplicas(report: Report, object: KubeObject, path: string, floats: readonly string[]): void {
  if (floats.includes(path)) {
    const text = `${path} accessor error: ${numberAt(object, path)} is of the type float64, expected int64`;
    return report(invalid(path, 0, text));
  }
  const fault = accessFault(object, path, 'int64', 0);
  if (fault !== undefined) return report(fault);
  const replicas = numberAt(object, path);
  if (replicas < 0) report(invalid(path, replicas, 'should be a non-negative integer'));
  else if (replicas > REPLICAS_MAX) report(invalid(path, replicas, `should be less than or equal to ${REPLICAS_MAX}`));
}

/** Why what is at the path cannot be read, in the words of unstructured objects. */
function accessFault(object: KubeObject, path: string, type: string, empty: JsonValue): FieldError | undefined {
  let value: JsonValue = object as unknown as JsonObject;
  const refuse = (found: JsonValue, wanted: string): FieldError =>
    invalid(
      path,
      empty,
      `${path} accessor error: ${goFormat(found)} is of the type ${goTypeName(found)}, expected ${wanted}`,
    );
  for (const step of stepsOf(path)) {
    if (!isJsonObject(value)) return refuse(value, 'map[string]interface{}');
    const next: JsonValue | undefined = ownValue(value, step);
    if (next === undefined) return undefined;
    value = next;
  }
  return goTypeName(value) === type ? undefined : refuse(value, type);
}

function numberAt(object: KubeObject, path: string): number {
  const found = valueAt(object, path);
  return typeof found === 'number' && Number.isInteger(found) ? found : 0;
}

function valueAt(object: KubeObject, path: string): JsonValue | undefined {
  let value: JsonValue | undefined = object as unknown as JsonObject;
  for (const step of stepsOf(path)) value = isJsonObject(value) ? ownValue(value, step) : undefined;
  return value;
}

function withValueAt(object: KubeObject, steps: readonly string[], value: JsonValue): KubeObject {
  return withNested(object as unknown as JsonObject, steps, value) as unknown as KubeObject;
}

function withNested(object: JsonObject, [step = '', ...rest]: readonly string[], value: JsonValue): JsonObject {
  if (rest.length === 0) return withKey(object, step, value);
  const inner = ownValue(object, step);
  return withKey(object, step, withNested(isJsonObject(inner) ? inner : {}, rest, value));
}

const stepsOf = (path: string): readonly string[] => path.replace(/^\./, '').split('.');
