// Mirrors upstream's tokencleaner: a bootstrap token goes when it has ended.
import { secret } from '../../kinds/secret.js';
import type { Duration } from '../../kernel/clock.js';
import type { Secret } from '../../machinery/api/core-v1.js';
import { endOf, isBootstrapToken } from '../bootstrap/bootstrap-token.js';
import { defineController } from '../controller.js';

export const tokenCleaner = defineController<Secret>({
  name: 'token-cleaner-controller',
  serviceAccount: 'token-cleaner',
  primary: secret,
  concerns: isBootstrapToken,

  reconcile({ client, simulation }, object) {
    const end = object === undefined ? undefined : endOf(object);
    if (object === undefined || end === undefined) return undefined;
    if (end > simulation.now) return (end - simulation.now) as Duration;
    client.delete(secret, object);
    return undefined;
  },
});
