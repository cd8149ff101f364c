import type { Column, Kind } from '../../machinery/kind.js';
import type { Draft, KubeObject } from '../../machinery/object.js';
import type { ExpectedBody } from '../decode-body.js';
import type { UpdateRules } from '../strategy/update-rules.js';

/**
 * One way of looking at a stored object that can be read, replaced and patched: the object itself, its status, or a
 * subresource that shows the object as something else, such as a Scale.
 */
export interface Face {
  readonly body: ExpectedBody;
  readonly rules: UpdateRules;
  /** Whether GET can answer at all. @throws StatusError 500 */
  checkShown?(object: KubeObject): void;
  /** What GET answers and what a patch starts from. */
  show(object: KubeObject): KubeObject;
  /** The whole object as it should be, from the new face; `body` is a private copy. @throws StatusError 422 */
  apply(body: Draft<KubeObject>, old: KubeObject | undefined): Draft<KubeObject>;
  /** Whether `show` gives the object itself: then answers can use its stored bytes and its tables. */
  readonly isObject: boolean;
  /** How a face that shows something else looks in a table; without it, it has none. */
  readonly columns?: readonly Column<KubeObject>[];
}

/** Makes a subresource's face for a kind. */
export type FaceMaker = (kind: Kind) => Face;
