// The kinds of YAML files that a site edits: the schema of each, the files there are, and how the program reads one.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import Ajv from 'ajv';
import { parse } from 'yaml';

export const root = resolve(fileURLToPath(new URL('.', import.meta.url)), '../../..');
const config = join(root, 'config');
const schemas = join(config, 'schemas');
const whole = join(root, 'tests/interop/schemas/whole');
// A configuration of another dataset.
const hip = join(root, 'tests/data/hip-replacement/config');

const yamlIn = (folder) =>
    existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.yaml')).sort().map((name) => join(folder, name)) : [];

// Folders of golden cases, those of other datasets in tests/ among them.
function caseFiles(folder) {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
        if (!entry.isDirectory()) return entry.name === 'case.yaml' ? [join(folder, entry.name)] : [];
        return ['messages', 'expected', 'node_modules'].includes(entry.name) ? [] : caseFiles(join(folder, entry.name));
    });
}

// What becomes of a file: `place` is where it stands in a configuration folder, `command` what reads it from there.
// `choosing` keys decide what a map is: the program looks for each of them, the schema takes one at a time. `named` maps
// have keys that are named elsewhere in the file: the program takes those and refuses others; a schema cannot know them, and
// must take any. `others` are files of other folders, which are only held against the schema.
export const kinds = [
    { name: 'gateway', files: [join(config, 'gateway.yaml')], place: () => 'gateway.yaml', command: 'check', choosing: ['protocol'] },
    { name: 'registry', files: [join(config, 'registry.yaml')], place: () => 'registry.yaml', command: 'registry' },
    {
        name: 'dataset', files: yamlIn(join(config, 'datasets')), place: (file) => join('datasets', basename(file)), command: 'check',
        choosing: ['block', 'opioid', 'response', 'conditions', 'item'], named: [/^\/efficacy\/\d+\/meanings$/],
        others: yamlIn(join(hip, 'datasets')),
    },
    {
        name: 'feed', files: yamlIn(join(config, 'feed')), place: (file) => join('feed', basename(file)), command: 'check',
        others: yamlIn(join(hip, 'feed')),
    },
    {
        name: 'source', files: yamlIn(join(config, 'sources')), place: (file) => join('sources', basename(file)), command: 'check',
        others: yamlIn(join(hip, 'sources')),
    },
    {
        name: 'terminology', files: [join(config, 'terminology/terminology.yaml')], place: () => 'terminology/terminology.yaml', command: 'check',
        others: [join(hip, 'terminology/terminology.yaml')],
    },
    { name: 'golden-case', files: caseFiles(join(root, 'tests')), place: () => 'case/case.yaml', command: 'test' },
];
for (const kind of kinds) {
    // A file in which every key stands that those that ship leave out.
    const extra = join(whole, `${kind.name}.yaml`);
    kind.whole = existsSync(extra) ? extra : undefined;
}

export const shown = (file) => relative(root, file);
export const schemaFile = (kind) => join(schemas, `${kind.name}.schema.json`);
export const readSchema = (kind) => JSON.parse(readFileSync(schemaFile(kind), 'utf8'));
// YAML 1.2, as the program reads it: no aliases, each key once.
export const readYaml = (file) => parse(readFileSync(file, 'utf8'), { version: '1.2', uniqueKeys: true, maxAliasCount: 0 });

export function validators() {
    const ajv = new Ajv({ allErrors: true, strict: true, strictTypes: false, strictRequired: false });
    for (const name of readdirSync(schemas).filter((one) => one.endsWith('.schema.json')))
        ajv.addSchema(JSON.parse(readFileSync(join(schemas, name), 'utf8')), name);
    return Object.fromEntries(kinds.map((kind) => [kind.name, ajv.getSchema(`${kind.name}.schema.json`)]));
}

// A copy of the shipped configuration, in which one file after the other is replaced and read.
export class Reader {
    constructor(program) {
        this.program = program;
        this.folder = mkdtempSync(join(tmpdir(), 'auditgate-schemas-'));
        process.on('exit', () => rmSync(this.folder, { recursive: true, force: true }));
        cpSync(config, this.folder, { recursive: true });
        mkdirSync(join(this.folder, 'case'));
    }

    // The problems that the program has with `text` in the place of `file`: [{ line, text }].
    read(kind, file, text) {
        const place = join(this.folder, kind.place(file));
        const before = existsSync(place) ? readFileSync(place) : undefined;
        const gateway = join(this.folder, 'gateway.yaml');
        const gatewayBefore = readFileSync(gateway);
        writeFileSync(place, text);
        if (kind.command === 'check' && kind.name !== 'gateway') this.name(gateway, kind.place(file));
        const command = {
            check: ['check', gateway],
            registry: ['registry', '--config', place],
            test: ['test', '--config', this.folder, join(this.folder, 'case')],
        }[kind.command];
        const run = spawnSync(this.program, command, { encoding: 'utf8', timeout: 60_000, maxBuffer: 1 << 26 });
        writeFileSync(gateway, gatewayBefore);
        if (before !== undefined) writeFileSync(place, before);
        if (run.error) throw run.error;
        const problems = [];
        for (const line of `${run.stdout}\n${run.stderr}`.split('\n')) {
            const told = /^\s*(\/.*?):(\d+):\d+: (.*)$/.exec(line);
            if (told && told[1] === place) problems.push({ line: Number(told[2]), text: told[3] });
        }
        return problems;
    }

    // A gateway.yaml that uses the file, whichever of its kind the shipped one uses.
    name(gateway, place) {
        const [folder] = place.split('/');
        const settings = parse(readFileSync(gateway, 'utf8'));
        if (folder === 'datasets') settings.mapping.datasets = [place];
        if (folder === 'feed') settings.mapping.feeds = [place];
        if (folder === 'sources') settings.sources[0].profile = place;
        writeFileSync(gateway, JSON.stringify(settings, null, 1));
    }
}
