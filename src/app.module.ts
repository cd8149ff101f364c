import { join } from 'node:path';
import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { Authenticator } from './auth/authenticator.js';
import { ClusterTokens } from './auth/cluster-tokens.js';
import { ensureFirstTenant } from './auth/default-tenant.js';
import type { Principal } from './auth/principal.js';
import type { KeyRecords, TenantRecords } from './auth/tenants.port.js';
import { KEY_RECORDS, TENANT_RECORDS } from './auth/tokens.js';
import type { Config } from './config/config.js';
import { Doors } from './config/doors.js';
import { SERVER_IDENTITY, type ServerIdentity } from './config/server-identity.js';
import { KubeApiserverModule } from './control-plane/kube-apiserver/kube-apiserver.module.js';
import { KubeControllerManagerModule } from './control-plane/kube-controller-manager/kube-controller-manager.module.js';
import { KubeSchedulerModule } from './control-plane/kube-scheduler/kube-scheduler.module.js';
import { clusterFactory } from './engine/cluster/cluster-factory.js';
import { clusterAdministrator, type UserInfo } from './engine/machinery/user.js';
import { documentSupplies } from './hosting/document-supplies.js';
import { textCodec } from './hosting/text-codec.js';
import { ClusterKeys } from './hosting/cluster-keys.js';
import { KeyFiles } from './hosting/key-files.js';
import { ClusterHost, type HostReport } from './hosting/cluster-host.js';
import { OutgoingRequests } from './hosting/outgoing-requests.js';
import { ManagementModule } from './management/management.module.js';
import { ApiDocument } from './ops/api-document.js';
import { OpsModule } from './ops/ops.module.js';
import { DatabaseClusterRecords } from './persistence/cluster-records.js';
import { ControlDatabase } from './persistence/control-database.js';
import { DatabaseKeyRecords } from './persistence/key-records.js';
import { SqliteCommitLog } from './persistence/sqlite-commit-log/sqlite-commit-log.js';
import { DatabaseTenantRecords } from './persistence/tenant-records.js';
import { StreamsModule } from './streams/streams.module.js';

/** What the process is made of below Nest: opened before the container, closed after it. */
export interface ProcessParts {
  readonly doors: Doors;
  readonly identity: ServerIdentity;
  readonly host: ClusterHost;
  readonly authenticator: Authenticator;
  readonly clusterTokens: ClusterTokens;
  readonly tenants: TenantRecords;
  readonly keys: KeyRecords;
  readonly document: ApiDocument;
  /** Closes the databases. */
  close(): Promise<void>;
}

/** Opens the databases and begins to bring the clusters back. */
export async function openParts(config: Config, identity: ServerIdentity, report: HostReport): Promise<ProcessParts> {
  const database = await ControlDatabase.open(config);
  const log = await SqliteCommitLog.open(config);
  const tenants = new DatabaseTenantRecords(database);
  const keys = new DatabaseKeyRecords(database);
  const clusterTokens = new ClusterTokens(identity.tokenKey);
  const host = new ClusterHost({
    factory: clusterFactory(textCodec, documentSupplies()),
    records: new DatabaseClusterRecords(database),
    log,
    keys: new ClusterKeys(new KeyFiles(join(config.dataDir, 'clusters')), identity.tokenKey),
    caCertificate: identity.caCertificate,
    tokensOf: (cluster) => ({ userOf: (token) => userIn(cluster, clusterTokens.read(token)) }),
    report,
    outgoing: new OutgoingRequests(config.outsideAddresses),
  });
  await ensureFirstTenant(tenants);
  await host.start();
  return {
    doors: new Doors(config.host),
    identity,
    host,
    authenticator: new Authenticator({ adminToken: identity.adminToken, keys, clusterTokens }),
    clusterTokens,
    tenants,
    keys,
    document: new ApiDocument(),
    close: async () => {
      await log.close();
      await database.close();
    },
  };
}

@Module({})
export class AppModule {
  static of(parts: ProcessParts): DynamicModule {
    return moduleOf(parts);
  }

  /** Enough to describe the API without opening anything. Only for Nest's preview mode, which calls nothing. */
  static described(): DynamicModule {
    return moduleOf({});
  }
}

function moduleOf(parts: Partial<ProcessParts>): DynamicModule {
  const providers: Provider[] = [
    { provide: Doors, useValue: parts.doors },
    { provide: SERVER_IDENTITY, useValue: parts.identity },
    { provide: ClusterHost, useValue: parts.host },
    { provide: Authenticator, useValue: parts.authenticator },
    { provide: ClusterTokens, useValue: parts.clusterTokens },
    { provide: TENANT_RECORDS, useValue: parts.tenants },
    { provide: KEY_RECORDS, useValue: parts.keys },
    { provide: ApiDocument, useValue: parts.document },
  ];
  const imports = [
    ManagementModule,
    KubeApiserverModule,
    KubeControllerManagerModule,
    KubeSchedulerModule,
    StreamsModule,
    OpsModule,
  ];
  return { module: AppModule, global: true, imports, providers, exports: providers };
}

/** Who the bearer of a kubeconfig's token is to a cluster. */
function userIn(cluster: string, principal: Principal | undefined): UserInfo | undefined {
  if (principal?.type === 'user' && principal.clusterId === cluster) return principal.user;
  return principal?.type === 'cluster' && principal.clusterId === cluster ? clusterAdministrator : undefined;
}
