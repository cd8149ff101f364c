import { namedClaim, POD_CLAIM_NAME, strangerFault } from '../../kinds/pod-device-claims.js';
import { pod as podKind } from '../../kinds/pod.js';
import { resourceClaim } from '../../kinds/resource-claim.js';
import { resourceClaimTemplate } from '../../kinds/resource-claim-template.js';
import type { Pod, PodResourceClaim } from '../../machinery/api/core-v1.js';
import type { ResourceClaim, ResourceClaimTemplate } from '../../machinery/api/resource-v1.js';
import { keyOf } from '../../machinery/object.js';
import type { NewObject } from '../../machinery/resource-api.port.js';
import { defineIndex } from '../../machinery/resource-reader.port.js';
import { type ReconcileContext } from '../controller.js';
import { controllerOf } from '../owner-references.js';

type Context = ReconcileContext<undefined>;

const FIELD_MANAGER = 'ResourceClaimController';
/** So that a name of 63 characters has room for five random ones. */
const BASE_LENGTH_MAX = 57;

const claimsByOwner = defineIndex<ResourceClaim>({
  name: 'claimsByOwner',
  keysOf: (claim) => {
    const owner = controllerOf(claim);
    return owner?.kind === podKind.kind && owner.apiVersion === 'v1' ? [owner.uid] : [];
  },
});

/** Makes the claims that the pod's templates ask for and that are not there, and notes their names in the pod. */
export function makeClaims(context: Context, pod: Pod): void {
  if (context.outstanding > 0) return;
  const names = new Map<string, string>();
  // One for going through the claims: all names are noted at once.
  let open = 1;
  let isFaulty = false;
  const settle = (): void => {
    open--;
    if (open === 0 && !isFaulty) noteNames(context, pod, names);
  };
  const fail = (name: string, cause: string): void => {
    isFaulty = true;
    context.recorder.record(pod, 'Warning', 'FailedResourceClaimCreation', `PodResourceClaim ${name}: ${cause}`);
  };
  for (const entry of pod.spec.resourceClaims ?? []) {
    const templateName = entry.resourceClaimTemplateName;
    if (templateName === undefined || isMade(context, pod, entry)) continue;
    const known = madeFor(context, pod, entry);
    if (known !== undefined) {
      names.set(entry.name, known.metadata.name);
      continue;
    }
    const { namespace = '' } = pod.metadata;
    const template = context.client.get(resourceClaimTemplate, `${namespace}/${templateName}`);
    if (template === undefined) {
      const missing = `resourceclaimtemplate.resource.k8s.io "${templateName}" not found`;
      fail(entry.name, `resource claim template "${templateName}": ${missing}`);
      return context.retry();
    }
    open++;
    context.create(resourceClaim, namespace, claimFrom(template, pod, entry.name), ({ object, error }) => {
      if (error === undefined) names.set(entry.name, object.metadata.name);
      else {
        fail(entry.name, `create ResourceClaim : ${error.message}`);
        context.fail(error);
      }
      settle();
    });
    if (isFaulty) return;
  }
  settle();
}

/** What the pod says of the claim is true, or no claim is needed. */
function isMade({ client }: Context, pod: Pod, entry: PodResourceClaim): boolean {
  const named = namedClaim(pod, entry);
  if (named.fault !== undefined) return false;
  if (named.name === undefined) return true;
  const claim = client.get(resourceClaim, `${pod.metadata.namespace ?? ''}/${named.name}`);
  return claim !== undefined && strangerFault(pod, claim) === undefined;
}

/** A claim that was made for the pod before its name was noted. */
const madeFor = ({ client }: Context, pod: Pod, { name }: PodResourceClaim): ResourceClaim | undefined =>
  client
    .indexed(resourceClaim, claimsByOwner, pod.metadata.uid ?? '')
    .find(({ metadata }) => metadata.annotations?.[POD_CLAIM_NAME] === name);

function claimFrom({ spec }: ResourceClaimTemplate, pod: Pod, claimName: string): NewObject<ResourceClaim> {
  const { labels, annotations } = spec.metadata ?? {};
  const { name, uid = '' } = pod.metadata;
  return {
    metadata: {
      generateName: generatedBase(name, claimName),
      ...(labels === undefined ? {} : { labels }),
      annotations: { ...annotations, [POD_CLAIM_NAME]: claimName },
      ownerReferences: [{ apiVersion: 'v1', kind: podKind.kind, name, uid, controller: true }],
    },
    spec: spec.spec,
  };
}

/** Both names are cut in proportion, so that something is left of each. */
function generatedBase(podName: string, claimName: string): string {
  const whole = `${podName}-${claimName}-`;
  if (whole.length <= BASE_LENGTH_MAX) return whole;
  const cut = (text: string): string => text.slice(0, Math.floor((text.length * BASE_LENGTH_MAX) / whole.length));
  return `${cut(podName)}-${cut(claimName)}`;
}

function noteNames({ client }: Context, pod: Pod, names: ReadonlyMap<string, string>): void {
  if (names.size === 0) return;
  const { namespace = '', name } = pod.metadata;
  // An application says all that its manager wants: names that were noted before among it.
  const noted = client.get(podKind, keyOf(pod))?.status?.resourceClaimStatuses ?? [];
  const added = Array.from(names, ([claim, resourceClaimName]) => ({ name: claim, resourceClaimName }));
  const resourceClaimStatuses = [...noted.filter((each) => !names.has(each.name)), ...added];
  const config = {
    apiVersion: 'v1',
    kind: podKind.kind,
    metadata: { name, namespace },
    status: { resourceClaimStatuses },
  };
  client.as({ ...client.identity, fieldManager: FIELD_MANAGER }).applyStatus(podKind, keyOf(pod), config);
}
