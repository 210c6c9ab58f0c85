import tseslint from 'typescript-eslint'

/** Who may import whom (ARCHITECTURE.md). A pattern is forbidden in a folder unless the folder owns it. */
const owners = {
  kafkajs: 'packages/kafka',
  '@kubernetes/client-node': 'packages/kube',
  pino: 'packages/kit',
  'prom-client': 'packages/kit',
}

const ours = ['api', 'kit', 'kafka', 'kube', 'controller', 'cli', 'detector', 'simulator', 'operator']

/** The packages of ours that each folder may import. */
const allowed = {
  'packages/api': [],
  'packages/kit': [],
  'packages/kafka': ['kit'],
  'packages/kube': ['kit'],
  'packages/controller': ['kit', 'kube'],
  'packages/cli': ['api', 'kit', 'kafka', 'detector', 'simulator'],
  operator: ['api', 'kit', 'kube', 'controller', 'kafka'],
  detector: ['api', 'kit', 'kafka'],
  simulator: ['api', 'kit', 'kafka'],
}

/** Folders of pure functions: no port, no `node:` module. */
const pureFolders = ['detector/src/{window,features,models,threshold,verdict}/**/*.ts', 'simulator/src/{signals,faults,formats}/**/*.ts', 'packages/api/src/**/*.ts', 'operator/src/{pipeline,fleet}/{desired/**/*,checks,plan,status,events}.ts', 'operator/src/shared/**/*.ts']
const testFiles = ['**/*.test.ts', '**/testing/**']

const importRules = Object.entries(allowed).map(([folder, mayImport]) => {
  const forbidden = [
    ...Object.entries(owners)
      .filter(([, owner]) => owner !== folder)
      .map(([name, owner]) => ({ group: [name, `${name}/*`], message: `only ${owner} imports ${name}` })),
    ...ours
      .filter((name) => !mayImport.includes(name) && !folder.endsWith(name))
      .map((name) => ({ group: [`@tidewatch/${name}`, `@tidewatch/${name}/*`], message: `${folder} does not import ${name} (ARCHITECTURE.md)` })),
  ]
  return { files: [`${folder}/**/*.ts`], rules: { 'no-restricted-imports': ['error', { patterns: forbidden }] } }
})

export default tseslint.config(
  { ignores: ['**/node_modules/**', 'out/**', 'coverage/**'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ['packages/cli/bin/*.mjs'] }, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/require-await': 'off',
      eqeqeq: 'error',
    },
  },
  ...importRules,
  {
    files: pureFolders,
    ignores: testFiles,
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: "ImportDeclaration[source.value=/^node:/]", message: 'this folder is pure: no node: module' },
        { selector: "ImportDeclaration[source.value='@tidewatch/kafka'][importKind!='type']", message: 'this folder is pure: no port' },
        { selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']", message: 'this folder is pure: time is an argument' },
        { selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']", message: 'this folder is pure: chance comes from a seed' },
      ],
    },
  },
  { files: testFiles, rules: { '@typescript-eslint/no-unsafe-assignment': 'off', '@typescript-eslint/no-unsafe-member-access': 'off', '@typescript-eslint/no-non-null-assertion': 'off' } },
  { files: ['**/*.mjs'], ...tseslint.configs.disableTypeChecked },
)
