import { checkResize, prepareResize } from '../../kinds/pod-spec/pod-resize-rules.js';
import type { FaceMaker } from './face.js';
import { podSpecFace } from './pod-spec-face.js';

/** The resources of a pod's containers, which a running pod may be given more or less of. */
export const resizeFace: FaceMaker = (kind) =>
  podSpecFace(kind, {
    prepare: prepareResize,
    validate: (object, old, report) => checkResize(report, object, old),
  });
