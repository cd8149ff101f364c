import type { Kind } from '../machinery/kind.js';
import type { TextCodec } from '../machinery/text-codec.port.js';
import type { AdmissionPlugin } from './admission/admission.js';
import { ConditionPrograms } from './admission/matching/condition-programs.js';
import { PluginSelection } from './admission/plugin-selection.js';
import { PolicyPrograms } from './admission/policies/policy-programs.js';
import { admissionPlugins } from './admission/registry.js';
import { CelRules } from '../machinery/cel/schema/cel-rules.js';
import { CustomKinds } from './custom-resources/custom-kinds.js';
import { KindTable } from './kind-registry.js';
import type { DocumentSupplies } from './openapi/document-supplies.port.js';
import { OwnershipParts } from './ownership/ownership-parts.js';
import { SharedDocuments } from './shared-documents.js';
import { SpecForms } from './spec-forms/spec-forms.js';
import { SpecMemory } from './spec-memory.js';
import { CommonContent } from './storage/common-content.js';
import { Faces } from './subresources/faces.js';

interface SharedOptions {
  readonly plugins?: readonly AdmissionPlugin[];
  /** Without them, OpenAPI has no descriptions. */
  readonly supplies?: DocumentSupplies | undefined;
}

/** What all API servers of a process can have in common, because nothing of a cluster is in it: made once. */
export class SharedParts {
  readonly table: KindTable;
  readonly documents: SharedDocuments;
  readonly faces = new Faces();
  readonly admission: PluginSelection;
  readonly policies: PolicyPrograms;
  readonly conditions: ConditionPrograms;
  readonly ownership: OwnershipParts;
  readonly customKinds: CustomKinds;
  readonly specs = new SpecMemory();
  readonly specForms = new SpecForms();
  readonly common: CommonContent;

  constructor(kinds: readonly Kind[], text: TextCodec, { plugins = admissionPlugins, supplies }: SharedOptions = {}) {
    this.admission = new PluginSelection(plugins);
    this.policies = new PolicyPrograms(text);
    this.conditions = new ConditionPrograms(text);
    this.table = new KindTable(kinds);
    this.common = new CommonContent(kinds, text);
    this.customKinds = new CustomKinds(text, new CelRules(text));
    this.ownership = new OwnershipParts(this.table);
    this.documents = new SharedDocuments(text, supplies);
  }
}
