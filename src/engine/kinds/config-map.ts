import type { ConfigMap } from '../machinery/api/core-v1.js';
import { deepEqual } from '../machinery/equality.js';
import { forbidden, invalid, tooLong } from '../machinery/field-error.js';
import { byteLength } from '../machinery/go-text.js';
import type { Report } from '../machinery/kind.js';
import { defineKind } from '../machinery/kind.js';
import { configMapKeyFaults } from '../machinery/names.js';
import { reportFaults } from './pod-spec/checks.js';
import { base64ByteLength } from './shared/base64-data.js';
import { ageColumn, nameColumn } from './shared/columns.js';

/** How Go prints a path whose only name is empty. */
const NO_PATH = '[]';
const DATA_BYTES_MAX = 1_048_576;

export const configMap = defineKind<ConfigMap>({
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  shortNames: ['cm'],
  scope: 'Namespaced',
  type: 'k8s.io/api/core/v1.ConfigMap',
  columns: [
    nameColumn,
    {
      name: 'Data',
      type: 'string',
      value: ({ data = {}, binaryData = {} }) => Object.keys(data).length + Object.keys(binaryData).length,
    },
    ageColumn,
  ],

  validate,
  validateUpdate(object, old, report) {
    if (old.immutable === true) {
      const frozen = 'field is immutable when `immutable` is set';
      if (object.immutable !== true) report(forbidden('immutable', frozen));
      if (!deepEqual(object.data ?? {}, old.data ?? {})) report(forbidden('data', frozen));
      if (!deepEqual(object.binaryData ?? {}, old.binaryData ?? {})) report(forbidden('binaryData', frozen));
    }
    validate(object, report);
  },
});

function validate({ data = {}, binaryData = {} }: ConfigMap, report: Report): void {
  let bytes = 0;
  for (const key of Object.keys(data).toSorted()) {
    reportFaults(report, `data[${key}]`, key, configMapKeyFaults(key));
    if (Object.hasOwn(binaryData, key)) {
      report(invalid(`data[${key}]`, key, 'duplicate of key present in binaryData'));
    }
    bytes += byteLength(data[key] ?? '');
  }
  for (const key of Object.keys(binaryData).toSorted()) {
    reportFaults(report, `binaryData[${key}]`, key, configMapKeyFaults(key));
    bytes += base64ByteLength(binaryData[key] ?? '');
  }
  if (bytes > DATA_BYTES_MAX) report(tooLong(NO_PATH, DATA_BYTES_MAX));
}
