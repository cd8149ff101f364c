import type { Pod } from '../../machinery/api/core-v1.js';
import type { AlikeSpecs } from '../../machinery/kind.js';
import { dns1123LabelFaults } from '../../machinery/names.js';

/** Beginning of the names of volumes with a service account's token. */
const TOKEN_VOLUME_PREFIX = 'kube-api-access-';
/** In every key of an annotation that rules look at. */
const RULED_KEY = 'kubernetes.io/';

/** Pods are alike that run the same images; each has a volume with its token under a name of its own. */
export const alikePodSpecs: AlikeSpecs<Pod> = Object.freeze<AlikeSpecs<Pod>>({
  likenessOf({ metadata, spec }) {
    // The name is part of what such a volume's claim is called.
    if (spec.volumes?.some(({ ephemeral }) => ephemeral !== undefined) === true) return undefined;
    for (const key in metadata.annotations) if (key.includes(RULED_KEY)) return undefined;
    if (dns1123LabelFaults(metadata.name).length > 0) return undefined;
    let likeness = '';
    for (const { image } of spec.initContainers ?? []) likeness += `${image ?? ''} `;
    for (const { image } of spec.containers ?? []) likeness += ` ${image ?? ''}`;
    return likeness;
  },

  drawnIn: ({ spec }) => spec.volumes?.find(({ name }) => name.startsWith(TOKEN_VOLUME_PREFIX))?.name,
});
