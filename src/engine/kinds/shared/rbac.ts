import type { Subject } from '../../machinery/api/rbac-v1.js';

/** The names of the subjects of one kind, as the wide columns of bindings show them. */
export const subjectNames = (subjects: readonly Subject[] = [], kind: string): string =>
  subjects
    .filter((each) => each.kind === kind)
    .map(({ namespace = '', name }) => (kind === 'ServiceAccount' ? `${namespace}/${name}` : name))
    .join(', ');
