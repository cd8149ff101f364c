/** Mirrors apimachinery's `fields` package: `metadata.name=a,status.phase!=Running`, with `\` before `,`, `=` and `\` in values. */
import { goQuote } from './go-text.js';
import type { StatusError } from './status-error.js';
import { badRequest } from './status-error.js';

export interface FieldRequirement {
  readonly field: string;
  readonly operator: '=' | '!=';
  readonly value: string;
}

/** All of them must hold; an empty list holds for everything. */
export type FieldRequirements = readonly FieldRequirement[];

/** Throws a StatusError 400 with upstream's words. Which fields a kind has is not asked here. */
export function parseFieldSelector(text: string): FieldRequirements {
  const requirements: FieldRequirement[] = [];
  for (const term of splitTerms(text).sort()) {
    if (term === '') continue;
    const split = term.search(/!?=/);
    if (split < 0) throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
    const operator = term[split] === '!' ? '!=' : '=';
    const value = term.slice(split + (term[split + 1] === '=' ? 2 : 1));
    requirements.push({ field: term.slice(0, split), operator, value: unescapeValue(value) });
  }
  return requirements;
}

/** A field that the object lacks reads as empty. */
export const matchesFields = (requirements: FieldRequirements, fields: Readonly<Record<string, string>>): boolean =>
  requirements.every(({ field, operator, value }) => {
    const isEqual = (Object.hasOwn(fields, field) ? fields[field] : '') === value;
    return operator === '=' ? isEqual : !isEqual;
  });

export const formatFieldSelector = (requirements: FieldRequirements): string =>
  requirements.map(({ field, operator, value }) => `${field}${operator}${escapeValue(value)}`).join(',');

/** The value that a field must have, so that a list by name can be a single read. */
export const exactFieldValue = (requirements: FieldRequirements, field: string): string | undefined =>
  requirements.find((each) => each.field === field && each.operator === '=')?.value;

/** What kinds with fields of their own answer to an unknown one. */
export const fieldLabelNotSupported = (field: string): StatusError => badRequest(`field label not supported: ${field}`);

/** What kinds that know only `metadata.name` and `metadata.namespace` answer to another one. */
export const unknownFieldSelector = (field: string): StatusError =>
  badRequest(`${goQuote(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`);

/** At commas that no backslash precedes; the terms keep their backslashes. */
function splitTerms(text: string): string[] {
  const terms: string[] = [];
  let start = 0;
  for (let index = 0; index < text.length; index++) {
    if (text[index] === '\\') {
      index++;
    } else if (text[index] === ',') {
      terms.push(text.slice(start, index));
      start = index + 1;
    }
  }
  return [...terms, text.slice(start)];
}

function unescapeValue(value: string): string {
  if (!/[\\,=]/.test(value)) return value;
  let plain = '';
  let isEscaped = false;
  for (const character of value) {
    const isSpecial = character === '\\' || character === ',' || character === '=';
    if (isEscaped) {
      if (!isSpecial) throw badRequest(`invalid field selector: invalid escape sequence: \\${character}`);
      plain += character;
      isEscaped = false;
    } else if (character === '\\') {
      isEscaped = true;
    } else if (isSpecial) {
      const code = character.charCodeAt(0);
      throw badRequest(`invalid field selector: unescaped character in value: ${code}`);
    } else {
      plain += character;
    }
  }
  if (isEscaped) throw badRequest('invalid field selector: invalid escape sequence: \\');
  return plain;
}

const escapeValue = (value: string): string => value.replace(/[\\,=]/g, (character) => `\\${character}`);
