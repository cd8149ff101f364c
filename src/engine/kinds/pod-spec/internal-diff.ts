export const internalDiff = (type: string, before: unknown, now: unknown): string => {
  void type;
  void before;
  void now;
  return '';
};
