import type { LabelRequirements } from '../machinery/label-selector.js';

type Labels = Readonly<Record<string, string>>;

/**
 * Finds what may select given labels without asking everything: an entry whose requirements fix a label is filed under
 * that label and value, the others in one list. Candidates still have to be matched.
 */
export class SelectorIndex<T> {
  readonly #byLabel = new Map<string, Set<T>>();
  readonly #general = new Set<T>();

  add(requirements: LabelRequirements, item: T): void {
    const label = fixedLabel(requirements);
    if (label === undefined) {
      this.#general.add(item);
      return;
    }
    const filed = this.#byLabel.get(label);
    if (filed === undefined) this.#byLabel.set(label, new Set([item]));
    else filed.add(item);
  }

  delete(requirements: LabelRequirements, item: T): void {
    const label = fixedLabel(requirements);
    if (label === undefined) {
      this.#general.delete(item);
      return;
    }
    const filed = this.#byLabel.get(label);
    if (filed?.delete(item) === true && filed.size === 0) this.#byLabel.delete(label);
  }

  visit(labels: Labels | undefined, see: (item: T) => void): void {
    for (const item of this.#general) see(item);
    if (this.#byLabel.size === 0 || labels === undefined) return;
    for (const key in labels) {
      const filed = this.#byLabel.get(`${key}=${labels[key] ?? ''}`);
      if (filed !== undefined) for (const item of filed) see(item);
    }
  }
}

function fixedLabel(requirements: LabelRequirements): string | undefined {
  for (const { key, operator, values } of requirements) {
    const [value] = values;
    const isExact = operator === '=' || operator === '==' || operator === 'in';
    if (isExact && values.length === 1 && value !== undefined) return `${key}=${value}`;
  }
  return undefined;
}
