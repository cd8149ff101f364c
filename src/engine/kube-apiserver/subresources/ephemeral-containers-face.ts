import {
  checkEphemeralContainersUpdate,
  prepareEphemeralContainers,
} from '../../kinds/pod-spec/ephemeral-container-rules.js';
import type { FaceMaker } from './face.js';
import { podSpecFace } from './pod-spec-face.js';

/** A pod's ephemeral containers: they may be added, and neither changed nor removed. */
export const ephemeralContainersFace: FaceMaker = (kind) =>
  podSpecFace(kind, {
    prepare: prepareEphemeralContainers,
    validate: (object, old, report) => checkEphemeralContainersUpdate(report, object, old),
  });
