// Simulates the part of a CSI driver's external resizer that grows volumes. Not a part of upstream's kube-controller-manager.
// A driver fails where its CSIDriver says so; what failed is tried again, later each time, and what the driver called
// infeasible twice in a row every five minutes only.
import { after, between, milliseconds, minutes, seconds, type Duration, type Instant } from '../../kernel/clock.js';
import { csiDriver } from '../../kinds/csi-driver.js';
import { persistentVolumeClaim } from '../../kinds/persistent-volume-claim.js';
import { persistentVolume } from '../../kinds/persistent-volume.js';
import { podsByClaim } from '../../kinds/pod-claims.js';
import { pod } from '../../kinds/pod.js';
import { driverFault, type DriverFault } from '../../kinds/storage-spec/driver-faults.js';
import { resizeStatusOf } from '../../kinds/storage-spec/claim-resize.js';
import type { PersistentVolume, PersistentVolumeClaim } from '../../machinery/api/core-v1.js';
import type { CSIDriver } from '../../machinery/api/storage-v1.js';
import { goQuote } from '../../machinery/go-text.js';
import { keyOf } from '../../machinery/object.js';
import { defineController, watching, type ReconcileContext } from '../controller.js';
import { endGrowth, growthTarget, isBegun, sayFailure, sayGrowth } from '../volumes/volume-growth.js';

/** How long a driver takes. */
const WORK_TIME = milliseconds(500);
const RETRY_MIN = seconds(1);
const RETRY_MAX = minutes(5);

interface Growth {
  /** The call that is under way. */
  readonly call?: { readonly target: string; readonly end: Instant } | undefined;
  readonly failures: number;
  /** When it is tried again to bring the volume to the same size. */
  readonly retry?: Instant | undefined;
  /** Until when an infeasible size is not tried again. */
  readonly slowUntil?: Instant | undefined;
  /** Whether the driver has given up for certain. */
  readonly hasGivenUp: boolean;
  /** Whether the driver does not grow what is in use. */
  readonly isRefusedInUse: boolean;
}

const NEW: Growth = { failures: 0, hasGivenUp: false, isRefusedInUse: false };

type State = Map<string, Growth>;
type Context = ReconcileContext<State>;

/** What a pass works on. */
interface Subject {
  readonly claim: PersistentVolumeClaim;
  readonly volume: PersistentVolume;
  readonly driver: CSIDriver;
}

export const csiResizerController = defineController<PersistentVolumeClaim, State>({
  name: 'csi-resizer',
  option: 'csi-provisioner',
  serviceAccount: 'persistent-volume-binder',
  primary: persistentVolumeClaim,
  concerns: ({ status }) => status?.phase === 'Bound',
  watches: [
    watching<PersistentVolume, State>({
      kind: persistentVolume,
      map: ({ spec: { csi, claimRef } }) =>
        csi === undefined || claimRef === undefined ? [] : [`${claimRef.namespace ?? ''}/${claimRef.name ?? ''}`],
    }),
    watching<CSIDriver, State>({
      kind: csiDriver,
      matters: () => false,
      map: ({ metadata }, { client }, type) =>
        type === 'deleted'
          ? []
          : client
              .list(persistentVolume)
              .filter(({ spec }) => spec.csi?.driver === metadata.name && spec.claimRef !== undefined)
              .map(({ spec }) => `${spec.claimRef?.namespace ?? ''}/${spec.claimRef?.name ?? ''}`),
    }),
  ],
  newState: () => new Map(),

  reconcile(context, claim) {
    const { key, state } = context;
    const subject = claim === undefined ? undefined : subjectOf(context, claim);
    if (subject === undefined) {
      state.delete(key);
      return undefined;
    }
    const growth = state.get(key) ?? NEW;
    if (growth.call !== undefined) return answer(context, subject, growth);
    const target = growthTarget(subject.volume, subject.claim, growth.hasGivenUp);
    if (target === undefined) {
      state.delete(key);
      return undefined;
    }
    return begin(context, subject, target);
  },
});

function subjectOf({ client }: Context, claim: PersistentVolumeClaim): Subject | undefined {
  const volume = client.get(persistentVolume, claim.spec.volumeName ?? '');
  if (claim.status?.phase !== 'Bound' || volume?.spec.claimRef?.uid !== claim.metadata.uid) return undefined;
  const driver = volume?.spec.csi === undefined ? undefined : client.get(csiDriver, volume.spec.csi.driver);
  return volume === undefined || driver === undefined ? undefined : { claim, volume, driver };
}

function begin(context: Context, { claim, volume, driver }: Subject, target: string): Duration {
  const { key, recorder, simulation, state } = context;
  const { now } = simulation;
  const known = state.get(key) ?? NEW;
  const wasSlow = known.slowUntil !== undefined && now < known.slowUntil;
  const isInfeasible = resizeStatusOf(claim) === 'ControllerResizeInfeasible';
  const growth = isInfeasible && !wasSlow ? { ...known, slowUntil: after(now, RETRY_MAX) } : known;
  const isSame = isBegun(claim, target);
  if (isSame && wasSlow && known.slowUntil !== undefined) return between(now, known.slowUntil);
  if (isSame && known.retry !== undefined && now < known.retry) return between(now, known.retry);
  sayGrowth(context, claim, target);
  if (growth.isRefusedInUse && isInUse(context, claim)) {
    const cause = `CSI driver ${driver.metadata.name} only supports offline expansion and volume is currently in-use`;
    recorder.record(claim, 'Warning', 'VolumeResizeFailed', `Unable to expand ${keyOf(claim)} because ${cause}`);
    return retryLater(context, growth);
  }
  recorder.record(claim, 'Normal', 'Resizing', `External resizer is resizing volume ${volume.metadata.name}`);
  state.set(key, { ...growth, isRefusedInUse: false, call: { target, end: after(now, WORK_TIME) } });
  return WORK_TIME;
}

const isInUse = ({ client }: Context, claim: PersistentVolumeClaim): boolean =>
  client
    .indexed(pod, podsByClaim, keyOf(claim))
    .some(({ status }) => status?.phase !== 'Succeeded' && status?.phase !== 'Failed');

/** What has become of a call, once the driver has answered. */
function answer(context: Context, subject: Subject, growth: Growth): Duration | undefined {
  const { key, simulation, state } = context;
  const { target, end } = growth.call ?? { target: '0', end: simulation.now };
  if (simulation.now < end) return between(simulation.now, end);
  const fault = driverFault(subject.driver, 'ControllerExpandVolume', target);
  if (fault !== undefined) return fail(context, subject, { ...growth, call: undefined }, fault);
  state.delete(key);
  endGrowth(context, subject.claim, subject.volume, target);
  return undefined;
}

function fail(context: Context, { claim, volume, driver }: Subject, growth: Growth, fault: DriverFault): Duration {
  sayFailure(context, claim, fault);
  const message = `resize volume ${goQuote(volume.metadata.name)} by resizer ${goQuote(driver.metadata.name)} failed: ${fault.message}`;
  context.recorder.record(claim, 'Warning', 'VolumeResizeFailed', message);
  return retryLater(
    context,
    {
      ...growth,
      hasGivenUp: fault.isFinal,
      isRefusedInUse: fault.code === 'FailedPrecondition',
      slowUntil: fault.isInfeasible ? growth.slowUntil : undefined,
    },
    fault.isInfeasible && resizeStatusOf(claim) !== 'ControllerResizeInfeasible',
  );
}

/** At once where the claim says something new, which has the resizer look at it again. */
function retryLater({ key, simulation, state }: Context, growth: Growth, isAtOnce = false): Duration {
  const wait = Math.min(RETRY_MIN * 2 ** growth.failures, RETRY_MAX) as Duration;
  const retry = isAtOnce ? simulation.now : after(simulation.now, wait);
  state.set(key, { ...growth, failures: growth.failures + 1, retry });
  return isAtOnce ? milliseconds(1) : wait;
}
