import type { WireCall, WireReply, WireRequest } from '../wire.js';

/**
 * A part of the simulation that serves API groups, in place of the programs that pods would run. It is asked where an
 * APIService names its Service and that Service has endpoints that are ready.
 */
export interface SimulatedApi {
  /**
   * Answers a request as the aggregator sends it on: the path is the cluster's, `user` is who asks, and may. It is also asked
   * for `/apis`, `/apis/<group>/<version>`, `/openapi/v2` and `/openapi/v3`; what it does not serve is a 404.
   */
  handle(request: WireRequest, reply: WireReply): WireCall;
}
