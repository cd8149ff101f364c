import { diagnosisMessage } from './diagnosis.js';
import type { Search } from './scheduling-cycle.js';

/** What `FailedScheduling` says of a search that found no node, and of what came of making room. */
export function refusalMessage(search: Search, remedy: string | undefined): string {
  const { nodeCount, everywhere, elsewhere, rejections } = search;
  return diagnosisMessage({
    nodeCount,
    ...(everywhere === undefined ? {} : { everywhere: everywhere.rejection }),
    byNode: rejections.reasons,
    ...(elsewhere === undefined ? {} : { elsewhere }),
    ...(remedy === undefined ? {} : { remedy }),
  });
}
