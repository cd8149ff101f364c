import { keyOf } from '../../machinery/object.js';
import type { StatusError } from '../../machinery/status-error.js';
import { negotiateObject } from '../negotiation/negotiation.js';
import { readPage } from '../reads/snapshot.js';
import { listOptionsOf } from '../reads/list-options.js';
import { Selection } from '../reads/selection.js';
import type { ResourceRequest } from '../request-context.js';
import type { ServerParts } from '../server-parts.js';
import type { WireResponse } from '../wire.js';
import { deleteOptionsOf, tellOptions } from './delete-handler.js';
import { validateDeleteOptions } from './delete-options.js';
import { scopeOf } from './handler-support.js';
import type { Settle } from './settled.js';
import { checkTimeout } from './write-options.js';

/** DELETE of a collection: each object that is selected, one after the other; the first failure ends it. */
export function handleDeleteCollection(
  parts: ServerParts,
  context: ResourceRequest,
  settle: Settle<WireResponse>,
): void {
  const { target, query, request } = context;
  const { answers, deleter, storage, text } = parts;
  answers.checkAcceptable(context);
  checkTimeout(query);
  const list = listOptionsOf(query, false);
  const options = deleteOptionsOf(request, query, text);
  tellOptions(context, options);
  validateDeleteOptions(options);
  const selection = new Selection(target.kind, list.labels, list.fields);
  const page = readPage(storage, text, { kind: target.kind, namespace: target.namespace, selection, options: list });
  const objects = page.entries.map(({ object }) => object);
  const scope = scopeOf(context, { isDryRun: (options.dryRun?.length ?? 0) > 0, told: options });
  eachInTurn(
    objects.length,
    (position, done) => {
      const object = objects[position]!;
      const within = { ...scope, namespace: object.metadata.namespace, isCollection: true };
      deleter.delete(within, keyOf(object), options, ({ error }) => {
        if (error !== undefined && !isGone(error)) settle({ error });
        else done();
      });
    },
    () => {
      const answer = { kind: target.kind, metadata: page.metadata, items: page.entries, revision: storage.revision };
      settle({ value: answers.listing(context, answer, negotiateObject(context)) });
    },
  );
}

/** Runs step after step, each when the one before it is done, now or later; without recursion where all is done at once. */
function eachInTurn(count: number, step: (position: number, done: () => void) => void, end: () => void): void {
  let position = 0;
  let isRunning = false;
  const run = (): void => {
    isRunning = true;
    for (let isDone = true; isDone;) {
      if (position === count) return end();
      isDone = false;
      step(position, () => {
        position++;
        isDone = true;
        if (!isRunning) run();
      });
    }
    isRunning = false;
  };
  run();
}

const isGone = ({ reason }: StatusError): boolean => reason === 'NotFound';
