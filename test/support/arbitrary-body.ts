/** The parts of an OpenAPI schema that a body is made from. */
export interface Schema {
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
}

export type Schemas = Readonly<Record<string, Schema>>;

const DEPTH_MAX = 10;
const ITEMS_MAX = 3;
const TEXTS = [
  '',
  'a',
  'web',
  'x-1',
  'Not Valid',
  '-',
  '1',
  '80',
  '25%',
  '10.0.0.1',
  '::1',
  '10.0.0.0/8',
  '5Gi',
  '100m',
].concat(
  [
    '-1',
    'https://example.com/x',
    'v1',
    'Pod',
    'example.com/a',
    'kubernetes.io/hostname',
    '2026-01-01T00:00:00Z',
    '* * * * *',
  ],
  [
    'TCP',
    'Always',
    'Never',
    'ClusterIP',
    'RollingUpdate',
    'In',
    'Exists',
    'NoExecute',
    'self == 1',
    'ü',
    'x'.repeat(300),
  ],
);
const NUMBERS = [0, 1, 2, 3, 80, 443, -1, 300, 70_000, 2_147_483_647, 1.5];
/** Where a number says how many pods there are to be: thousands keep a cluster busy for minutes, as they would a real one. */
const COUNTS = ['replicas', 'minReplicas', 'maxReplicas', 'parallelism', 'completions'];
const FEW = [0, 1, 2, 3, 30, -1, 1.5];

/** Bodies that follow a schema for the most part: sparse, with nulls, empty values and wrong types among them. */
export class BodyMaker {
  readonly #schemas: Schemas;
  #state: number;

  /** The same seed makes the same bodies. */
  constructor(schemas: Schemas, seed: number) {
    this.#schemas = schemas;
    this.#state = seed;
  }

  make(schema: Schema, depth = 0): unknown {
    const chance = this.#next();
    if (depth > 1 && chance < 0.04) return null;
    if (depth > 1 && chance < 0.06) return this.#pick(['text', 7, true, [], {}]);
    const { properties, additionalProperties, items, type } = this.#resolved(schema);
    if (properties !== undefined) return this.#object(properties, depth);
    if (typeof additionalProperties === 'object') return this.#map(additionalProperties, depth);
    if (items !== undefined) return this.#list(items, depth);
    switch (type) {
      case 'integer':
      case 'number':
        return this.#pick(NUMBERS);
      case 'boolean':
        return this.#next() < 0.5;
      case 'object':
        return this.#next() < 0.5 ? {} : { a: 'b' };
      default:
        return this.#text(schema);
    }
  }

  /** From 0 up to 1. */
  #next(): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#state / 2 ** 32;
  }

  #pick<T>(values: readonly T[]): T {
    return values[Math.floor(this.#next() * values.length)]!;
  }

  #resolved(schema: Schema): Schema {
    const { $ref } = schema.allOf?.[0] ?? schema;
    return $ref === undefined ? schema : this.#resolved(this.#schemas[$ref.slice($ref.lastIndexOf('/') + 1)] ?? {});
  }

  /** Shallow objects have most of their fields, deep ones few: so that both breadth and depth are met. */
  #object(properties: Readonly<Record<string, Schema>>, depth: number): unknown {
    const share = depth >= DEPTH_MAX ? 0 : depth < 2 ? 0.9 : 0.2 + this.#next() * 0.6 - depth * 0.03;
    const entries = Object.entries(properties).filter(() => this.#next() < share);
    return Object.fromEntries(
      entries.map(([name, schema]) => [name, COUNTS.includes(name) ? this.#pick(FEW) : this.make(schema, depth + 1)]),
    );
  }

  #map(values: Schema, depth: number): unknown {
    const count = Math.floor(this.#next() * ITEMS_MAX);
    return Object.fromEntries(Array.from({ length: count }, () => [this.#pick(TEXTS), this.make(values, depth + 1)]));
  }

  #list(items: Schema, depth: number): unknown {
    const count = depth >= DEPTH_MAX ? 0 : Math.floor(this.#next() * ITEMS_MAX);
    return Array.from({ length: count }, () => this.make(items, depth + 1));
  }

  #text(schema: Schema): unknown {
    const { enum: values, format } = this.#resolved(schema);
    if (values !== undefined && this.#next() < 0.8) return this.#pick(values);
    if (format === 'int-or-string' && this.#next() < 0.5) return this.#pick(NUMBERS);
    if (format === 'date-time' && this.#next() < 0.8) return '2026-01-01T00:00:00Z';
    return this.#pick(TEXTS);
  }
}
