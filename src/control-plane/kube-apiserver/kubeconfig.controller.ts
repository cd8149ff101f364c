import {
  BadRequestException,
  Body,
  Controller,
  Get,
  Header,
  HttpCode,
  HttpException,
  Inject,
  Post,
  UseGuards,
} from '@nestjs/common';
import { ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { AccessGuard } from '../../auth/access.guard.js';
import { Secured, SecuredWithBody } from '../../auth/api-docs.js';
import { ClusterTokens } from '../../auth/cluster-tokens.js';
import { OnCluster } from '../../auth/request-scope.js';
import { Doors } from '../../config/doors.js';
import { SERVER_IDENTITY, type ServerIdentity } from '../../config/server-identity.js';
import type { ClusterIdentity } from '../../hosting/cluster-settings.js';
import type { LiveCluster } from '../../hosting/live-cluster.js';
import { accountToken } from './account-token.js';
import { KubeconfigBody } from './kubeconfig.dto.js';
import { kubeconfigText } from './kubeconfig.js';

const YAML = 'application/yaml';
const ADMINISTRATOR = 'kubernetes-admin';
const AUTHENTICATED = 'system:authenticated';

@ApiTags('clusters')
@ApiParam({ name: 'tenant', type: String })
@ApiParam({ name: 'cluster', type: String })
@Controller('api/v1/tenants/:tenant/clusters/:cluster/kubeconfig')
@UseGuards(AccessGuard)
export class KubeconfigController {
  readonly #tokens: ClusterTokens;
  readonly #doors: Doors;
  readonly #identity: ServerIdentity;

  constructor(tokens: ClusterTokens, doors: Doors, @Inject(SERVER_IDENTITY) identity: ServerIdentity) {
    this.#tokens = tokens;
    this.#doors = doors;
    this.#identity = identity;
  }

  @Get()
  @Header('content-type', YAML)
  @Secured(404)
  @ApiResponse({
    status: 200,
    description: 'A kubeconfig for the administrator of the cluster. Its token lasts as long as the cluster.',
    content: { [YAML]: { schema: { type: 'string' } } },
  })
  async get(@OnCluster() { identity }: LiveCluster): Promise<string> {
    return this.#text(identity, ADMINISTRATOR, await this.#tokens.issue(identity));
  }

  @Post()
  @HttpCode(200)
  @Header('content-type', YAML)
  @SecuredWithBody(404, 503)
  @ApiResponse({
    status: 200,
    description: 'A kubeconfig for a user, who need not exist anywhere, or for a service account of the cluster.',
    content: { [YAML]: { schema: { type: 'string' } } },
  })
  async make(@OnCluster() live: LiveCluster, @Body() body: KubeconfigBody): Promise<string> {
    const { identity } = live;
    const { user, uid, groups = [], serviceAccount, expirationSeconds } = body;
    if (serviceAccount === undefined) {
      if (expirationSeconds !== undefined) throw new BadRequestException('only the tokens of service accounts expire');
      const username = user ?? '';
      const all = groups.includes(AUTHENTICATED) ? groups : [...groups, AUTHENTICATED];
      const known = { username, groups: all, ...(uid === undefined ? {} : { uid }) };
      return this.#text(identity, username, await this.#tokens.issue(identity, known));
    }
    if (user !== undefined || uid !== undefined || body.groups !== undefined) {
      throw new BadRequestException('a service account has its own name, uid and groups');
    }
    const issued = await accountToken(live, { ...serviceAccount, expirationSeconds });
    if ('token' in issued) return this.#text(identity, serviceAccount.name, issued.token);
    throw new HttpException(issued.message, issued.code);
  }

  #text({ tenant, settings }: ClusterIdentity, user: string, token: string): string {
    return kubeconfigText({
      tenant,
      cluster: settings.name,
      server: this.#doors.clusterUrl(tenant, settings.name),
      caCertificate: this.#identity.caCertificate,
      token,
      user,
    });
  }
}
