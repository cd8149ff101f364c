/** Mirrors kube-openapi's schema validation: its order, its words, and how it chooses among failed alternatives. */
import { invalid, notSupported, required, tooLong, tooMany, typeInvalid } from '../field-error.js';
import { goJson, goQuote } from '../go-text.js';
import type { FieldError } from '../field-error.js';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../structure.js';
import type { Correlation } from './correlation.js';
import { Findings } from './findings.js';
import { checkNumber } from './number-checks.js';
import { isSameJson } from './same-json.js';
import { addInvalid, generalPath, pathOf, type Place } from './value-place.js';
import type { ValueSchema } from './value-schema.js';

/** The errors of a value. With a correlation, what is wrong but unchanged is suffered. */
export function valueErrors(
  schema: ValueSchema,
  value: JsonValue,
  prefix: string,
  correlation?: Correlation,
): readonly FieldError[] {
  const findings = new ValueValidation(prefix).check(schema, value, '', correlation);
  if (findings.isValid || correlation?.isUnchanged === true) return [];
  return findings.all.map(({ error }) => error);
}

/** What matching the texts of one value with their patterns may take, in steps of a pattern. */
const MATCHING_WORK_MAX = 100_000_000;

class ValueValidation {
  readonly #prefix: string;
  #matchingWork = 0;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  check(schema: ValueSchema, value: JsonValue, name: string, old: Correlation | undefined): Findings {
    const findings = new Findings();
    const place = { name, prefix: this.#prefix };
    if (value === null) {
      checkNull(schema, place, findings);
      checkEnum(schema, value, place, findings);
      return findings;
    }
    if (schema.types.length > 0 || schema.format !== '') {
      checkType(schema, value, place, findings);
      findings.match();
    }
    this.#checkCombinations(schema, value, name, { findings, old });
    findings.match();
    if (typeof value === 'string') {
      this.#matchingWork += value.length * (schema.pattern?.size ?? 0);
      checkText(this.#matchingWork > MATCHING_WORK_MAX ? unmatched(schema) : schema, value, place, findings);
    } else if (typeof value === 'number' || typeof value === 'bigint')
      checkNumber(schema.source, value, place, findings);
    else if (isJsonArray(value)) this.#checkItems(schema, value, name, { findings, old });
    checkEnum(schema, value, place, findings);
    findings.match();
    if (isJsonObject(value)) this.#checkFields(schema, value, name, { findings, old });
    findings.match();
    return findings;
  }

  /** A part of a value: errors of one that has not changed are no errors. */
  #checkPart(schema: ValueSchema, value: JsonValue, name: string, old: Correlation | undefined): Findings {
    const findings = this.check(schema, value, name, old);
    if (findings.isValid || old?.isUnchanged !== true) return findings;
    const kept = new Findings();
    kept.mergeMatches(findings);
    return kept;
  }

  #checkCombinations(schema: ValueSchema, value: JsonValue, name: string, { findings, old }: Step): void {
    const { anyOf, oneOf, allOf, not } = schema;
    const checkEach = (each: ValueSchema): Findings => this.check(each, value, name, old);
    if (anyOf.length > 0) checkAnyOf(anyOf, name, { findings, checkEach, prefix: this.#prefix });
    if (oneOf.length > 0) checkOneOf(oneOf, name, { findings, checkEach, prefix: this.#prefix });
    if (allOf.length > 0) checkAllOf(allOf, name, { findings, checkEach, prefix: this.#prefix });
    if (not !== undefined && checkEach(not).isValid) {
      findings.addGeneral(`${goQuote(name)} must not validate the schema (not)`, generalPath(this.#prefix));
    }
    findings.match();
  }

  #checkItems(schema: ValueSchema, items: readonly JsonValue[], name: string, { findings, old }: Step): void {
    const { minItems, maxItems } = schema.source;
    const place = { name, prefix: this.#prefix };
    if (schema.items !== undefined) {
      for (const [index, item] of items.entries()) {
        findings.merge(this.#checkPart(schema.items, item, `${name}[${index}]`, old?.item(index)));
      }
    }
    const { length } = items;
    if (minItems !== undefined && length < minItems) {
      addInvalid(findings, place, length, `should have at least ${minItems} items`);
    }
    if (maxItems !== undefined && length > maxItems) {
      findings.add(`${name} items ${maxItems}`, tooMany(pathOf(place), length, maxItems));
    }
    findings.match();
    findings.match();
  }

  #checkFields(schema: ValueSchema, object: JsonObject, name: string, { findings, old }: Step): void {
    const place = { name, prefix: this.#prefix };
    checkFieldCount(schema, object, place, findings);
    for (const key of Object.keys(object).sort()) {
      if (schema.properties.has(key)) continue;
      const { additional } = schema;
      if (additional === false) {
        const text = `${name}.${key} in body is a forbidden property`;
        findings.add(text, invalid(pathOf(place), key, text));
      } else if (typeof additional === 'object') {
        findings.merge(this.#checkPart(additional, object[key] ?? null, `${name}.${key}`, old?.field(key)));
      }
    }
    for (const [key, property] of schema.properties) {
      const value = Object.hasOwn(object, key) ? object[key] : undefined;
      if (value === undefined) continue;
      const inner = name === '' ? key : `${name}.${key}`;
      const former = name === '' && (key === 'apiVersion' || key === 'kind') ? undefined : old?.field(key);
      findings.merge(this.#checkPart(property, value, inner, former));
    }
    for (const key of schema.source.required ?? []) {
      if (Object.hasOwn(object, key) && object[key] !== undefined) continue;
      const inner = { ...place, name: `${name}.${key}` };
      findings.add(`${inner.name} in body is required`, required(pathOf(inner)));
    }
    findings.match();
  }
}

interface Step {
  readonly findings: Findings;
  readonly old: Correlation | undefined;
}

interface Alternatives {
  readonly findings: Findings;
  readonly prefix: string;
  checkEach(schema: ValueSchema): Findings;
}

function checkAnyOf(schemas: readonly ValueSchema[], name: string, step: Alternatives): void {
  let best: Findings | undefined;
  for (const schema of schemas) {
    const found = step.checkEach(schema);
    if (found.isValid) return step.findings.merge(found);
    if (best === undefined || found.matches > best.matches) best = found;
  }
  step.findings.addGeneral(`${goQuote(name)} must validate at least one schema (anyOf)`, generalPath(step.prefix));
  if (best !== undefined) step.findings.merge(best);
}

function checkOneOf(schemas: readonly ValueSchema[], name: string, step: Alternatives): void {
  let best: Findings | undefined;
  let first: Findings | undefined;
  let valid = 0;
  for (const schema of schemas) {
    const found = step.checkEach(schema);
    if (found.isValid) {
      valid++;
      best = undefined;
      first ??= found;
    } else if (valid === 0 && (best === undefined || found.matches > best.matches)) {
      best = found;
    }
  }
  if (valid === 1 && first !== undefined) return step.findings.merge(first);
  const words = valid === 0 ? 'Found none valid' : `Found ${valid} valid alternatives`;
  const text = `${goQuote(name)} must validate one and only one schema (oneOf). ${words}`;
  step.findings.addGeneral(text, generalPath(step.prefix));
  if (best !== undefined) step.findings.merge(best);
}

function checkAllOf(schemas: readonly ValueSchema[], name: string, step: Alternatives): void {
  let valid = 0;
  for (const schema of schemas) {
    const found = step.checkEach(schema);
    if (found.isValid) valid++;
    step.findings.merge(found);
  }
  if (valid === schemas.length) return;
  const words = valid === 0 ? '. None validated' : '';
  step.findings.addGeneral(`${goQuote(name)} must validate all the schemas (allOf)${words}`, generalPath(step.prefix));
}

function checkNull(schema: ValueSchema, place: Place, findings: Findings): void {
  if (schema.types.length === 0 || schema.isNullable) return findings.match();
  addMistyped(findings, place, schema.types.join(','), 'null');
}

function checkType(schema: ValueSchema, value: JsonValue, place: Place, findings: Findings): void {
  const { types, format } = schema;
  const [type, ownFormat] = typeOf(value);
  const isWholeNumber = type === 'integer' && types.includes('number');
  const fits = types.includes(type) || isWholeNumber;
  const isTextOrList = type === 'string' || type === 'array';
  if (!isTextOrList && format !== '' && !fits) return addMistyped(findings, place, format, ownFormat);
  const takesNumbers = types.includes('number') || types.includes('integer');
  if (!(isTextOrList && format !== '' && !takesNumbers) && !fits) {
    return addMistyped(findings, place, types.join(','), type);
  }
  findings.match();
}

/** The type of JSON data, and the format that upstream takes it to have. */
function typeOf(value: JsonValue): readonly [type: string, format: string] {
  switch (typeof value) {
    case 'string':
      return ['string', ''];
    case 'boolean':
      return ['boolean', ''];
    case 'bigint':
      return ['integer', 'int64'];
    case 'number':
      return Number.isInteger(value) ? ['integer', 'int64'] : ['number', 'float64'];
    default:
      return isJsonArray(value) ? ['array', ''] : ['object', ''];
  }
}

const unmatched = (schema: ValueSchema): ValueSchema => ({
  ...schema,
  pattern: undefined,
  patternFault: schema.pattern === undefined ? schema.patternFault : 'there is too much to match with it',
});

function checkText(
  { source, pattern, patternFault, format, hasFormat }: ValueSchema,
  text: string,
  place: Place,
  findings: Findings,
): void {
  checkLengthAndPattern({ source, pattern, patternFault }, text, place, findings);
  findings.match();
  if (hasFormat === undefined) return;
  if (!hasFormat(text)) addMistyped(findings, place, format, text);
  findings.match();
}

/** The first that is wrong is all that is told. */
function checkLengthAndPattern(
  { source, pattern, patternFault }: Pick<ValueSchema, 'source' | 'pattern' | 'patternFault'>,
  text: string,
  place: Place,
  findings: Findings,
): void {
  const { maxLength, minLength } = source;
  const path = pathOf(place);
  const length = maxLength === undefined && minLength === undefined ? 0 : [...text].length;
  if (maxLength !== undefined && length > maxLength) {
    return findings.add(`${place.name} in body should be at most ${maxLength} chars long`, tooLong(path, maxLength));
  }
  if (minLength !== undefined && length < minLength) {
    return addInvalid(findings, place, text, `should be at least ${minLength} chars long`);
  }
  if (patternFault !== undefined) {
    const shown = `${source.pattern ?? ''}, but pattern is invalid: ${patternFault}`;
    return addInvalid(findings, place, text, `should match '${shown}'`);
  }
  if (pattern?.matches(text) === false) addInvalid(findings, place, text, `should match '${source.pattern ?? ''}'`);
}

function checkEnum({ source }: ValueSchema, value: JsonValue, place: Place, findings: Findings): void {
  const values = source.enum ?? [];
  if (values.length === 0) return;
  if (value !== null && values.some((each) => isSameJson(each, value))) return;
  const shown = values.map((each) => (typeof each === 'string' ? each : goJson(each)));
  findings.add(
    `${place.name} in body should be one of [${shown.join(' ')}]`,
    notSupported(pathOf(place), value, shown),
  );
}

function checkFieldCount({ source }: ValueSchema, object: JsonObject, place: Place, findings: Findings): void {
  const { minProperties, maxProperties } = source;
  const count = Object.keys(object).length;
  if (minProperties !== undefined && count < minProperties) {
    addInvalid(findings, place, count, `should have at least ${minProperties} properties`);
  }
  if (maxProperties !== undefined && count > maxProperties) {
    findings.add(`${place.name} properties ${maxProperties}`, tooMany(pathOf(place), count, maxProperties));
  }
}

/** `value` is what upstream shows for the wrong one. */
function addMistyped(findings: Findings, place: Place, wanted: string, value: string): void {
  const text = `${place.name} in body must be of type ${wanted}: ${goQuote(value)}`;
  findings.add(text, typeInvalid(pathOf(place), value, text));
}
