import {
  dns1035LabelFaults,
  dns1123LabelFaults,
  dns1123SubdomainFaults,
  labelValueFaults,
  maskTrailingDash,
  qualifiedNameFaults,
} from '../../names.js';
import { STRING, listOf, opaque, optionalOf } from '../types.js';
import { Extension } from '../values/extension.js';
import { ArrayList } from '../values/list-value.js';
import { OptionalValue, type Value } from '../values/value.js';
import { declare, member, overload, type FunctionDeclaration } from './function.js';
import { parseTimestamp } from './time-text.js';
import { urlFault } from './urls.js';

const FORMAT = opaque('kubernetes.NamedFormat');
const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const BASE_64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/;

export class FormatValue extends Extension {
  override readonly type = FORMAT;
  readonly name: string;
  /** An upper bound of the size of its pattern: what a check is reckoned to cost. */
  readonly patternSize: number;
  readonly faults: (text: string) => readonly string[];

  constructor(name: string, patternSize: number, faults: (text: string) => readonly string[]) {
    super();
    this.name = name;
    this.patternSize = patternSize;
    this.faults = faults;
  }

  override equals(other: Value): boolean {
    return other === this;
  }

  override text(): string {
    return this.name;
  }
}

const ifNot = (holds: (text: string) => boolean, fault: string) => (text: string) => (holds(text) ? [] : [fault]);
const uriFaults = (text: string): readonly string[] => {
  const fault = urlFault(text);
  return fault === undefined ? [] : [fault];
};

const FORMATS: Readonly<Record<string, FormatValue>> = {
  dns1123Label: new FormatValue('DNS1123Label', 30, dns1123LabelFaults),
  dns1123Subdomain: new FormatValue('DNS1123Subdomain', 60, dns1123SubdomainFaults),
  dns1035Label: new FormatValue('DNS1035Label', 30, dns1035LabelFaults),
  qualifiedName: new FormatValue('QualifiedName', 60, qualifiedNameFaults),
  dns1123LabelPrefix: new FormatValue('DNS1123LabelPrefix', 30, (text) => dns1123LabelFaults(maskTrailingDash(text))),
  dns1123SubdomainPrefix: new FormatValue('DNS1123SubdomainPrefix', 60, (text) =>
    dns1123SubdomainFaults(maskTrailingDash(text)),
  ),
  dns1035LabelPrefix: new FormatValue('DNS1035LabelPrefix', 30, (text) => dns1035LabelFaults(maskTrailingDash(text))),
  labelValue: new FormatValue('LabelValue', 40, labelValueFaults),
  uri: new FormatValue('URI', 1_103, uriFaults),
  uuid: new FormatValue(
    'uuid',
    72,
    ifNot((text) => UUID.test(text), 'does not match the UUID format'),
  ),
  byte: new FormatValue(
    'byte',
    84,
    ifNot((text) => BASE_64.test(text), 'invalid base64'),
  ),
  date: new FormatValue(
    'date',
    71,
    ifNot((text) => isDate(text), 'invalid date'),
  ),
  datetime: new FormatValue(
    'datetime',
    71,
    ifNot((text) => parseTimestamp(text) !== undefined, 'invalid datetime'),
  ),
};

const isDate = (text: string): boolean => parseTimestamp(`${text}T00:00:00Z`) !== undefined;

export const formats: readonly FunctionDeclaration[] = [
  declare(
    'validate',
    member<readonly [FormatValue, string]>([FORMAT, STRING], optionalOf(listOf(STRING)), ([format, text]) => {
      const faults = format.faults(text);
      return faults.length === 0 ? OptionalValue.none : new OptionalValue(new ArrayList(faults));
    }),
  ),
  declare(
    'format.named',
    overload<readonly [string]>([STRING], optionalOf(FORMAT), ([name]) =>
      Object.hasOwn(FORMATS, name) ? new OptionalValue(FORMATS[name]) : OptionalValue.none,
    ),
  ),
  ...Object.entries(FORMATS).map(([name, format]) =>
    declare(
      `format.${name}`,
      overload<readonly []>([], FORMAT, () => format),
    ),
  ),
];
