/** The selectors in a question about access. Mirrors their validation and `pkg/registry/authorization/util`. */
import { checkOperands, checkQualifiedName, reportFaults } from '../../kinds/pod-spec/checks.js';
import type {
  FieldSelectorAttributes,
  LabelSelectorAttributes,
  ResourceAttributes,
} from '../../machinery/api/authorization-v1.js';
import { invalid, required, type FieldError } from '../../machinery/field-error.js';
import { parseFieldSelector, type FieldRequirement, type FieldRequirements } from '../../machinery/field-selector.js';
import type { Report } from '../../machinery/kind.js';
import { parseLabelSelector } from '../../machinery/label-selector.js';
import { labelValueFaults, qualifiedNameFaults } from '../../machinery/names.js';
import { StatusError } from '../../machinery/status-error.js';

const PATH = 'spec.resourceAttributes';
const OPERATORS: readonly string[] = ['In', 'NotIn', 'Exists', 'DoesNotExist'];

/** Operators of newer clients are no errors. */
export function selectorErrors({ fieldSelector, labelSelector }: ResourceAttributes): FieldError[] {
  const errors: FieldError[] = [];
  const report: Report = (error) => void errors.push(error);
  if (fieldSelector !== undefined) {
    checkForm(report, 'fieldSelector', fieldSelector);
    for (const [index, { key, operator, values = [] }] of (fieldSelector.requirements ?? []).entries()) {
      const path = `${PATH}.fieldSelector.requirements[${index}]`;
      if (key === '') report(required(`${path}.key`, 'must be specified'));
      if (OPERATORS.includes(operator)) checkOperands(report, path, operator, values);
    }
  }
  if (labelSelector !== undefined) {
    checkForm(report, 'labelSelector', labelSelector);
    for (const [index, { key, operator, values = [] }] of (labelSelector.requirements ?? []).entries()) {
      const path = `${PATH}.labelSelector.requirements[${index}]`;
      if (OPERATORS.includes(operator)) checkOperands(report, path, operator, values);
      checkQualifiedName(report, `${path}.key`, key);
      values.forEach((value, at) => reportFaults(report, `${path}.values[${at}]`, value, labelValueFaults(value)));
    }
  }
  return errors;
}

function checkForm(
  report: Report,
  name: 'fieldSelector' | 'labelSelector',
  { rawSelector = '', requirements = [] }: FieldSelectorAttributes | LabelSelectorAttributes,
): void {
  const path = `${PATH}.${name}`;
  if (rawSelector !== '' && requirements.length > 0) {
    report(invalid(`${path}.rawSelector`, rawSelector, 'may not specified at the same time as requirements'));
  }
  if (rawSelector === '' && requirements.length === 0) {
    report(required(`${path}.requirements`, `when ${path} is specified, requirements or rawSelector is required`));
  }
}

export interface ReadSelectors {
  /** As far as they can be read: what cannot is no restriction. */
  readonly fields: FieldRequirements;
  /** What could not be read, in upstream's words; empty where all could. */
  readonly fault: string;
}

export function readSelectors({ fieldSelector, labelSelector }: ResourceAttributes): ReadSelectors {
  const { fields, isWhole } = fieldsOf(fieldSelector);
  const faults = [isWhole ? '' : ignored('fieldSelector', fields.length), labelFault(labelSelector)];
  return { fields, fault: faults.filter((each) => each !== '').join('; ') };
}

const ignored = (name: string, kept: number): string =>
  `${PATH}.${name} ${kept > 0 ? 'partially ' : ''}ignored due to parse error`;

function fieldsOf({ rawSelector = '', requirements = [] }: FieldSelectorAttributes = {}) {
  if (rawSelector !== '') {
    const fields = unlessRefused(() => parseFieldSelector(rawSelector));
    return { fields: fields ?? [], isWhole: fields !== undefined };
  }
  const fields = requirements.flatMap(({ key, operator, values = [] }): FieldRequirement[] => {
    if (values.length !== 1 || (operator !== 'In' && operator !== 'NotIn')) return [];
    return [{ field: key, operator: operator === 'In' ? '=' : '!=', value: values[0]! }];
  });
  return { fields, isWhole: fields.length === requirements.length };
}

/** Nothing that is simulated is authorised by labels: all that matters is whether the selector can be read. */
function labelFault({ rawSelector = '', requirements = [] }: LabelSelectorAttributes = {}): string {
  if (rawSelector !== '') {
    return unlessRefused(() => parseLabelSelector(rawSelector)) === undefined ? ignored('labelSelector', 0) : '';
  }
  const known = requirements.filter(
    ({ key, operator }) => OPERATORS.includes(operator) && qualifiedNameFaults(key).length === 0,
  );
  return known.length === requirements.length ? '' : ignored('labelSelector', known.length);
}

function unlessRefused<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof StatusError) return undefined;
    throw error;
  }
}
