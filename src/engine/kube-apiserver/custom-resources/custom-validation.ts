/** Everything that upstream's strategy for custom resources has to say of an object, in its order. */
import type { RuleFindings } from '../../machinery/cel/schema/cel-rules.js';
import {
  fieldErrorMessage,
  invalid,
  required,
  type FieldError,
  type FieldErrorType,
} from '../../machinery/field-error.js';
import type { JSONSchemaProps } from '../../machinery/api/apiextensions-v1.js';
import type { CustomScale } from '../../machinery/custom-form.js';
import type { Report } from '../../machinery/kind.js';
import type { KubeObject } from '../../machinery/object.js';
import { ownValue, type JsonObject, type ParsedValue } from '../../machinery/structure.js';
import { Correlation } from '../../machinery/custom-schema/correlation.js';
import { checkScale, checkStatusScale, wholeFloats } from './custom-scale.js';
import { checkEmbedded } from '../../machinery/custom-schema/embedded-resources.js';
import { validateCommon } from '../strategy/object-metadata.js';
import { NO_PATH } from '../../machinery/custom-schema/findings.js';
import { checkListTypes } from '../../machinery/custom-schema/list-types.js';
import type { SchemaRules } from './schema-rules.port.js';
import type { StructuralSchema } from '../../machinery/custom-schema/structural-schema.js';
import { valueErrors } from '../../machinery/custom-schema/value-validation.js';
import { valueSchemaOf, type ValueSchema } from '../../machinery/custom-schema/value-schema.js';

/** Of an object with such a fault, rules would have nothing sensible to say. */
const BLOCKING: readonly FieldErrorType[] = ['NotSupported', 'Required', 'TooLong', 'TooMany', 'TypeInvalid'];
const NO_WARNINGS: readonly string[] = Object.freeze([]);
const NOTHING_FOUND: RuleFindings = Object.freeze({ errors: [], suffered: [] });
const NOT_CHECKED =
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';

interface ValidationParts {
  readonly source: JSONSchemaProps;
  readonly structure: StructuralSchema;
  readonly scale: CustomScale | undefined;
  readonly rules: SchemaRules | undefined;
}

export class CustomValidation {
  readonly #parts: ValidationParts;
  readonly #values: ValueSchema;
  readonly #hasRules: boolean;
  /** Of objects on their way into the store. */
  readonly #floats = new WeakMap<object, readonly string[]>();

  readonly #suffered = new WeakMap<object, readonly string[]>();

  constructor(parts: ValidationParts) {
    this.#parts = parts;
    this.#values = valueSchemaOf(parts.source);
    this.#hasRules = hasRules(parts.source);
  }

  /** Notes what the value says that the object, which was read from it, cannot. */
  noteRead(object: object, value: ParsedValue): void {
    const floats = wholeFloats(value, this.#parts.scale);
    if (floats.length > 0) this.#floats.set(object, floats);
  }

  /** What was suffered in an object that has been checked, because it is as it was. */
  warningsOf(object: KubeObject): readonly string[] {
    return this.#suffered.get(object) ?? NO_WARNINGS;
  }

  #floatsOf(object: KubeObject): readonly string[] {
    return this.#floats.get(object) ?? [];
  }

  /** `old` on updates: what is wrong in it already, and has not changed, is suffered. */
  check(object: KubeObject, old: KubeObject | undefined, report: Report): void {
    const { structure, scale } = this.#parts;
    const errors = valueErrors(this.#values, asJson(object), '', this.#correlation(object, old));
    const found: FieldError[] = [...errors];
    const note: Report = (error) => void found.push(error);
    if (scale !== undefined) checkScale(note, object, scale, this.#floatsOf(object));
    checkEmbedded({ report: note, rules: validateCommon }, '', asJson(object), structure);
    found.push(...this.#listErrors(object, old));
    this.#finish(found, object, old, report);
  }

  checkStatus(object: KubeObject, old: KubeObject, report: Report): void {
    const { scale } = this.#parts;
    const found: FieldError[] = [];
    const [status, schema] = [ownValue(asJson(object), 'status'), this.#values.properties.get('status')];
    if (status !== undefined && schema !== undefined) {
      found.push(...valueErrors(schema, status, 'status', this.#correlation(object, old)?.field('status')));
    }
    if (scale !== undefined) {
      checkStatusScale((error) => void found.push(error), object, scale, this.#floatsOf(object));
    }
    found.push(...this.#listErrors(object, old));
    this.#finish(found, object, old, report);
  }

  #correlation(object: KubeObject, old: KubeObject | undefined): Correlation | undefined {
    return old === undefined ? undefined : new Correlation(asJson(object), asJson(old), this.#parts.structure);
  }

  #listErrors(object: KubeObject, old: KubeObject | undefined): readonly FieldError[] {
    const found = this.#listErrorsOf(object);
    return found.length > 0 && old !== undefined && this.#listErrorsOf(old).length > 0 ? [] : found;
  }

  #listErrorsOf(object: KubeObject): readonly FieldError[] {
    const found: FieldError[] = [];
    checkListTypes((error) => void found.push(error), '', asJson(object), this.#parts.structure);
    return found;
  }

  #finish(found: readonly FieldError[], object: KubeObject, old: KubeObject | undefined, report: Report): void {
    found.forEach(report);
    const { rules, source } = this.#parts;
    if (!this.#hasRules) return;
    if ([...found, ...metadataErrors(object)].some(({ type }) => BLOCKING.includes(type)))
      return report(invalid(NO_PATH, undefined, NOT_CHECKED));
    const correlation = this.#correlation(object, old);
    const former = correlation === undefined || old === undefined ? undefined : { value: asJson(old), correlation };
    const { errors, suffered } = rules?.validate(source, asJson(object), former) ?? NOTHING_FOUND;
    errors.forEach(report);
    if (suffered.length > 0) this.#suffered.set(object, suffered.map(fieldErrorMessage));
  }
}

/** What has been reported of the metadata before, where that could be of a blocking type. */
function metadataErrors({ metadata }: KubeObject): readonly FieldError[] {
  const found: FieldError[] = metadata.name === '' ? [required('metadata.name')] : [];
  validateCommon(metadata, (error) => void found.push(error));
  return found;
}

const asJson = (object: KubeObject): JsonObject => object as unknown as JsonObject;

function hasRules(schema: JSONSchemaProps): boolean {
  if ((schema['x-kubernetes-validations'] ?? []).length > 0) return true;
  const { properties = {}, items, additionalProperties } = schema;
  const below = [...Object.values(properties), items, additionalProperties];
  return below.some((each) => isSchema(each) && hasRules(each));
}

const isSchema = (value: unknown): value is JSONSchemaProps =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
