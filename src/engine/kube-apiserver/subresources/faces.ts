import type { Kind } from '../../machinery/kind.js';
import { approvalFace } from './approval-face.js';
import { ephemeralContainersFace } from './ephemeral-containers-face.js';
import type { Face, FaceMaker } from './face.js';
import { finalizeFace } from './finalize-face.js';
import { objectFace, statusFace } from './object-face.js';
import { resizeFace } from './resize-face.js';
import { scaleFace } from './scale-face.js';

/** Subresources that are another look at the object, by name. */
const FACES: Readonly<Record<string, FaceMaker>> = {
  '': objectFace,
  approval: approvalFace,
  ephemeralcontainers: ephemeralContainersFace,
  finalize: finalizeFace,
  resize: resizeFace,
  scale: scaleFace,
  status: statusFace,
};

/** The faces of all kinds, made when first asked for. */
export class Faces {
  readonly #known = new WeakMap<Kind, Map<string, Face>>();

  /** `undefined` when the subresource is something else: an action, a stream. */
  of(kind: Kind, subresource = ''): Face | undefined {
    const make = Object.hasOwn(FACES, subresource) ? FACES[subresource] : undefined;
    if (make === undefined) return undefined;
    let faces = this.#known.get(kind);
    if (faces === undefined) {
      faces = new Map();
      this.#known.set(kind, faces);
    }
    let face = faces.get(subresource);
    if (face === undefined) {
      face = make(kind);
      faces.set(subresource, face);
    }
    return face;
  }
}
