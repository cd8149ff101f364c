/**
 * What a simulated CSI driver is told to fail at: an annotation of its CSIDriver, `flotilla/<call>`, such as
 * `flotilla/ControllerExpandVolume: OutOfRange beyond 10Gi: the pool has no more`. The size and the words may be left out.
 */
import type { CSIDriver } from '../../machinery/api/storage-v1.js';
import { compareQuantities, parseQuantity } from '../../machinery/quantity.js';

const PREFIX = 'flotilla/';
const FAULT = /^(\w+)(?: beyond (\S+?))?(?:: (.*))?$/s;
const DEFAULT_WORDS = 'the driver was told to fail';

/** After these nobody can tell whether the driver is still at it. */
const OPEN_CODES: readonly string[] = ['Canceled', 'DeadlineExceeded', 'Unavailable', 'ResourceExhausted', 'Aborted'];
/** These mean that it never will work so. */
const INFEASIBLE_CODES: readonly string[] = ['InvalidArgument', 'OutOfRange', 'NotFound'];

export type DriverCall = 'CreateVolume' | 'ControllerExpandVolume' | 'ControllerModifyVolume' | 'NodeExpandVolume';

export interface DriverFault {
  /** As gRPC calls it: `OutOfRange`. */
  readonly code: string;
  /** The whole error, as a Go client prints it. */
  readonly message: string;
  /** Whether it is certain that the driver has given up. */
  readonly isFinal: boolean;
  readonly isInfeasible: boolean;
}

/** Why the driver fails at this call; `undefined` where it does not. */
export function driverFault({ metadata }: CSIDriver, call: DriverCall, size = '0'): DriverFault | undefined {
  const said = FAULT.exec(metadata.annotations?.[`${PREFIX}${call}`] ?? '');
  const [, code, limit, words = DEFAULT_WORDS] = said ?? [];
  if (code === undefined) return undefined;
  if (limit !== undefined && parseQuantity(limit) !== undefined && compareQuantities(size, limit) <= 0)
    return undefined;
  return {
    code,
    message: `rpc error: code = ${code} desc = ${words}`,
    isFinal: !OPEN_CODES.includes(code),
    isInfeasible: INFEASIBLE_CODES.includes(code),
  };
}
