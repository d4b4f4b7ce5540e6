import boundaries from 'eslint-plugin-boundaries';
import hooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

// Imports flow one way: app -> features -> viewer -> ui -> api. Features meet only in a route.
const elements = [
  { type: 'app', pattern: 'src/app' },
  { type: 'feature', pattern: 'src/features/*', capture: ['name'] },
  { type: 'viewer', pattern: 'src/viewer' },
  { type: 'ui', pattern: 'src/ui' },
  { type: 'api', pattern: 'src/api' },
];
const to = (...types) => types.map((type) => ({ to: { element: { type } } }));
const from = (type, allow) => ({ from: { element: { type } }, allow });
const policies = [
  from('app', to('app', 'feature', 'ui', 'api')),
  from('feature', [
    { to: { element: { type: 'feature', captured: { name: '{{from.captured.name}}' } } } },
    ...to('viewer', 'ui', 'api'),
  ]),
  from('viewer', to('viewer', 'ui', 'api')),
  from('ui', to('ui', 'api')),
  from('api', to('api')),
];

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'src/api/schema.gen.ts'] },
  ...tseslint.configs.strict,
  {
    files: ['src/**/*.{ts,tsx}'],
    plugins: { boundaries, 'react-hooks': hooks },
    settings: {
      'boundaries/elements': elements,
      'boundaries/include': ['src/**/*'],
      'import/resolver': { node: { extensions: ['.ts', '.tsx', '.css'] } },
    },
    rules: {
      'react-hooks/rules-of-hooks': 'error',
      'react-hooks/exhaustive-deps': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ImportDeclaration[source.value=/^@cornerstonejs/]', message: 'Cornerstone3D stays behind src/viewer.' },
      ],
      'boundaries/dependencies': ['error', { default: 'disallow', policies }],
    },
  },
  { files: ['src/viewer/**'], rules: { 'no-restricted-syntax': 'off' } },
  {
    // Loops over typed arrays whose bounds the loop itself keeps: a check for undefined in each voxel costs and says nothing.
    files: ['src/viewer/**', 'src/features/reading/**'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
);
