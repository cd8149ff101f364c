import type { AdmissionAttributes } from '../admission/admission.js';
import type { ResourceRequest } from '../request-context.js';
import type { ServerParts } from '../server-parts.js';
import type { WireCall } from '../wire.js';
import { scopeOf } from '../writes/handler-support.js';
import type { Settle } from '../writes/settled.js';
import { asAdmitted, connectingOf, type ConnectOptions } from './connect-options.js';

/** Asks admission about a connection, and makes it once all have agreed, unless the client went away meanwhile. @throws StatusError */
export function whenAdmitted(
  parts: ServerParts,
  context: ResourceRequest,
  settle: Settle<never>,
  connect: (options: ConnectOptions) => WireCall | undefined,
): WireCall {
  const { options, body } = connectingOf(context);
  const { kind, subresource, namespace, name = '' } = context.target;
  const attributes: AdmissionAttributes = {
    operation: 'CONNECT',
    kind,
    subresource,
    body,
    namespace,
    name,
    user: context.user,
    isDryRun: false,
    object: asAdmitted(options),
    old: undefined,
  };
  const scope = scopeOf(context, { isDryRun: false, told: {} });
  let call: WireCall | undefined;
  let isCancelled = false;
  parts.admission.admit(attributes, scope, settle, () =>
    parts.admission.validate(attributes, scope, settle, () => {
      if (!isCancelled) call = connect(options);
    }),
  );
  return {
    cancel() {
      isCancelled = true;
      call?.cancel();
    },
  };
}
