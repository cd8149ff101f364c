import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

/** What would let the world into the engine: time, chance, promises, the platform. The architecture test says the same of the text. */
const IMPURE = ['async', 'Promise', 'setTimeout', 'setInterval', 'setImmediate', 'process', 'console', 'Buffer'];

export default tseslint.config(
  { ignores: ['dist/', 'data/', 'coverage/', 'src/engine/machinery/api/', '**/*.cjs'] },
  js.configs.recommended,
  {
    files: ['**/*.mjs', '**/*.js'],
    languageOptions: {
      globals: {
        console: 'readonly',
        process: 'readonly',
        URL: 'readonly',
        Buffer: 'readonly',
        fetch: 'readonly',
        setTimeout: 'readonly',
      },
    },
  },
  ...[...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked].map((each) => ({
    ...each,
    files: ['**/*.ts'],
  })),
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      // The types of API objects describe valid ones; rules and defaults meet what is not valid yet.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/no-useless-default-assignment': 'off',
      // Drafts are plain JSON; taking a member out of one is what they are for.
      '@typescript-eslint/no-dynamic-delete': 'off',
      // Two forms of saying the same; a fact table reads better with either.
      '@typescript-eslint/consistent-indexed-object-style': 'off',
      // Nest's modules and TypeORM's entities are classes by contract.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      // `a || b` is how Go's empty strings are read.
      '@typescript-eslint/prefer-nullish-coalescing': 'off',
      // Index signatures of facts are read with brackets, as the compiler's own option asks.
      '@typescript-eslint/dot-notation': 'off',
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/unified-signatures': 'off',
      // Definitions declare their callbacks in method syntax, for variance; none of them uses `this`.
      '@typescript-eslint/unbound-method': 'off',
      // Views and DTOs are classes for their decorators and plain objects on the wire.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // An index that was checked the line before.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        {
          ignoreRestSiblings: true,
          argsIgnorePattern: '^_',
          varsIgnorePattern: '^_',
          destructuredArrayIgnorePattern: '^_',
        },
      ],
      // Rules that guess wrong here: callbacks that may answer, queues that grow while they are walked, spread views, Go's words.
      '@typescript-eslint/no-invalid-void-type': 'off',
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      '@typescript-eslint/no-misused-spread': 'off',
      '@typescript-eslint/no-base-to-string': 'off',
      '@typescript-eslint/no-for-in-array': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      '@typescript-eslint/prefer-for-of': 'off',
      '@typescript-eslint/prefer-string-starts-ends-with': 'off',
      'prefer-const': ['error', { destructuring: 'all', ignoreReadBeforeAssign: true }],
      'max-params': ['error', 5],
      eqeqeq: 'error',
    },
  },
  {
    files: ['src/engine/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: { 'no-restricted-globals': ['error', ...IMPURE] },
  },
  {
    files: ['**/*.spec.ts', 'test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      'max-params': 'off',
    },
  },
  prettier,
);
