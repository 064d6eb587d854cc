// Every YAML file that ships, against the schema that its own first lines name.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { kinds, readYaml, schemaFile, shown, validators } from './kinds.mjs';

// Problems of one file in words.
function problemsOf(kind, validate, file) {
    const problems = [];
    if (kind.name !== 'golden-case') {
        // Without its line an editor knows of no schema; cases are found by the pattern in docs/dataset-files.md.
        const named = /^# yaml-language-server: \$schema=(\S+)$/m.exec(readFileSync(file, 'utf8').split('\n').slice(0, 5).join('\n'));
        const expected = schemaFile(kind);
        if (!named || resolve(dirname(file), named[1]) !== expected)
            problems.push(`no line "# yaml-language-server: $schema=..." that leads to ${shown(expected)}`);
    }
    if (!validate(readYaml(file)))
        for (const error of validate.errors)
            problems.push(`${error.instancePath || 'the file'} ${error.message} ${JSON.stringify(error.params)}`);
    return problems;
}

let passed = 0;
let failed = 0;
const by = validators();
for (const kind of kinds) {
    if (!existsSync(schemaFile(kind))) throw new Error(`no ${schemaFile(kind)}`);
    let good = 0;
    const files = [...kind.files, ...(kind.others ?? [])];
    for (const file of files) {
        const problems = problemsOf(kind, by[kind.name], file);
        if (problems.length === 0) good += 1;
        else console.log(`  ${shown(file)}\n${problems.map((one) => `    ${one}`).join('\n')}`);
    }
    console.log(`  ${kind.name}: ${good} of ${files.length} file(s) as their schema says`);
    passed += good;
    failed += files.length - good;
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
