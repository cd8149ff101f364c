/** The types of CEL, as cel-go's checker knows and writes them. */

type Scalar =
  'bool' | 'bytes' | 'double' | 'duration' | 'dyn' | 'error' | 'int' | 'null' | 'string' | 'timestamp' | 'uint';

export type Type =
  | ({ readonly kind: Scalar } & Sized)
  | ({ readonly kind: 'list'; readonly element: Type; readonly identity?: ListIdentity } & Sized)
  | ({ readonly kind: 'map'; readonly key: Type; readonly value: Type } & Sized)
  | { readonly kind: 'type'; readonly of: Type }
  /** A value with functions and no fields, such as a quantity. */
  | { readonly kind: 'opaque'; readonly name: string; readonly parameters: readonly Type[] }
  | ObjectType
  /** Stands for any type in a declaration; all places of one name are of one type. */
  | { readonly kind: 'parameter'; readonly name: string };

/** How items of a list of JSON are told apart, where their order means nothing: by all they are, or by these fields. */
export type ListIdentity = 'whole' | readonly string[];

interface Sized {
  /** How long a value may be at most, where its schema tells: characters, bytes, items or entries. */
  readonly sizeMax?: number;
}

/** An object whose fields are known. Fields are made when they are first asked for: schemas may be deep. */
export interface ObjectType {
  readonly kind: 'object';
  readonly name: string;
  /** By the name that an expression uses, which is escaped. */
  field(name: string): Field | undefined;
}

export interface Field {
  readonly type: Type;
  /** As it is called in the object itself. */
  readonly name: string;
}

const scalar = (kind: Scalar): Type => Object.freeze({ kind });

export const BOOL = scalar('bool');
export const BYTES = scalar('bytes');
export const DOUBLE = scalar('double');
export const DURATION = scalar('duration');
export const DYN = scalar('dyn');
export const ERROR = scalar('error');
export const INT = scalar('int');
export const NULL = scalar('null');
export const STRING = scalar('string');
export const TIMESTAMP = scalar('timestamp');
export const UINT = scalar('uint');

export const listOf = (element: Type): Type => ({ kind: 'list', element });
export const mapOf = (key: Type, value: Type): Type => ({ kind: 'map', key, value });
export const typeOf = (of: Type): Type => ({ kind: 'type', of });
export const opaque = (name: string, ...parameters: readonly Type[]): Type => ({ kind: 'opaque', name, parameters });
export const optionalOf = (of: Type): Type => opaque('optional_type', of);
export const parameter = (name: string): Type => ({ kind: 'parameter', name });

export const isOptional = (type: Type): type is Type & { readonly kind: 'opaque' } =>
  type.kind === 'opaque' && type.name === 'optional_type';

/** What is in an optional, and any other type itself. */
export const unwrapped = (type: Type): Type => (isOptional(type) ? (type.parameters[0] ?? DYN) : type);

/** As cel-go writes a type in its errors. */
export function typeText(type: Type): string {
  switch (type.kind) {
    case 'list':
      return `list(${typeText(type.element)})`;
    case 'map':
      return `map(${typeText(type.key)}, ${typeText(type.value)})`;
    case 'type':
      return `type(${typeText(type.of)})`;
    case 'opaque':
      return type.parameters.length === 0 ? type.name : `${type.name}(${type.parameters.map(typeText).join(', ')})`;
    case 'object':
    case 'parameter':
      return type.name;
    case 'error':
      return '!error!';
    default:
      return type.kind;
  }
}
