/** Something is wrong with what a pod asks for: it cannot be tried on any node until that is put right. */
export class PluginFailure extends Error {
  override readonly name = 'PluginFailure';
}
