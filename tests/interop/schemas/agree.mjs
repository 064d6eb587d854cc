// Holds the schemas against the program: what one refuses, the other must refuse. Every document is changed in ways that
// a hand could slip, given to both, and each difference is told with its key:
//
//   keys      in every map, each key that the schema knows anywhere: taken or not (the program lists the keys that a map
//             can have when it meets one that it does not know)
//   needed    every key left out
//   values    every value replaced by one of another type, range or word
//
//   node agree.mjs PROGRAM
import { kinds, Reader, readSchema, readYaml, shown, validators } from './kinds.mjs';

// As a key this is nearer to no real one than to nothing, so that the program lists what it knows.
const probe = (number) => `00000000000000-${number}`;
const probePattern = /^unknown key `00000000000000-(\d+)` in .*?(?:; it can have (.*))?$/;
// Words by which the program refuses the form of a value; a schema can and must do it, too.
const refusesForm = /must be (one of|a whole number|a number|true or false|a text|a length of time|a size|a map)/;

// Whether the program says that a map needs a key.
const tellsNeed = (text, key) => text.includes(`needs \`${key}\``) || text.includes(`needs a \`${key}\``) || text.startsWith(`\`${key}\` is needed`);

const isMap = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);
const escaped = (key) => String(key).replaceAll('~', '~0').replaceAll('/', '~1');
const copy = (value) => structuredClone(value);

// Every value of a document with its JSON pointer, parents first.
function* values(value, pointer = '') {
    yield [pointer, value];
    if (value !== null && typeof value === 'object')
        for (const [key, child] of Object.entries(value)) yield* values(child, `${pointer}/${escaped(key)}`);
}

// JSON text (which is YAML) with a line for each value, and the first and last line of each pointer.
function written(document) {
    const lines = [];
    const at = new Map();
    const until = new Map();
    const write = (value, pointer, before, after) => {
        at.set(pointer, lines.length + 1);
        if (value === null || typeof value !== 'object' || Object.keys(value).length === 0) {
            lines.push(before + JSON.stringify(value) + after);
            until.set(pointer, lines.length);
            return;
        }
        const list = Array.isArray(value);
        lines.push(before + (list ? '[' : '{'));
        const entries = Object.entries(value);
        entries.forEach(([key, child], index) => {
            const comma = index < entries.length - 1 ? ',' : '';
            write(child, `${pointer}/${escaped(key)}`, list ? '' : `${JSON.stringify(key)}: `, comma);
        });
        lines.push((list ? ']' : '}') + after);
        until.set(pointer, lines.length);
    };
    write(document, '', '', '');
    return { text: `${lines.join('\n')}\n`, line: (pointer) => at.get(pointer), last: (pointer) => until.get(pointer) };
}

// Names of all keys that a schema describes.
function schemaKeys(schema, found = new Set()) {
    if (schema === null || typeof schema !== 'object') return found;
    if (isMap(schema.properties)) Object.keys(schema.properties).forEach((key) => found.add(key));
    Object.values(schema).forEach((child) => schemaKeys(child, found));
    return found;
}

class Agreement {
    constructor(kind, file, validate, reader) {
        Object.assign(this, { kind, file, validate, reader });
        this.document = readYaml(file);
        this.maps = [...values(this.document)].filter(([, value]) => isMap(value)).map(([pointer]) => pointer);
        this.differences = new Set();
        this.compared = 0;
    }

    // Whether the keys of the map are named elsewhere in the file.
    isNamed(pointer) {
        return (this.kind.named ?? []).some((pattern) => pattern.test(pointer));
    }

    differ(pointer, text) {
        // One line for all places alike.
        this.differences.add(`${this.kind.name}.schema.json: ${pointer.replace(/\/\d+(?=\/|$)/g, '[]') || 'the file'}: ${text}`);
    }

    schemaErrors(document) {
        return this.validate(document) ? [] : copy(this.validate.errors);
    }

    programProblems(document) {
        const { text, line, last } = written(document);
        return { problems: this.reader.read(this.kind, this.file, text), line, last };
    }

    // Changes the document at places; nothing when there was nothing to change.
    changed(change) {
        const document = copy(this.document);
        const places = [];
        for (const [pointer, value] of values(copy(document))) {
            if (!isMap(value)) continue;
            const target = pointer.split('/').slice(1).reduce((at, key) => at?.[key.replaceAll('~1', '/').replaceAll('~0', '~')], document);
            if (isMap(target) && change(target, pointer)) places.push(pointer);
        }
        return places.length === 0 ? undefined : { document, places };
    }

    // The keys that the program knows in each map; none for a map whose keys are names of the site's own.
    programKeys() {
        const { document } = this.changed((map, pointer) => { map[probe(this.maps.indexOf(pointer))] = null; return true; });
        const { problems } = this.programProblems(document);
        const known = new Map();
        for (const { line, text } of problems) {
            const told = probePattern.exec(text);
            if (told) known.set(this.maps[Number(told[1])], new Set([...(told[2] ?? '').matchAll(/`([^`]+)`/g)].map((one) => one[1])));
            else if (/^unknown key/.test(text)) this.differ('', `line ${line} of the document: ${text}`);
        }
        return known;
    }

    // Whether the schema takes `key` in each map that does not have it: yes, no, or `partly` (only beside another key).
    schemaTakes(key) {
        // A key that chooses what its map is would change what is expected below: in one map at a time.
        if (this.kind.choosing?.includes(key))
            return new Map(this.maps.flatMap((only) => [...this.schemaTakesIn(key, (pointer) => pointer === only)]));
        return this.schemaTakesIn(key, () => true);
    }

    schemaTakesIn(key, where) {
        const { document, places } = this.changed((map, pointer) => {
            if (key in map || !where(pointer)) return false;
            map[key] = null;
            return true;
        }) ?? { places: [] };
        const takes = new Map(places.map((pointer) => [pointer, 'yes']));
        if (places.length === 0) return takes;
        for (const error of this.schemaErrors(document)) {
            const inside = error.keyword === 'false schema' ? error.instancePath.replace(/\/[^/]*$/, '') : error.instancePath;
            if (!takes.has(inside)) continue;
            const about = ['additionalProperties', 'propertyNames', 'false schema', 'not', 'dependencies', 'enum'].includes(error.keyword);
            if (!about || (error.params.additionalProperty ?? key) !== key || (error.params.propertyName ?? key) !== key) continue;
            if (error.keyword === 'dependencies') { if (takes.get(inside) === 'yes') takes.set(inside, 'partly'); }
            else takes.set(inside, 'no');
        }
        return takes;
    }

    compareKeys(allKeys) {
        const known = this.programKeys();
        const free = this.schemaTakes(probe('free'));
        for (const pointer of this.maps.filter((one) => this.isNamed(one))) {
            if (!known.has(pointer)) this.differ(pointer, 'the program takes any key here, where keys are named elsewhere in the file');
            if (free.get(pointer) !== 'yes') this.differ(pointer, 'the schema refuses keys that are named elsewhere in the file');
            known.delete(pointer);
        }
        for (const pointer of this.maps.filter((one) => !this.isNamed(one)))
            if (free.get(pointer) !== (known.has(pointer) ? 'no' : 'yes'))
                this.differ(pointer, `the program ${known.has(pointer) ? 'refuses' : 'takes'} any key here, the schema does not`);
        const candidates = new Set([...allKeys, ...[...known.values()].flatMap((keys) => [...keys])]);
        for (const key of candidates) {
            for (const [pointer, takes] of this.schemaTakes(key)) {
                const keys = known.get(pointer);
                if (!keys) continue;
                this.compared += 1;
                if (keys.has(key) && takes === 'no' && !this.kind.choosing?.includes(key)) this.differ(pointer, `the program reads the key \`${key}\`, the schema does not know it`);
                if (!keys.has(key) && takes === 'yes') this.differ(pointer, `the schema has the key \`${key}\`, which the program does not read`);
            }
        }
        return candidates;
    }

    compareNeeded(key) {
        const change = this.changed((map, pointer) => {
            if (!(key in map) || this.isNamed(pointer)) return false;
            delete map[key];
            return true;
        });
        if (!change) return;
        const refused = new Set(this.schemaErrors(change.document)
            .filter((error) => error.params.missingProperty === key).map((error) => error.instancePath));
        const { problems, line, last } = this.programProblems(change.document);
        for (const pointer of change.places) {
            const inside = problems.filter((one) => one.line >= line(pointer) && one.line <= last(pointer));
            const needed = inside.some((one) => one.line === line(pointer) && tellsNeed(one.text, key));
            this.compared += 1;
            if (refused.has(pointer) && inside.length === 0) this.differ(pointer, `the schema needs \`${key}\`, the program does not`);
            if (!refused.has(pointer) && needed) this.differ(pointer, `the program needs \`${key}\`, the schema does not`);
        }
    }

    compareValues(key, replacement) {
        const change = this.changed((map) => {
            if (!(key in map) || isMap(map[key]) || (Array.isArray(map[key]) && map[key].some((one) => typeof one === 'object'))) return false;
            if (JSON.stringify(map[key]) === JSON.stringify(replacement)) return false;
            map[key] = replacement;
            return true;
        });
        if (!change) return;
        const refused = this.schemaErrors(change.document);
        const { problems, line } = this.programProblems(change.document);
        for (const pointer of change.places) {
            const value = `${pointer}/${escaped(key)}`;
            if (line(value) === undefined) continue;
            const errors = refused.filter((error) => error.instancePath === value);
            const bySchema = errors.length > 0;
            const byProgram = problems.filter((one) => one.line === line(value));
            const shownValue = JSON.stringify(replacement);
            this.compared += 1;
            if (bySchema && byProgram.length === 0) this.differ(pointer, `the schema refuses \`${key}: ${shownValue}\`, the program does not`);
            if (!bySchema && byProgram.some((one) => refusesForm.test(one.text)))
                this.differ(pointer, `the program refuses \`${key}: ${shownValue}\` (${byProgram[0].text}), the schema does not`);
            if (byProgram.length > 0) this.compareLimits(pointer, key, errors, byProgram[0].text);
        }
    }

    // The words and limits by which both refuse a value.
    compareLimits(pointer, key, errors, text) {
        const allowed = errors.find((error) => error.keyword === 'enum')?.params.allowedValues;
        const words = /must be one of ((?:`[^`]+`(?:, )?)+)/.exec(text)?.[1].match(/[^`]+(?=`(?:, |$))/g);
        if (allowed && words && [...new Set(allowed.map(String))].sort().join() !== [...words].sort().join())
            this.differ(pointer, `\`${key}\` can be ${words.join(', ')} for the program, ${allowed.join(', ')} for the schema`);
        const [, least, most] = /must be a whole number from (-?\d+) to (-?\d+)/.exec(text) ?? [];
        const limit = { minimum: least, maximum: most };
        for (const error of errors)
            if (least !== undefined && error.keyword in limit && Number(limit[error.keyword]) !== error.params.limit)
                this.differ(pointer, `the ${error.keyword} of \`${key}\` is ${limit[error.keyword]} for the program, ${error.params.limit} for the schema`);
    }

    run(allKeys) {
        for (const error of this.schemaErrors(this.document)) this.differ(error.instancePath, error.message);
        const candidates = this.compareKeys(allKeys);
        for (const key of candidates) {
            this.compareNeeded(key);
            for (const replacement of ['zz-no-such-word', -99999999, 99999999, {}]) this.compareValues(key, replacement);
        }
    }
}

const reader = new Reader(process.argv[2]);
const by = validators();
let passed = 0;
let failed = 0;
for (const kind of kinds) {
    const keys = schemaKeys(readSchema(kind));
    const files = [...(kind.name === 'golden-case' ? [] : kind.files), ...(kind.whole ? [kind.whole] : [])];
    const differences = new Set();
    const used = new Set();
    let compared = 0;
    for (const file of files) {
        const agreement = new Agreement(kind, file, by[kind.name], reader);
        agreement.run(keys);
        agreement.differences.forEach((one) => differences.add(one));
        for (const [, value] of values(agreement.document)) if (isMap(value)) Object.keys(value).forEach((key) => used.add(key));
        compared += agreement.compared;
    }
    // A key that no document has would hide what stands inside it.
    for (const key of keys)
        if (!used.has(key)) differences.add(`${kind.name}.schema.json: no document uses the key \`${key}\`: add it to ${shown(`${import.meta.dirname}/whole/${kind.name}.yaml`)}`);
    console.log(`  ${kind.name}: schema and program compared at ${compared} places of ${files.length} file(s), ${differences.size} difference(s)`);
    for (const one of differences) console.log(`    ${one}`);
    if (differences.size === 0) passed += 1;
    else failed += 1;
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
