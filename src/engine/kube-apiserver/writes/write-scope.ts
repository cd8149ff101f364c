import type { AuditRecord } from '../audit/audit-record.js';
import type { Kind } from '../../machinery/kind.js';
import type { KubeObject } from '../../machinery/object.js';
import type { StoredEntry } from '../storage/resource-storage.js';
import type { UserInfo } from '../../machinery/user.js';
import type { RequestOptions } from '../admission/request-options.js';

/** What every write is told of its request. */
export interface WriteScope<T extends KubeObject = KubeObject> {
  readonly user: UserInfo;
  readonly kind: Kind<T>;
  readonly namespace: string | undefined;
  readonly subresource: string | undefined;
  readonly isDryRun: boolean;
  /** What admission is told of the request besides its body. */
  readonly options?: RequestOptions;
  /** Whether admission has had its say about something that this write is a part of. */
  readonly isAdmitted?: true;
  /** Whether the request is about a collection: admission is told no name then. */
  readonly isCollection?: boolean;
  /** An object that is too large for the store is not tried without its managers. */
  readonly keepsManagers?: true;
  /** Texts of `Warning:` headers, which a write adds to; `undefined` where nobody would read them. */
  readonly warnings: string[] | undefined;
  /** What the audit log says of the request, where it says anything. */
  readonly audit?: Pick<AuditRecord, 'annotate'> | undefined;
}

/** What a write made. */
export interface Written {
  /** As it is stored now; as it last was, where it went. */
  readonly object: KubeObject;
  /** What the store holds now, where it holds the object: its encoded form is made when somebody looks. */
  readonly entry: StoredEntry | undefined;
  /** The newest revision that the answer shows. */
  readonly revision: number;
  /** Whether the write made the object. */
  readonly isNew: boolean;
}
