import type { WireReply } from '../wire.js';
import type { AuditRecord } from './audit-record.js';

const SWITCHING_PROTOCOLS = 101;

/** The same reply; the audit log is told of what passes. */
export const auditedReply = (reply: WireReply, record: AuditRecord): WireReply => ({
  tellsWhenOut: reply.tellsWhenOut === true,
  respond(response, whenOut) {
    record.headed(response.status);
    record.completed();
    reply.respond(response, whenOut);
  },

  stream(head) {
    record.headed(head.status);
    const stream = reply.stream(head);
    return {
      write: (chunk, revision) => stream.write(chunk, revision),
      end: () => {
        record.completed();
        stream.end();
      },
    };
  },

  ...(reply.forward === undefined
    ? {}
    : {
        forward(request) {
          const ending = reply.forward?.({ ...request, answered: (status) => record.headed(status) });
          return {
            end: () => {
              record.completed();
              ending?.end();
            },
          };
        },
      }),

  // Only where the client asks to: that it is there says so.
  ...(reply.connect === undefined
    ? {}
    : {
        connect(connection) {
          record.headed(SWITCHING_PROTOCOLS);
          const ending = reply.connect?.(connection);
          return {
            end: () => {
              record.completed();
              ending?.end();
            },
          };
        },
      }),
});
